"""Each page, run as Streamlit runs it: with real checkpoints, with and without the data set."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from grid_helpers import mostly_slow
from page_helpers import clean, figures
from streamlit.testing.v1 import AppTest

from app.inference import models
from ibinn_core.checkpoint import folders

ROOT = Path(__file__).resolve().parents[3]

PAGES = ("start", "results", "explore", "test_image")


def test_pages_get_models_without_gradients():
    assert not any(p.requires_grad for p in models.current().load("gamma-1").parameters())


@pytest.fixture
def damaged(show_checkpoints, tmp_path, no_data):
    """A checkpoint folder with one good and three bad ones."""
    good = folders()[0] / "gamma-1"
    folder = tmp_path / "checkpoints"
    for name in ("good", "newer", "truncated-card", "no-weights"):
        shutil.copytree(good, folder / name)
    config = json.loads((folder / "newer" / "config.json").read_text())
    (folder / "newer" / "config.json").write_text(json.dumps({**config, "format": 99}))
    card = (folder / "truncated-card" / "card.json").read_text()
    (folder / "truncated-card" / "card.json").write_text(card[: len(card) // 2])
    (folder / "no-weights" / "weights.safetensors").unlink()
    show_checkpoints(folder)


def test_damaged_checkpoints_are_named_and_the_rest_works(damaged):
    page = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=300).run()
    assert len(page.exception) == 0
    warnings = [w.value for w in page.warning]
    assert len(warnings) == 3
    for name in ("newer", "truncated-card", "no-weights"):
        assert sum(f"'{name}'" in w for w in warnings) == 1
    assert figures(page)


def test_no_checkpoint_at_all_says_what_to_do(open_page, show_checkpoints, tmp_path, no_data):
    show_checkpoints(tmp_path / "nowhere")
    page = open_page("explore")
    assert len(page.exception) == 0
    assert "clone the whole repository" in page.error[0].value


@pytest.mark.slow
def test_pages_need_no_torch_where_processes_compute_and_results_need_none_at_all(tmp_path):
    code = """
import sys
from streamlit.testing.v1 import AppTest
for path in ("main.py", *["views/results.py"] * 4):
    page = AppTest.from_file(f"app/{path}", default_timeout=300)
    page.query_params["tab"] = ("trade-off", "tables", "calibration", "disagreement")[len(sys.argv) % 4]
    sys.argv.append("")
    assert not page.run().exception
print({"torch", "sklearn", "umap", "numba"} & {*sys.modules})
"""
    environment = {**os.environ, "IBINN_DATA": str(tmp_path), "IBINN_PROCESSES": "", "PYTHONPATH": str(ROOT)}
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert found.stdout.strip() == "set()", found.stderr


@pytest.mark.parametrize("name", mostly_slow(PAGES, "explore"))
def test_looking_at_a_page_does_not_change_the_model(open_page, no_data, compute_anew, name):
    model = models.current().load("gamma-1")
    before = {key: value.clone() for key, value in model.state_dict().items()}
    clean(open_page(name, model="gamma-1", models="gamma-1"))
    assert models.current().load("gamma-1") is model  # cached across sessions
    assert all((before[key] == value).all() for key, value in model.state_dict().items())
    assert not model.training
