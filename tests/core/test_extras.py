"""Without an optional package: one sentence where it is missing. The tests of the wheel have none of them."""

import sys

import numpy as np
import pytest
from shape_helpers import SMALL

import ibinn_core as ib
from ibinn_core.evaluation.latent_views import _umap
from ibinn_core.training import TrainingConfig
from ibinn_core.training.family import train_family
from ibinn_core.training.recipe import Member

MEMBER = Member("one", TrainingConfig(architecture=SMALL))
USES = {
    "distributed": (lambda folder: train_family([MEMBER], folder, folder), r"distributed: .*\[train"),
    "umap": (lambda folder: _umap(np.zeros((3, 2))), r"umap-learn: .*\[umap\]"),
    "torchvision": (lambda folder: ib.data.download("mnist", folder), r"torchvision: .*\[datasets\]"),
}


@pytest.mark.parametrize("package", USES)
def test_what_needs_a_package_says_so(package, tmp_path, monkeypatch):
    use, said = USES[package]
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ImportError, match=f"needs? the package {said}"):
        use(tmp_path)
