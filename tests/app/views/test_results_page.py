"""The page Results: its panels from cards alone, with tables, with baselines, and with files that are damaged."""

import json
import shutil

import numpy as np
import pytest
from checkpoint_helpers import edit_arrays
from page_helpers import PHOTOGRAPHS, ROOT, clean, figures, given_to, roc_curves, rows_of, text_of

import ibinn_core as ib
from app import panel
from app.inference.tables import read_results
from app.palette import ACCENT
from ibinn_core.checkpoint import folders
from ibinn_core.evaluation.results import paper
from ibinn_core.measures.calibration import reliability

PAGE = "results"
TABLE = ROOT / "docs" / "table1.json"


@pytest.fixture
def no_results(monkeypatch, tmp_path, no_data):
    monkeypatch.setenv("IBINN_RESULTS", str(tmp_path))


def html_of(page) -> str:
    return "".join(element.proto.body for element in page.get("html"))


def ring_of(figure) -> tuple[float, float]:
    (ring,) = [t for t in figure.data if t.marker.symbol == "circle-open" and t.marker.color == ACCENT]
    return ring.x[0], ring.y[0]


def place_of(figure, checkpoint) -> tuple[float, float]:
    return next(
        (x, y)
        for t in figure.data
        if t.customdata is not None
        for id, x, y in zip(t.customdata, t.x, t.y, strict=True)
        if id == checkpoint.id
    )


# --- the trade-off ------------------------------------------------------------------------------------------


def test_the_curve_has_every_measured_place_and_the_papers_models_stand_beside_it(open_page, no_results, exported):
    curve, table = ib.family("cifar10").curve, paper.TABLES["cifar10"]
    (figure,) = figures(clean(open_page(PAGE, paper="true")))
    (path,) = [t for t in figure.data if t.mode == "lines"]
    assert np.allclose(path.x, [p.bits_per_dim for p in curve]) and np.allclose(path.y, [p.error for p in curve])
    for checkpoint in (c for c in PHOTOGRAPHS if c.has_likelihood):
        bits, (x, error) = checkpoint.card["bits_per_dim"]["mean"], place_of(figure, checkpoint)
        assert error == checkpoint.card["error"] and (x == bits if bits < 6 else x < bits)  # far off, it is at the edge
    both = [row for row in table.rows.values() if None not in (row["error"], row["bits_per_dim.mean"])]
    marks = next(t for t in figure.data if t.customdata is None and "-open" in str(t.marker.symbol) and len(t.x) > 1)
    assert sorted(marks.y) == pytest.approx(sorted(row["error"] / 100 for row in both))
    errors = {row["id"]: float(row["error"]) for row in rows_of(exported, "trade-off") if row["id"]}
    assert errors == pytest.approx({c.id: c.card["error"] for c in PHOTOGRAPHS})


def test_a_click_chooses_the_model_for_all_pages_and_another_on_it_lifts_the_choice(open_page, no_data, monkeypatch):
    page = clean(open_page(PAGE, model="gamma-0.02"))
    assert ring_of(figures(page)[0]) == place_of(figures(page)[0], next(c for c in PHOTOGRAPHS if c.id == "gamma-0.02"))
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


# --- the tables ---------------------------------------------------------------------------------------------


def test_without_a_table_it_says_what_makes_one_and_a_damaged_one_is_one_sentence(open_page, no_results, tmp_path):
    page = clean(open_page(PAGE, tab="tables"))
    assert "`python -m ibinn_core table` measures" in text_of(page) and "<table>" not in html_of(page)
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


# --- calibration and detection ------------------------------------------------------------------------------


def test_calibration_and_detection_are_drawn_as_they_were_measured(open_page, no_data):
    chosen = {"left": "gamma-1", "right": "resnet"}
    page = clean(open_page(PAGE, tab="calibration", **chosen))
    for id, figure in zip(chosen.values(), figures(page), strict=True):
        latent = next(c for c in PHOTOGRAPHS if c.id == id).latent
        bins = reliability(latent["posterior"], latent["labels"])
        assert np.allclose(figure.data[-1].y, bins.observed[bins.count > 0])
    assert "γ = 1 was recalibrated after training." in text_of(page)
    left, right = figures(clean(open_page(PAGE, tab="detection", **chosen)))
    curves = json.loads(TABLE.with_name("curves.json").read_text())["models"]["gamma-1"]
    assert not roc_curves(right) and set(roc_curves(left)) == set(curves)
    assert all(np.allclose(one.y[1:], curves[name]) for name, one in roc_curves(left).items())


def test_without_a_table_detection_is_computed_from_the_sample_images(open_page, no_results):
    page = clean(open_page(PAGE, tab="detection", left="gamma-1", right="gamma-0.02"))
    assert "a few images" in text_of(page)
    assert [list(roc_curves(one)) for one in figures(page)] == 2 * [["rgb-rotation", "noise", "gaussian-noise"]]


# --- disagreement -------------------------------------------------------------------------------------------


def compared(first: str, second: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two models' answers on the test images, and the true classes."""
    one, other = (next(c for c in ib.checkpoints() if c.id == id).latent for id in (first, second))
    assert (one["hashes"] == other["hashes"]).all()
    return one["posterior"].argmax(1), other["posterior"].argmax(1), one["labels"]


def test_two_models_disagree_where_their_answers_differ(open_page, no_data, exported):
    page = clean(open_page(PAGE, tab="disagreement", left="gamma-1", right="resnet"))
    first, second, labels = compared("gamma-1", "resnet")
    heat, squares = figures(page)[0].data
    for i in range(10):
        for j in range(10):
            count = ((first == i) & (second == j)).sum()
            assert heat.z[i][j] == pytest.approx(0 if i == j else np.sqrt(count))
            assert squares.texttemplate[10 * i + j] == (f"{count:,}" if count else "")
    differ = first != second
    for number in (differ.sum(), (differ & (first == labels)).sum(), (differ & (second == labels)).sum()):
        assert f"{number:,}" in text_of(page)
    rows, classes = rows_of(exported, "disagreement"), PHOTOGRAPHS[0].classes
    assert [row["first_answer"] for row in rows] == [classes[k] for k in first]
    assert [row["second_answer"] for row in rows] == [classes[k] for k in second]


def test_models_of_different_test_images_cannot_be_compared(open_page, show_checkpoints, no_data, tmp_path):
    for name in ("gamma-1", "resnet"):
        shutil.copytree(folders()[0] / name, tmp_path / "models" / name)
    edit_arrays(lambda arrays: arrays.update(hashes=arrays["hashes"] + 1))(tmp_path / "models" / "resnet")
    show_checkpoints(tmp_path / "models")
    page = clean(open_page(PAGE, tab="disagreement", left="gamma-1", right="resnet"))
    assert "measured on different test images" in text_of(page) and not figures(page)


def test_a_square_has_its_images_and_an_image_says_what_each_model_makes_of_it(open_page, no_data):
    first, second, labels = compared("gamma-1", "resnet")
    page = clean(open_page(PAGE, tab="disagreement", left="gamma-1", right="resnet", answers="33"))
    both = ((first == 3) & (second == 3)).sum()
    tiles = given_to("tiles", page)
    assert tiles["heading"] == f"γ = 1: cat, ResNet: cat · {both:,} images"
    assert len(tiles["values"]) == len(tiles["titles"]) and tiles["chosen"] == ""
    page.session_state["judged"] = tiles["values"][0]
    clean(page.run())
    latent = next(c for c in ib.checkpoints() if c.id == "gamma-1").latent
    (row,) = np.flatnonzero(latent["hashes"] == int(tiles["values"][0], 16))
    assert first[row] == second[row] == 3 and f"cat {latent['posterior'][row].max():.0%}" in text_of(page)
    assert given_to("tiles", page)["chosen"] == page.query_params["judged"][0] or page.query_params["judged"]
