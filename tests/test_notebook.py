"""The page on one's own images, and the notebook that is made of it, work as they stand there."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from tools.notebook import cells, notebook

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "your-own-images.md"
#: What makes ten minutes of it, and what makes seconds.
LONG, SHORT = "COUNT, EPOCHS = 1000, 40", "COUNT, EPOCHS = 60, 1"


def test_the_notebook_has_the_words_and_the_code_of_the_page():
    made = json.loads(PAGE.with_suffix(".ipynb").read_text())
    assert PAGE.with_suffix(".ipynb").read_text() == notebook(PAGE.read_text()), "run tools/notebook.py on the page"
    assert made["nbformat"] == 4 and len({cell["id"] for cell in made["cells"]}) == len(made["cells"])
    assert {cell["cell_type"] for cell in made["cells"]} == {"markdown", "code"}


def test_a_page_is_parted_into_text_and_code():
    text = "# Title\n\n```python\na = 1\n\nb = 2\n```\n\nand\n\n```shell\nls\n```\n"
    assert cells(text) == [
        ("markdown", "# Title"),
        ("code", "a = 1\n\nb = 2"),
        ("markdown", "and\n\n```shell\nls\n```"),
    ]


@pytest.mark.slow
def test_its_cells_run_one_after_the_other(tmp_path, monkeypatch):
    made = json.loads(PAGE.with_suffix(".ipynb").read_text())
    code = ["".join(cell["source"]) for cell in made["cells"] if cell["cell_type"] == "code"]
    whole = "\n".join(code)
    place = 'WORK = ROOT / "runs" / "own-images"'
    assert whole.count(LONG) == whole.count(place) == 1
    monkeypatch.chdir(PAGE.parent)  # where Jupyter runs it
    monkeypatch.setattr(sys, "path", list(sys.path))
    names: dict = {"__name__": "__main__"}
    for number, cell in enumerate(code):
        short = cell.replace(LONG, SHORT).replace(place, f"WORK = Path({str(tmp_path)!r})")
        exec(compile(short, f"cell {number}", "exec"), names)
    assert names["checkpoint"].id == "shapes-gamma-0.2" and names["checkpoint"].classes == names["CLASSES"]
    assert len(names["images"]) == len(names["labels"]) == 36
    assert names["samples"].shape == (12, 16, 16, 1) and names["walk"].shape == (9, 16, 16, 1)
    np.testing.assert_array_equal(names["walk"][0], names["images"][names["circle"]])
    np.testing.assert_array_equal(names["walk"][-1], names["images"][names["triangle"]])
    assert names["posterior"].shape == (9, 3) and np.isfinite(names["bits"].numpy()).all()
    assert names["p_values"].shape == (5,) and ((names["p_values"] >= 0) & (names["p_values"] <= 1)).all()
