"""The page Table 1."""

import csv
import json
import re
from pathlib import Path

import pytest
from page_helpers import clean, text_of

from app.table1.html import GROUPS
from app.views.table1 import table_csv
from ibinn_core.evaluation.results.columns import COLUMNS
from ibinn_core.evaluation.results.paper import TABLES

PAGE = "table1"


def html_of(page) -> str:
    return "".join(element.proto.body for element in page.get("html"))


def test_it_shows_our_numbers_above_the_papers_a_part_at_a_time(open_page, family):
    for part, columns in GROUPS.items():
        page = clean(open_page(PAGE, columns=part))
        assert page.segmented_control(key="columns").value == part
        shown = html_of(page)
        assert (
            shown.count('<th scope="col">') == len([c for c in COLUMNS if c.key in columns]) + 1
        )  # and that of the models
        assert "<caption>" in shown and "What to look for" in text_of(page)
        counts = any(re.search(r"Overconfidence counts .*\d of \d+ \(γ = 1\)", c.value) for c in page.caption)
        assert counts == ("overconfidence" in columns)
        assert ("not on the machine: ImageNet" in text_of(page)) == (part != "Errors, likelihood, calibration")
    first = html_of(clean(open_page(PAGE)))
    model = next(c for c in family if c.id == "gamma-1")
    row = re.search(r"gamma-1</th><td>(.*?)</td>", first)
    assert row and f"<b>{100 * model.card['error']:.2f}</b>" in row[1] and "10.27" in row[1]


def test_nonsense_in_the_link_opens_the_first_part(open_page, family):
    page = clean(open_page(PAGE, columns="Nonsense"))
    assert page.segmented_control(key="columns").value == next(iter(GROUPS))


def test_without_a_table_it_says_what_makes_one(open_page, no_data, monkeypatch, tmp_path):
    monkeypatch.setenv("IBINN_RESULTS", str(tmp_path))
    page = clean(open_page(PAGE))
    assert "`python -m ibinn_core table` measures" in page.info[0].value
    assert not page.segmented_control and "<table>" not in html_of(page)


def test_a_damaged_table_is_one_sentence(open_page, no_data, monkeypatch, tmp_path):
    (tmp_path / "table1.json").write_text("{")
    monkeypatch.setenv("IBINN_RESULTS", str(tmp_path))
    assert f"table1.json in {tmp_path} cannot be read" in text_of(clean(open_page(PAGE)))


def test_without_any_checkpoint_it_says_what_to_do(open_page, show_checkpoints, tmp_path, no_data):
    show_checkpoints(tmp_path / "nowhere")
    page = open_page(PAGE)
    assert not page.exception and "clone the whole repository" in page.error[0].value


def test_the_export_has_every_cell(open_page, family, monkeypatch):
    from app.widgets import export_menu

    made = {}
    monkeypatch.setattr(export_menu, "offer", lambda name, **given: made.update({name: given}))
    clean(open_page(PAGE))
    rows = list(csv.DictReader(made["table-1"]["csv"]().decode().splitlines()))
    (error,) = [row for row in rows if (row["id"], row["column"]) == ("gamma-1", "error")]
    model = next(c for c in family if c.id == "gamma-1")
    assert float(error["here"]) == pytest.approx(100 * model.card["error"], abs=1e-4) and error["paper"] == "10.27"
    assert len({row["column"] for row in rows}) == len(COLUMNS)


def test_the_export_says_which_weights_are_not_in_the_repository():
    results = json.loads((Path(__file__).resolve().parents[3] / "docs" / "table2.json").read_text("utf-8"))
    results["rows"].append({**results["rows"][0], "id": None, "title": "of the paper alone"})
    rows = list(csv.DictReader(table_csv(results, TABLES["cifar100"]).decode().splitlines()))
    weights = {row["id"]: row["weights"] for row in rows}
    assert weights["cifar100-gamma-0.1"] == "repository" and weights["cifar100-i-revnet"] == "elsewhere"
    assert weights[""] == ""
