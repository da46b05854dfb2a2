"""The programs in the documentation run as they stand there, on paths and images of the test."""

import re
import runpy
from pathlib import Path

import numpy as np
import pytest
import small_digits
from checkpoint_helpers import fake_umap

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
    ten_lines, mixture = blocks("your-own-flow.md")
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


def test_likelihoods_moves_and_attacks():
    names: dict = {}
    for block in blocks("ib-inns.md"):
        exec(compile(block, "ib-inns.md", "exec"), names)
    model, z = names["model"], names["z"]
    assert (model.predict(names["trucks"]) == 9).all()
    assert (model.predict(names["brighter"]) == model.predict(model.decode(z))).all()
    assert names["found"].posterior.shape == (20, 10) and names["is_noticed"].shape == (20,)
