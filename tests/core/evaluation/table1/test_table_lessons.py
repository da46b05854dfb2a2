"""docs/table1.md, as it is committed: what its sentences say is what its table says."""

import json
import re
from pathlib import Path

import pytest

from ibinn_core.evaluation.table1.markdown import read_lessons, render

DOCS = Path(__file__).resolve().parents[4] / "docs"


@pytest.fixture(scope="module")
def table() -> dict:
    return json.loads((DOCS / "table1.json").read_text())


def test_the_page_is_that_of_the_numbers(table):
    path = DOCS / "table1.md"
    assert path.read_text() == render(table, read_lessons(path))


def test_there_are_five_lessons_and_every_number_in_them_is_one_of_the_table(table):
    items = re.findall(r"^\d+\. (.+(?:\n   .+)*)", read_lessons(DOCS / "table1.md"), re.MULTILINE)
    assert len(items) == 5
    cells = [cell for row in table["rows"] for cell in row["cells"].values()]
    values = [cell.get(key) for cell in cells for key in ("ours", "paper", "paper_corrected")]
    known = {f"{value:.2f}" for value in values if value is not None}
    found = [number for item in items for number in re.findall(r"-?\d+\.\d\d\b", re.sub(r"γ = [\d.]+", "", item))]
    assert len(found) >= 5 and not set(found) - known
