"""Checkpoints of models without a likelihood: trained, exported, listed, loaded, measured and refused."""

import json
import math
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from checkpoint_helpers import (
    SMALL,
    agrees_with_card,
    edit_arrays,
    edit_json,
    fake_umap,
    one_sentence,
    small_data_set,
)

import ibinn_core as ib
from ibinn_core import __main__
from ibinn_core import checkpoint as registry
from ibinn_core.checkpoint import CARD, CONFIG, LATENT, MANIFEST, WEIGHTS, CheckpointError, arrays
from ibinn_core.evaluation import latent_views
from ibinn_core.measures.calibration import calibration, top_label_error
from ibinn_core.models.baselines import VIB, IRevNet, ResNet
from ibinn_core.models.classifier import GenerativeClassifier
from ibinn_core.models.kinds import KINDS
from ibinn_core.models.mixture import tempered
from ibinn_core.models.objectives import Objective
from ibinn_core.models.preprocessing import UNIFORM, add_noise
from ibinn_core.training import Trainer, TrainingConfig, read_state
from ibinn_core.training.sources import weights_of

pytestmark = pytest.mark.slow  # seven models are trained first

REPOSITORY = Path(__file__).resolve().parents[3]
TRAIN, TEST, HELD_OUT = 330, 90, 20
CLASS = {"ib-inn": GenerativeClassifier, "resnet": ResNet, "vib": VIB, "i-revnet": IRevNet}
#: Ids, in the order of listing, which is neither that of the alphabet nor that of training.
MODELS = {
    "z-ib": ("ib-inn", Objective("ib", 1.0)),
    "only-ly": ("ib-inn", Objective("ib", math.inf)),
    "fixed": ("ib-inn", Objective("class-nll-regularized", None)),
    "vib-1": ("vib", Objective("vib", 1.0)),
    "resnet": ("resnet", Objective("cross-entropy", None)),
    "i-revnet": ("i-revnet", Objective("cross-entropy", None)),
}
BASELINES = ["vib-1", "resnet", "i-revnet"]
ALL = {"error", "cross_entropy", "calibration_paper", "calibration_top_label", "confidence", "entropy"}
ALL |= {"overconfidence", "measured"}
OF_LIKELIHOOD = {
    "bits_per_dim",
    "separation",
    "latent_spread",
    "alignment",
}
POSTERIOR = {"labels", "hashes", "posterior"}
MIXTURE = {"log_prob", "reference", "class_means", "means_coordinates", "means_origin", "means_directions"}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A tiny data set, trainings of two steps on it, one a model, and the checkpoints exported from them."""
    folder = tmp_path_factory.mktemp("baselines")
    with small_data_set(folder, TRAIN, TEST) as (images, labels):
        for name, (model, objective) in sorted(MODELS.items()):
            config = TrainingConfig(
                model=model, objective=objective, architecture=SMALL, batch_size=155, epochs=1, held_out=HELD_OUT
            )
            Trainer(config, images, labels, folder / name, precision="fp32").run()
            assert __main__.main(["export", str(folder / name), str(folder / "checkpoints" / name)]) == 0
    return folder


@pytest.fixture
def folder(place, tmp_path, monkeypatch):
    """A registry that a test may break."""
    shutil.copytree(place / "checkpoints", tmp_path / "checkpoints")
    monkeypatch.setenv("IBINN_CHECKPOINTS", str(tmp_path / "checkpoints"))
    monkeypatch.setenv("IBINN_DATA", str(place))
    monkeypatch.setattr(latent_views, "_umap", fake_umap)
    return tmp_path / "checkpoints"


def images_of(place) -> tuple[np.ndarray, np.ndarray]:
    with np.load(place / "cifar10.npz") as data:
        return data["x_test"], data["y_test"]


# --- listing ------------------------------------------------------------------------------------------------


def test_the_ib_family_comes_first_then_class_nll_then_the_others(place):
    found, refused = registry.scan(place / "checkpoints")
    assert not refused and [c.id for c in found] == list(MODELS)
    for checkpoint in found:
        kind, objective = MODELS[checkpoint.id]
        assert (checkpoint.model, checkpoint.objective, checkpoint.gamma) == (kind, objective.kind, objective.gamma)


def test_listing_knows_what_a_model_can_without_torch(place):
    code = (
        "import sys, ibinn_core as ib\n"
        f"found = ib.checkpoints({str(place / 'checkpoints')!r})\n"
        "print([(c.id, c.model, c.has_likelihood) for c in found])\n"
        "[c.latent for c in found]\n"
        "assert not {'torch', 'sklearn', 'umap', 'scipy'} & set(sys.modules)\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, timeout=300)
    assert ended.returncode == 0, ended.stderr
    expected = []
    for name, (kind, _) in MODELS.items():
        can = KINDS[kind]
        expected.append((name, kind, can.has_likelihood))
    assert ended.stdout.strip() == str(expected)


def test_a_checkpoint_that_names_no_kind_is_an_ib_inn(folder):
    edit_json(folder / "z-ib" / CONFIG, lambda c: c["training"].pop("model"))
    assert registry.find("z-ib").model == "ib-inn" and isinstance(ib.load("z-ib"), GenerativeClassifier)


# --- what is stored -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MODELS)
def test_a_loaded_model_is_the_trained_one_in_half_precision(place, name):
    kind, objective = MODELS[name]
    loaded, (tensors, _, values) = ib.load(place / "checkpoints" / name), read_state(place / name)
    assert type(loaded) is CLASS[kind] and loaded.kind == kind and isinstance(loaded, ib.Classifier)
    assert not any(m.training for m in loaded.modules()) and not any(p.requires_grad for p in loaded.parameters())
    halves = 0
    for key, value in weights_of(place / "checkpoints" / name).items():
        trained = tensors[f"model.{key}"]
        if ".subnetwork." in key and value.ndim > 1:
            trained, halves = trained.half(), halves + 1
        power = loaded.checkpoint.card.get("alignment", {}).get("power", 1)
        if key == "mixture.means" and power != 1:
            trained = tempered(trained, tensors["model.mixture.phi"].log_softmax(0), 1 / power)
        assert torch.equal(value, trained.to(value.dtype)), key
    assert halves and TrainingConfig.from_dict(values).objective == objective


@pytest.mark.parametrize("name", BASELINES)
def test_saved_again_and_loaded_it_says_the_same(place, tmp_path, name):
    entry = registry.read(place / "checkpoints" / name)
    model = ib.load(entry)
    again = registry.write_checkpoint(tmp_path / name, model, entry.config, entry.card, entry.latent)
    x = ib.to_unit(images_of(place)[0][:20])
    assert torch.equal(ib.load(again).posterior(x), model.posterior(x))
    assert again.card == entry.card and again.config == entry.config
    for key, array in entry.latent.items():
        np.testing.assert_array_equal(again.latent[key], array)
    assert sorted(p.name for p in again.path.iterdir()) == sorted([CONFIG, WEIGHTS, CARD, LATENT, MANIFEST])


@pytest.mark.parametrize("name", MODELS)
def test_a_card_has_the_numbers_of_its_kind_and_no_other(place, name):
    entry = registry.read(place / "checkpoints" / name)
    can = KINDS[entry.model]
    expected = ALL | (OF_LIKELIHOOD if can.has_likelihood else set())
    assert entry.card.keys() == expected | ({"reconstruction"} if can.is_invertible else set())
    assert can.has_likelihood or "bits" not in json.dumps(entry.card)


@pytest.mark.parametrize("name", MODELS)
def test_latent_has_the_arrays_of_its_kind_and_no_other(place, name):
    entry = registry.read(place / "checkpoints" / name)
    expected = set(arrays.LATENT_ARRAYS) if KINDS[entry.model].has_latents else POSTERIOR
    assert entry.latent.keys() == (expected if entry.has_likelihood else expected - MIXTURE)
    assert entry.latent.keys() == set(arrays.arrays_of(entry.model))


@pytest.mark.parametrize("name", BASELINES)
def test_card_and_latent_are_true_of_the_stored_weights(place, name):
    """Measured again from the loaded model, in the noise that an IB-INN is measured with."""
    entry, (images, labels) = registry.read(place / "checkpoints" / name), images_of(place)
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


def test_class_nll_with_fixed_means_comes_through_with_its_hyper_sphere(place):
    model = ib.load(place / "checkpoints" / "fixed")
    fixed = model.alignment.means  # those that it was trained with
    torch.testing.assert_close(fixed.norm(dim=1), torch.full((10,), 5 / math.sqrt(2)), rtol=1e-5, atol=0)
    fresh = GenerativeClassifier(SMALL).class_means
    assert torch.equal(fixed, fresh)
    x = ib.to_unit(images_of(place)[0][:5])
    assert torch.isfinite(model.log_prob(x)).all() and model.sample([3], 0.0).shape == (1, 3, 32, 32)
    moved = ib.load(place / "checkpoints" / "z-ib").alignment.means
    assert not torch.equal(moved, fresh)


# --- evaluate -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", BASELINES)
def test_evaluate_finds_what_the_card_says_and_no_more(folder, name, capsys):
    before = registry.find(name)
    assert __main__.main(["evaluate", name, "--write"]) == 0
    measured = capsys.readouterr().out
    assert agrees_with_card(measured) and "its/dim" not in measured
    assert f"    Test error: {100 * before.card['error']:.4g} % (card: " in measured
    assert ("decode(encode(x))" in measured) == KINDS[before.model].is_invertible and "nan" not in measured.lower()
    assert registry.find(name).card == {**before.card, "measured": registry.find(name).card["measured"]}


# --- refusals -----------------------------------------------------------------------------------------------


def training(**values):
    return lambda path: edit_json(path / CONFIG, lambda c: c["training"].update(values))


REFUSED = {
    "unknown kind": ("resnet", training(model="vit"), "not 'vit'"),
    "kind a list": ("resnet", training(model=["resnet"]), "model ['resnet'] should be a valid string"),
    "kind null": ("resnet", training(model=None), "model None should be a valid string"),
    "another kind's objective": ("resnet", training(model="vib"), "not 'cross-entropy'"),
    "no kind": (
        "i-revnet",
        lambda p: edit_json(p / CONFIG, lambda c: c["training"].pop("model")),
        "not 'cross-entropy'",
    ),
    "an IB-INN that claims to be one without likelihood": ("z-ib", training(model="i-revnet"), "not 'ib'"),
    "gamma where none belongs": (
        "resnet",
        training(objective={"kind": "cross-entropy", "gamma": 1.0}),
        "gamma belongs to",
    ),
    "no gamma": ("vib-1", training(objective={"kind": "vib", "gamma": None}), "needs a gamma"),
    "no error": ("resnet", lambda p: edit_json(p / CARD, lambda c: c.pop("error")), "error is missing"),
    "no reconstruction": (
        "i-revnet",
        lambda p: edit_json(p / CARD, lambda c: c.pop("reconstruction")),
        "reconstruction is missing",
    ),
    "an IB-INN without bits/dim": (
        "z-ib",
        lambda p: edit_json(p / CARD, lambda c: c.pop("bits_per_dim")),
        "bits_per_dim is missing",
    ),
    "an IB-INN with bits/dim null": (
        "z-ib",
        lambda p: edit_json(p / CARD, lambda c: c["bits_per_dim"].update(mean=None)),
        "bits_per_dim.mean None should be a valid number",
    ),
}


@pytest.mark.parametrize("damage", REFUSED)
def test_a_bad_checkpoint_is_refused_in_one_sentence_and_hides_no_other(folder, damage):
    name, change, reason = REFUSED[damage]
    change(folder / name)
    readable, refused = registry.scan()
    assert [c.id for c in readable] == [other for other in MODELS if other != name]
    assert [r.id for r in refused] == [name]
    one_sentence(refused[0].reason, f"Checkpoint '{name}' is refused: ", reason)
    with pytest.raises(CheckpointError):
        ib.load(name)


def test_the_weights_of_another_kind_are_refused(folder):
    for name, other in (("resnet", "vib-1"), ("i-revnet", "z-ib"), ("vib-1", "resnet")):
        shutil.copy(folder.parent / "checkpoints" / other / WEIGHTS, folder / f"{name}.weights")
    for name in ("resnet", "i-revnet", "vib-1"):
        (folder / f"{name}.weights").replace(folder / name / WEIGHTS)
        registry.write_manifest(folder / name)  # or the manifest alone would refuse them
        with pytest.raises(CheckpointError) as caught:
            ib.load(name)
        one_sentence(str(caught.value), f"'{name}'", "does not fit its config.json")


@pytest.mark.parametrize(
    "name, change, reason",
    [
        ("resnet", lambda a: a.pop("posterior"), "lacks posterior"),
        ("resnet", lambda a: a.update(log_prob=np.zeros(TEST, np.float32)), "holds log_prob, which a ResNet does not"),
        ("vib-1", lambda a: a.update(class_means=np.zeros((10, 9))), "is damaged"),
        ("vib-1", lambda a: a.pop("pca_origin"), "lacks pca_origin"),
        ("i-revnet", lambda a: a.update(labels=a["labels"] + 1), "out of range"),
        ("i-revnet", lambda a: a.update(posterior=a["posterior"][:-1]), "holds hashes of a shape|posterior of a shape"),
        ("resnet", lambda a: a.update(posterior=a["posterior"] * np.float32("nan")), "posterior that are not finite"),
        ("z-ib", lambda a: a.pop("log_prob"), "lacks log_prob"),
    ],
)
def test_a_bad_latent_npz_is_refused_when_it_is_asked_for(folder, name, change, reason):
    edit_arrays(change)(folder / name)
    with pytest.raises(CheckpointError, match=reason) as caught:
        registry.find(name).latent  # noqa: B018
    one_sentence(str(caught.value), f"Checkpoint '{name}' is refused: ")


def test_a_resnet_needs_no_latent_npz_to_be_loaded(folder):
    (folder / "resnet" / LATENT).unlink()
    registry.write_manifest(folder / "resnet")
    assert ib.load("resnet").predict(torch.rand(2, 3, 32, 32)).shape == (2,)


@pytest.mark.parametrize("name, call", [("resnet", "encode"), ("vib-1", "log_prob"), ("i-revnet", "log_prob")])
def test_a_loaded_model_says_what_it_cannot_do(place, name, call):
    model = ib.load(place / "checkpoints" / name)
    with pytest.raises(ib.UnsupportedError) as caught:
        getattr(model, call)(torch.rand(2, 3, 32, 32))
    one_sentence(str(caught.value), {"encode": "has no latents", "log_prob": "has no likelihood"}[call])


# --- the app ------------------------------------------------------------------------------------------------


def test_the_pages_are_offered_only_what_they_can_show(folder, monkeypatch):
    monkeypatch.syspath_prepend(str(REPOSITORY))
    from app.models import names
    from app.models import registry as app_registry

    (folder / "resnet" / CARD).write_text("{")
    readable, refused = app_registry.with_likelihood(), app_registry.refused()
    assert [c.id for c in readable] == ["z-ib", "only-ly", "fixed"]
    assert [r.id for r in refused] == ["resnet"]
    assert [names.name_of(c) for c in readable] == ["γ = 1", "only classes, from scratch", "class-NLL, fixed μ"]
