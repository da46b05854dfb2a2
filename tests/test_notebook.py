"""The tutorial on your own images, the pages in examples/ and their notebooks run as written."""

import json
import sys
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest
import torch

import ibinn_core as ib
from ibinn_core.models import flow_registry
from tools.notebook import cells, notebook

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "your-own-images.md"
LIBRARY = ROOT / "docs" / "library.md"
FIGURES = ROOT / "examples" / "paper_figures.md"
#: What makes ten minutes of it, and what makes seconds.
LONG, SHORT = "COUNT, EPOCHS = 1000, 40", "COUNT, EPOCHS = 60, 1"


def code_of(page: Path) -> list[str]:
    """Of the cells of the notebook beside a page."""
    made = json.loads(page.with_suffix(".ipynb").read_text("utf-8"))
    return ["".join(cell["source"]) for cell in made["cells"] if cell["cell_type"] == "code"]


@pytest.mark.parametrize("page", [PAGE, LIBRARY, FIGURES], ids=lambda page: page.stem)
def test_the_notebook_has_the_words_and_the_code_of_the_page(page):
    text = page.with_suffix(".ipynb").read_text("utf-8")
    made = json.loads(text)
    assert text == notebook(page.read_text("utf-8")), "run tools/notebook.py on the page"
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
    code = code_of(PAGE)
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


@pytest.fixture
def run(monkeypatch):
    """Runs all cells of an example in Jupyter's folder; returns their variables and outputs."""

    def cells_of(page: Path, place: Path = ROOT / "examples") -> tuple[dict, list[go.Figure]]:
        shown: list[go.Figure] = []
        monkeypatch.chdir(place)
        monkeypatch.setattr(sys, "path", list(sys.path))
        monkeypatch.setattr(go.Figure, "show", lambda figure, *_, **__: shown.append(figure))
        names: dict = {"__name__": "__main__"}
        for number, cell in enumerate(code_of(page)):
            exec(compile(cell, f"{page.stem}, cell {number}", "exec"), names)
        return names, shown

    return cells_of


@pytest.mark.slow
def test_ten_tasks_of_a_researcher(run, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(flow_registry, "_builders", {})
    names, _ = run(LIBRARY, tmp_path)
    assert "gamma-1" in capsys.readouterr().out
    model, z, truth = names["model"], names["z"], names["truth"]
    np.testing.assert_array_equal(names["walk"][[0, -1]], names["images"][[0, 7]])
    assert names["pixels"].shape == (3, 32, 32, 3) and (model.predict(names["drawn"]) == torch.tensor([3, 3, 7])).all()
    assert (model.predict(names["ships"]) == 8).all()
    assert names["brighter"].mean() > model.decode(z).mean() + 0.1
    assert (model.predict(names["attacked"]) == truth).sum() < 5 < (model.predict(names["x"]) == truth).sum()
    assert names["p_values"].shape == (20,)
    digits = names["mine"].preprocess(names["digits"])
    torch.testing.assert_close(ib.load("runs/digits-spline").posterior(digits), names["mine"].posterior(digits))
    torch.testing.assert_close(names["fast"](names["x"]), model.posterior(names["x"]), rtol=0, atol=1e-4)
    assert {"encode.onnx", "decode.onnx"} <= {file.name for file in names["folder"].iterdir()}
    np.testing.assert_allclose(names["widget"].latent[0], z[7], atol=1e-4)


@pytest.mark.slow
def test_every_figure_of_the_paper_that_shows_a_measurement(run):
    names, shown = run(FIGURES)
    for number in (2, 4, 5, 6, 9, 12):
        figure = names[f"fig{number}"]
        assert isinstance(figure, go.Figure) and figure.data, number
        figure.to_json()
    assert all(any(figure is one for one in shown) for figure in (*names["fig7"], *names["fig14"].values()))
    # What the paper says of some of them.
    fig4, fig9 = names["fig4"], names["fig9"]
    least = {trace.name: min(trace.y) for trace in fig4.data}
    assert (
        least["gamma-1"] < least["gamma-0.2"] < least["gamma-0.02"] < 0
    )  # what it costs to let all means fall together
    assert np.stack(names["rows"]).shape[:2] == (4, 9) and len(fig9.layout.yaxis.ticktext) == 4
    assert names["bits"].max() > names["usual"]
