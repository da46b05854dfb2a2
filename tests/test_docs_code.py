"""The programs in the documentation run as they stand there, on paths and images of the test."""

import re
import runpy
from pathlib import Path

import numpy as np
import pytest
import small_digits
from checkpoint_helpers import fake_umap
from PIL import Image

import ibinn_core as ib
from ibinn_core.evaluation import latent_views
from ibinn_core.models import flow_registry as registry

pytestmark = pytest.mark.slow
DOCS = Path(__file__).resolve().parent.parent / "docs"


def blocks(page: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", (DOCS / page).read_text("utf-8"), re.S)


def with_paths(code: str, **places: Path) -> str:
    """The program with the paths that a reader would put in; each must be there."""
    said_of = {"images": "path/to/my-images", "out": "runs/mine/checkpoints"}
    for name, place in places.items():
        said = said_of[name]
        assert said in code
        code = code.replace(said, place.as_posix())
    return code


@pytest.fixture
def nobody_else_registers(monkeypatch):
    monkeypatch.setattr(registry, "_builders", {})


def test_a_flow_of_ones_own_in_ten_lines_and_its_mixture(tmp_path, monkeypatch, capsys, nobody_else_registers):
    monkeypatch.setattr(latent_views, "_umap", fake_umap)
    ten_lines, mixture, _ = blocks("your-own-flow.md")
    images = small_digits.write(tmp_path).rename(tmp_path / "my-images")
    program = tmp_path / "my_flow.py"
    program.write_text(with_paths(ten_lines, images=images, out=tmp_path / "checkpoints"), "utf-8")
    names = runpy.run_path(str(program), run_name="__main__")
    model = ib.load(str(tmp_path / "checkpoints" / "my-images-nsf"))
    x = ib.to_unit(names["data"].test[0][:5])
    assert model.decode(model.encode(x)).sub(x).abs().max() < 1e-3
    # The second program is that of an example, whose layer before the flow is the fitted one here too.
    monkeypatch.setenv(registry.FLOWS, str(DOCS.parent / "examples" / "zuko_flow.py"))
    capsys.readouterr()
    exec(compile(mixture, "the mixture", "exec"), names)
    averages, fitted = (np.array(line.split(), float) for line in capsys.readouterr().out.splitlines())
    assert (fitted <= averages).all() and (fitted < averages).any()


def test_whether_images_are_typical(tmp_path, monkeypatch, capsys):
    strange = tmp_path / "strange-images"
    strange.mkdir()
    noise = np.random.default_rng(0).integers(0, 256, (3, 28, 28), np.uint8)
    for number, one in enumerate(noise):
        Image.fromarray(one).save(strange / f"{number}.png")
    monkeypatch.chdir(tmp_path)
    names: dict = {"ib": ib, "np": np, "Path": Path}
    exec(compile(blocks("your-own-flow.md")[-1], "your-own-flow.md", "exec"), names)
    found = names["found"]
    assert not found.typical.any() and found.p_values.shape == (3,) and found.posterior.shape == (3, 10)
    assert "False" in capsys.readouterr().out


def test_the_widget_of_a_notebook():
    pytest.importorskip("anywidget")
    names: dict = {}
    (block,) = blocks("notebooks.md")
    exec(compile(block, "notebooks.md", "exec"), names)
    widget = names["widget"]
    widget.rows = [2, 3]
    widget.row, widget.gamma = 4, 0.2
    assert list(widget.rows) == [2, 3] and widget.row == 4 and len(widget.points) == len(names["images"])
    assert widget.model is not None and widget.latent.shape == (1, 3072) and widget.image.shape == (32, 32, 3)
