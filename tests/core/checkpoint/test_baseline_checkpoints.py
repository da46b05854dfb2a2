"""Checkpoints of models without a likelihood: exported, listed, loaded, measured and refused."""

import math
import shutil

import numpy as np
import pytest
import torch
from checkpoint_helpers import (
    SMALL,
    build_parts,
    edit_arrays,
    edit_json,
    fake_umap,
    refusal,
    small_data_set,
)
from shape_helpers import LEAST

import ibinn_core as ib
from ibinn_core import __main__
from ibinn_core import checkpoint as registry
from ibinn_core.checkpoint import CARD, CONFIG, LATENT, WEIGHTS, arrays
from ibinn_core.evaluation import latent_views
from ibinn_core.measures.calibration import calibration, top_label_error
from ibinn_core.models.classifier import GenerativeClassifier
from ibinn_core.models.kinds import KINDS
from ibinn_core.models.objectives import Objective
from ibinn_core.models.preprocessing import UNIFORM, add_noise
from ibinn_core.training import Trainer, TrainingConfig

TRAIN, TEST, HELD_OUT = 330, 90, 20
BASELINES = {
    "vib-1": ("vib", Objective("vib", 1.0)),
    "resnet": ("resnet", Objective("cross-entropy", None)),
    "i-revnet": ("i-revnet", Objective("cross-entropy", None)),
}
#: In the order of listing, which is neither that of the alphabet nor that of building.
MODELS = {"z-ib": ("ib-inn", Objective())} | BASELINES
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


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A tiny data set, trainings of two steps on it, and the checkpoints exported from them."""
    folder = tmp_path_factory.mktemp("baselines")
    models = BASELINES | {"fixed": ("ib-inn", Objective("class-nll-regularized", None))}
    with small_data_set(folder, TRAIN, TEST) as (images, labels):
        for name, (model, objective) in models.items():
            config = TrainingConfig(
                model=model, objective=objective, architecture=SMALL, batch_size=155, epochs=1, held_out=HELD_OUT
            )
            Trainer(config, images, labels, folder / name, precision="fp32").run()
            assert __main__.main(["export", str(folder / name), str(folder / "checkpoints" / name)]) == 0
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("name", BASELINES)
def test_card_and_latent_are_true_of_the_stored_weights(place, name):
    """Measured again from the loaded model, in the noise that an IB-INN is measured with."""
    entry = registry.read(place / "checkpoints" / name)
    with np.load(place / "cifar10.npz") as file:
        images, labels = file["x_test"], file["y_test"]
    model, generator = ib.load(entry), torch.Generator().manual_seed(entry.card["measured"]["noise_seed"])
    x = add_noise(ib.to_unit(images), UNIFORM, generator)
    posterior = model.posterior(x).numpy()
    np.testing.assert_array_equal(entry.latent["posterior"], posterior)
    np.testing.assert_array_equal(entry.latent["labels"], labels)
    np.testing.assert_array_equal(ib.data.locate(entry.latent["hashes"], images), np.arange(TEST))
    assert entry.card["error"] == (posterior.argmax(1) != labels).mean()
    assert entry.card["calibration_top_label"] == top_label_error(posterior, labels)
    assert entry.card["calibration_paper"]["ece"] == calibration(posterior, labels).expected
    if KINDS[entry.model].has_latents:
        z = model.encode(x).numpy()
        basis = arrays.view(entry.latent, "pca")
        coordinates = (z - basis.origin) @ basis.directions.T
        np.testing.assert_allclose(entry.latent["pca_coordinates"], coordinates, rtol=1e-2, atol=2e-2)
        assert model.empirical_class_means.shape == (10, z.shape[1]) and model.latent_spread > 0
        distances = np.linalg.norm(z[:, None] - z[None], axis=2) + np.diag(np.full(TEST, np.inf))
        assert (entry.latent["neighbors"][:, 0] == distances.argmin(1)).mean() > 0.95
    else:
        assert model.empirical_class_means is None and model.latent_spread is None
    if KINDS[entry.model].is_invertible:
        assert (model.decode(model.encode(x)) - x).abs().max() < 1e-4 > entry.card["reconstruction"]


@pytest.mark.slow
def test_class_nll_with_fixed_means_comes_through_with_its_hyper_sphere(place):
    fixed = ib.load(place / "checkpoints" / "fixed").alignment.means  # those that it was trained with
    torch.testing.assert_close(fixed.norm(dim=1), torch.full((10,), 5 / math.sqrt(2)), rtol=1e-5, atol=0)
    assert torch.equal(fixed, GenerativeClassifier(SMALL).class_means)


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
    ("resnet", training(model=["resnet"]), "model ['resnet'] should be a valid string"),
    ("resnet", training(model="vib"), "not 'cross-entropy'"),
    ("z-ib", training(model="i-revnet"), "not 'ib'"),
    ("resnet", training(objective={"kind": "cross-entropy", "gamma": 1.0}), "gamma belongs to"),
    ("vib-1", training(objective={"kind": "vib", "gamma": None}), "needs a gamma"),
    ("i-revnet", without("reconstruction"), "reconstruction is missing"),
    ("resnet", weights_of("vib-1"), "does not fit its config.json"),
    ("i-revnet", weights_of("z-ib"), "does not fit its config.json"),
    ("vib-1", weights_of("resnet"), "does not fit its config.json"),
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
