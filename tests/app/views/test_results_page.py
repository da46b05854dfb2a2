"""The page Results: its panels from cards alone, with tables, with baselines, and with files that are damaged."""

import json
import shutil

import pytest
from checkpoint_helpers import edit_arrays
from page_helpers import ROOT, alts, clean, figures, text_of

from app import panel
from app.inference.tables import read_results
from ibinn_core.checkpoint import folders

PAGE = "results"
TABLE = ROOT / "docs" / "table1.json"


@pytest.fixture
def no_results(monkeypatch, tmp_path, no_data):
    monkeypatch.setenv("IBINN_RESULTS", str(tmp_path))


def test_a_click_chooses_the_model_for_all_pages_and_another_on_it_lifts_the_choice(monkeypatch):
    session, given = {}, {}
    monkeypatch.setattr(panel.st, "session_state", session)
    monkeypatch.setattr(panel, "show_figure", lambda figure, key, **options: given.update(options))
    monkeypatch.setattr(panel, "staged", lambda figure: figure)
    panel._show_figure(panel.Plot("curve", None, "", picks="model"))  # type: ignore[arg-type]
    for picked, chosen in ((["gamma-1"], "gamma-1"), (["gamma-1"], ""), ([], "")):
        given["on_pick"](picked)
        assert session == {"model": chosen}


def test_a_damaged_curve_is_one_sentence(open_page, show_checkpoints, tmp_path, no_results):
    for name in ("gamma-0.02", "gamma-1"):
        (tmp_path / "models").mkdir(exist_ok=True)
        (tmp_path / "models" / name).symlink_to(folders()[0] / name)
    (tmp_path / "models" / "cifar10.curve.json").write_text("{")
    show_checkpoints(tmp_path / "models")
    page = clean(open_page(PAGE))
    assert len(figures(page)) == 1 and "damaged or of another version" in text_of(page)


def test_without_a_table_it_says_what_makes_one_and_a_damaged_one_is_one_sentence(open_page, no_results, tmp_path):
    page = clean(open_page(PAGE, tab="tables"))
    assert "`python -m ibinn_core table` measures" in text_of(page) and "Compare a column" not in text_of(page)
    assert not any("<table>" in one.proto.body for one in page.get("html"))
    (tmp_path / "table1.json").write_text("{")
    assert f"table1.json in {tmp_path} cannot be read" in text_of(clean(open_page(PAGE, tab="tables")))


def test_a_table_says_which_models_it_does_not_have(open_page, no_data, monkeypatch, tmp_path):
    table = json.loads(TABLE.read_text())
    table["rows"] = [row for row in table["rows"] if row["id"] != "gamma-0.02"]
    next(row for row in table["rows"] if row["id"] == "gamma-1")["cells"]["error"]["ours"] += 1
    (tmp_path / "table1.json").write_text(json.dumps(table))
    monkeypatch.setenv("IBINN_RESULTS", str(tmp_path))
    said = text_of(clean(open_page(PAGE, tab="tables")))
    assert "Not in the table yet: γ = 0.02." in said and "Weights changed after the table was measured: γ = 1." in said


@pytest.mark.parametrize("name", ["table1.json", "curves.json"])
@pytest.mark.parametrize("content", ["{", "[]", '{"rows": 7, "models": 3}', '{"columns": [], "rows": [{"id": 1}]}'])
def test_a_damaged_file_of_results_is_left_out(tmp_path, name, content):
    for file in ("table1.json", "curves.json"):
        (tmp_path / file).symlink_to(TABLE.with_name(file))
    (tmp_path / name).unlink()
    (tmp_path / name).write_text(content)
    found = read_results(tmp_path)
    assert name in found.problem and (found.table is None) == (name == "table1.json")


def test_without_a_table_detection_is_computed_from_the_sample_images(open_page, no_results):
    page = clean(open_page(PAGE, tab="detection", left="gamma-1", right="gamma-0.02"))
    assert "a few images" in text_of(page)
    for alt in alts(page):
        assert (
            all(name in alt for name in ("RGB rotation", "uniform noise", "Gaussian noise")) and "CIFAR-100" not in alt
        )


def test_models_of_different_test_images_cannot_be_compared(open_page, show_checkpoints, no_data, tmp_path):
    for name in ("gamma-1", "resnet"):
        shutil.copytree(folders()[0] / name, tmp_path / "models" / name)
    edit_arrays(lambda arrays: arrays.update(hashes=arrays["hashes"] + 1))(tmp_path / "models" / "resnet")
    show_checkpoints(tmp_path / "models")
    page = clean(open_page(PAGE, tab="disagreement", left="gamma-1", right="resnet"))
    assert "measured on different test images" in text_of(page) and not figures(page)
