"""Without an optional package: one sentence where it is missing, and everything else works."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from shape_helpers import SMALL

import ibinn_core as ib
from ibinn_core.evaluation import latent_views
from ibinn_core.training import TrainingConfig
from ibinn_core.training.recipe import Member
from ibinn_core.training.train_family import train_family

ROOT = Path(__file__).resolve().parents[2]
UMAP = latent_views._umap  # during a test, another function is in its place
MEMBER = Member("one", TrainingConfig(architecture=SMALL))
USES = {
    "distributed": (lambda folder: train_family([MEMBER], folder, folder), r"distributed: .*\[train"),
    "umap": (lambda folder: UMAP(np.zeros((3, 2))), r"umap-learn: .*\[umap\]"),
    "torchvision": (lambda folder: ib.data.download("mnist", folder), r"torchvision: .*\[datasets\]"),
}


@pytest.mark.parametrize("package", USES)
def test_what_needs_a_package_says_so(package, tmp_path, monkeypatch):
    use, said = USES[package]
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ImportError, match=f"needs? the package {said}"):
        use(tmp_path)


NONE_OF_THEM = """
import sys
for name in "umap torchvision distributed foolbox onnx onnxscript onnxruntime".split():
    sys.modules[name] = None
import ibinn_core as ib
from ibinn_core import __main__
import ibinn_core.evaluation, ibinn_core.training.export, ibinn_core.onnx
model = ib.load("mnist-gamma-1")
print(tuple(model.decode(model.encode(model.sample([3]))).shape))
print(__main__.main(["manifest", "mnist-gamma-1"]))
"""


@pytest.mark.slow
def test_without_any_of_them_models_and_commands_work():
    ended = subprocess.run([sys.executable, "-c", NONE_OF_THEM], capture_output=True, text=True, cwd=ROOT)
    assert ended.returncode == 0, ended.stderr[-3000:]
    lines = ended.stdout.splitlines()
    assert lines[0] == "(1, 1, 28, 28)" and lines[-1] == "0"
