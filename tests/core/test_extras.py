"""Without an optional package: one sentence where it is missing, and everything else works."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from checkpoint_helpers import one_sentence
from shape_helpers import SMALL

import ibinn_core as ib
from ibinn_core.evaluation import latent_views
from ibinn_core.training import TrainingConfig
from ibinn_core.training.family import train_family
from ibinn_core.training.recipe import Member

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def without(monkeypatch):
    return lambda name: monkeypatch.setitem(sys.modules, name, None)


def test_without_distributed_a_family_says_so(without, tmp_path):
    without("distributed")
    member = Member("one", TrainingConfig(architecture=SMALL))
    with pytest.raises(
        ImportError, match=r"a family needs the package distributed: pip install 'ibinn-explorer\[train"
    ):
        train_family([member], tmp_path, tmp_path)


def test_without_umap_the_views_of_latents_say_so(without):
    without("umap")
    with pytest.raises(ImportError, match=r"needs the package umap-learn: pip install 'ibinn-explorer\[umap\]'"):
        latent_views._umap(np.zeros((3, 2)))


def test_without_torchvision_data_sets_say_so(without, tmp_path):
    without("torchvision")
    with pytest.raises(ImportError) as caught:
        ib.data.download("mnist", tmp_path)
    one_sentence(caught.value, "need the package torchvision: pip install 'ibinn-explorer[datasets]'")


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
    ended = subprocess.run(
        [sys.executable, "-c", NONE_OF_THEM], capture_output=True, text=True, cwd=ROOT, env={**os.environ}
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    lines = ended.stdout.splitlines()
    assert lines[0] == "(1, 1, 28, 28)" and lines[-1] == "0"
