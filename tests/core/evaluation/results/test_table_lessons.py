"""docs/models.md, as committed: its sentences on Tables 1 and 2 agree with the tables."""

import json
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[4] / "docs"


@pytest.mark.parametrize("title, table", [("CIFAR-10", "table1"), ("CIFAR-100", "table2")])
def test_there_are_five_lessons_and_every_number_in_them_is_one_of_the_table(title, table):
    rows = json.loads((DOCS / f"{table}.json").read_text("utf-8"))["rows"]
    page = (DOCS / "models.md").read_text("utf-8")
    (section,) = re.findall(rf"^## {title}: what to learn\n(.*?)^## ", page, re.M | re.S)
    items = re.findall(r"^\d+\. (.+(?:\n   .+)*)", section, re.M)
    assert len(items) == 5
    cells = [cell for row in rows for cell in row["cells"].values()]
    values = [cell.get(key) for cell in cells for key in ("ours", "paper", "paper_corrected")]
    known = {f"{value:.2f}" for value in values if value is not None}
    found = [number for item in items for number in re.findall(r"-?\d+\.\d\d\b", re.sub(r"γ = [\d.]+", "", item))]
    assert len(found) >= 5 and not set(found) - known
