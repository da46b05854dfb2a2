"""The programs and notebooks of the documentation and of examples/ run as written."""

import json
import re
import runpy
import sys
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest
import small_digits
import torch
from checkpoint_helpers import fake_umap

import ibinn_core as ib
from ibinn_core.evaluation import latent_views
from ibinn_core.models import flow_registry
from tools.notebook import notebook

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "your-own-images.md"
LIBRARY = ROOT / "docs" / "library.md"
FIGURES = ROOT / "examples" / "paper_figures.md"
#: The settings of the page, which take ten minutes, and settings for the test, which take seconds.
LONG, SHORT = "COUNT, EPOCHS = 1000, 40", "COUNT, EPOCHS = 60, 1"


def code_of(page: Path) -> list[str]:
    """The code of the cells of a page's notebook."""
    made = json.loads(page.with_suffix(".ipynb").read_text("utf-8"))
    return ["".join(cell["source"]) for cell in made["cells"] if cell["cell_type"] == "code"]


@pytest.mark.parametrize("page", [PAGE, LIBRARY, FIGURES], ids=lambda page: page.stem)
def test_the_notebook_has_the_words_and_the_code_of_the_page(page):
    text = page.with_suffix(".ipynb").read_text("utf-8")
    made = json.loads(text)
    assert text == notebook(page.read_text("utf-8")), "run tools/notebook.py on the page"
    assert made["nbformat"] == 4 and len({cell["id"] for cell in made["cells"]}) == len(made["cells"])
    assert {cell["cell_type"] for cell in made["cells"]} == {"markdown", "code"}


@pytest.mark.slow
def test_its_cells_run_one_after_the_other(tmp_path, monkeypatch):
    code = code_of(PAGE)
    whole = "\n".join(code)
    place = 'WORK = ROOT / "runs" / "own-images"'
    assert whole.count(LONG) == whole.count(place) == 1
    monkeypatch.chdir(PAGE.parent)  # the folder in which Jupyter runs the notebook
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


@pytest.fixture
def nobody_else_registers(monkeypatch):
    monkeypatch.setattr(flow_registry, "_builders", {})


@pytest.mark.slow
def test_ten_tasks_of_a_researcher(run, tmp_path, nobody_else_registers, capsys):
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
    # The figures show what the paper says about them.
    fig4, fig9 = names["fig4"], names["fig9"]
    least = {trace.name: min(trace.y) for trace in fig4.data}
    assert (
        least["gamma-1"] < least["gamma-0.2"] < least["gamma-0.02"] < 0
    )  # what it costs if all class means become equal
    assert np.stack(names["rows"]).shape[:2] == (4, 9) and len(fig9.layout.yaxis.ticktext) == 4
    assert names["bits"].max() > names["usual"]


def blocks(page: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", (ROOT / "docs" / page).read_text("utf-8"), re.S)


@pytest.mark.slow
def test_a_flow_of_ones_own_in_ten_lines_and_its_mixture(tmp_path, monkeypatch, capsys, nobody_else_registers):
    monkeypatch.setattr(latent_views, "_umap", fake_umap)
    ten_lines, mixture = blocks("your-own-flow.md")
    images = small_digits.write(tmp_path).rename(tmp_path / "my-images")
    # A reader replaces these paths. Each path must be in the program.
    for said, place in (("path/to/my-images", images), ("runs/mine/checkpoints", tmp_path / "checkpoints")):
        assert said in ten_lines
        ten_lines = ten_lines.replace(said, place.as_posix())
    program = tmp_path / "my_flow.py"
    program.write_text(ten_lines, "utf-8")
    names = runpy.run_path(str(program), run_name="__main__")
    model = ib.load(str(tmp_path / "checkpoints" / "my-images-nsf"))
    x = ib.to_unit(names["data"].test[0][:5])
    assert model.decode(model.encode(x)).sub(x).abs().max() < 1e-3
    capsys.readouterr()
    exec(compile(mixture, "the mixture", "exec"), names)
    averages, fitted = (np.array(line.split(), float) for line in capsys.readouterr().out.splitlines())
    assert (fitted <= averages).all() and (fitted < averages).any()


@pytest.mark.slow
def test_likelihoods_moves_and_attacks():
    names: dict = {}
    for block in blocks("ib-inns.md"):
        exec(compile(block, "ib-inns.md", "exec"), names)
    model, z = names["model"], names["z"]
    assert (model.predict(names["trucks"]) == 9).all()
    assert (model.predict(names["brighter"]) == model.predict(model.decode(z))).all()
    assert names["found"].posterior.shape == (20, 10) and names["is_noticed"].shape == (20,)
