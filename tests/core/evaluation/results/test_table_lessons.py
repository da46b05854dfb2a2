"""docs/table1.md and docs/table2.md, as they are committed: what their sentences say is what the table says."""

import json
import re
from pathlib import Path

import pytest

from ibinn_core.evaluation.results.markdown import render

DOCS = Path(__file__).resolve().parents[4] / "docs"
PAGES = pytest.mark.parametrize("page", [DOCS / "table1.md", DOCS / "table2.md"], ids=lambda page: page.stem)


def table_of(page: Path) -> dict:
    return json.loads(page.with_suffix(".json").read_text())


@PAGES
def test_the_page_is_that_of_the_numbers(page):
    assert page.read_text() == render(table_of(page), page.read_text())


@PAGES
def test_there_are_five_lessons_and_every_number_in_them_is_one_of_the_table(page):
    table = table_of(page)
    items = re.findall(r"^\d+\. (.+(?:\n   .+)*)", page.read_text(), re.MULTILINE)
    assert len(items) == 5
    cells = [cell for row in table["rows"] for cell in row["cells"].values()]
    values = [cell.get(key) for cell in cells for key in ("ours", "paper", "paper_corrected")]
    known = {f"{value:.2f}" for value in values if value is not None}
    found = [number for item in items for number in re.findall(r"-?\d+\.\d\d\b", re.sub(r"γ = [\d.]+", "", item))]
    assert len(found) >= 5 and not set(found) - known
