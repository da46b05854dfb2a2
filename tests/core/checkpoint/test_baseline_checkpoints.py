"""Checkpoints of models without a likelihood: listed, loaded and refused."""

import shutil

import numpy as np
import pytest
import torch
from checkpoint_helpers import (
    build_parts,
    edit_arrays,
    edit_json,
    fake_umap,
    refusal,
)
from shape_helpers import LEAST

import ibinn_core as ib
from ibinn_core import checkpoint as registry
from ibinn_core.checkpoint import CARD, CONFIG, LATENT, WEIGHTS, arrays
from ibinn_core.evaluation import latent_views
from ibinn_core.models.classifier import GenerativeClassifier
from ibinn_core.models.kinds import KINDS
from ibinn_core.models.objectives import Objective

#: In the order of listing, which is neither that of the alphabet nor that of building.
MODELS = {
    "z-ib": ("ib-inn", Objective()),
    "vib-1": ("vib", Objective("vib", 1.0)),
    "resnet": ("resnet", Objective("cross-entropy", None)),
    "i-revnet": ("i-revnet", Objective("cross-entropy", None)),
}
ALL = {"error", "cross_entropy", "calibration_paper", "calibration_top_label", "confidence", "entropy"}
ALL |= {"overconfidence", "measured"}
OF_LIKELIHOOD = {"bits_per_dim", "separation", "latent_spread"}
MIXTURE = {"log_prob", "reference", "class_means", "means_coordinates", "means_origin", "means_directions"}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A small untrained checkpoint of each kind."""
    folder = tmp_path_factory.mktemp("kinds")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(latent_views, "_umap", fake_umap)
        for name, (kind, objective) in sorted(MODELS.items()):
            build_parts(kind, objective, LEAST, 60).save(folder / name)
    return folder


@pytest.fixture
def folder(built, tmp_path, monkeypatch):
    """A registry of them that a test may break."""
    shutil.copytree(built, tmp_path / "checkpoints")
    monkeypatch.setenv("IBINN_CHECKPOINTS", str(tmp_path / "checkpoints"))
    return tmp_path / "checkpoints"


def test_the_ib_family_is_listed_first_then_the_others(folder):
    found, refused = registry.scan(folder)
    assert not refused and [c.id for c in found] == list(MODELS)
    for checkpoint in found:
        kind, objective = MODELS[checkpoint.id]
        assert (checkpoint.model, checkpoint.objective, checkpoint.gamma) == (kind, objective.kind, objective.gamma)
        assert checkpoint.has_likelihood == (kind == "ib-inn")


def test_a_checkpoint_that_names_no_kind_is_an_ib_inn(folder):
    edit_json(folder / "z-ib" / CONFIG, lambda c: c["training"].pop("model"))
    assert registry.find("z-ib").model == "ib-inn" and isinstance(ib.load("z-ib"), GenerativeClassifier)


@pytest.mark.parametrize("name", MODELS)
def test_card_and_latent_have_what_the_kind_has_and_no_more(folder, name):
    entry = registry.find(name)
    can = KINDS[entry.model]
    expected = ALL | (OF_LIKELIHOOD if can.has_likelihood else set())
    assert entry.card.keys() == expected | ({"reconstruction"} if can.is_invertible else set())
    found = set(arrays.LATENT_ARRAYS) if can.has_latents else {"labels", "hashes", "posterior"}
    assert entry.latent.keys() == (found if can.has_likelihood else found - MIXTURE)


def training(**values):
    return lambda path: edit_json(path / CONFIG, lambda c: c["training"].update(values))


def without(name):
    return lambda path: edit_json(path / CARD, lambda c: c.pop(name))


def weights_of(other):
    def damage(path):
        shutil.copy(path.parent / other / WEIGHTS, path / WEIGHTS)
        registry.write_manifest(path)  # or the manifest alone would refuse them

    return damage


REFUSED = [
    ("resnet", training(model="vit"), "not 'vit'"),
    ("resnet", training(model="vib"), "not 'cross-entropy'"),
    ("z-ib", training(model="i-revnet"), "not 'ib'"),
    ("resnet", training(objective={"kind": "cross-entropy", "gamma": 1.0}), "gamma belongs to"),
    ("vib-1", training(objective={"kind": "vib", "gamma": None}), "needs a gamma"),
    ("i-revnet", without("reconstruction"), "reconstruction is missing"),
    ("resnet", weights_of("vib-1"), "does not fit its config.json"),
    ("vib-1", edit_arrays(lambda a: a.update(class_means=np.zeros((10, 9)))), "latent.npz is damaged"),
    ("vib-1", edit_arrays(lambda a: a.pop("pca_origin")), "lacks pca_origin"),
]


@pytest.mark.parametrize("name, damage, reason", REFUSED)
def test_a_bad_checkpoint_of_any_kind_is_refused_in_one_sentence(folder, name, damage, reason):
    damage(folder / name)
    refusal(lambda: ib.load(name), f"Checkpoint '{name}' is refused: ", reason)


def test_a_resnet_has_no_numbers_of_latents_and_needs_none(folder):
    edit_arrays(lambda a: a.update(log_prob=np.zeros(60, np.float32)))(folder / "resnet")
    refusal(lambda: registry.find("resnet").latent, "holds log_prob, which a ResNet does not have")
    (folder / "resnet" / LATENT).unlink()
    registry.write_manifest(folder / "resnet")
    assert ib.load("resnet").predict(torch.rand(2, 3, 8, 8)).shape == (2,)
