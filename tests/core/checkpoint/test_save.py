"""Models from a user's training loop: saved without measuring, and loaded again."""

import numpy as np
import pytest
import torch
from checkpoint_helpers import colourful_images, edit_arrays, edit_json, fake_umap, refusal, renew_manifest
from own_flow_helpers import SHAPE, Affine
from shape_helpers import SMALL

import ibinn_core as ib
from ibinn_core.checkpoint import CARD, LATENT
from ibinn_core.checkpoint.arrays import LATENT_ARRAYS
from ibinn_core.evaluation import encode_images, latent_views
from ibinn_core.models import flow_registry as builders
from ibinn_core.models.baselines import VIB, IRevNet, ResNet
from ibinn_core.models.kinds import KINDS

ALL = {"error", "cross_entropy", "calibration_paper", "calibration_top_label", "confidence", "entropy"}
ALL |= {"overconfidence", "measured"}
OF_LIKELIHOOD = {"bits_per_dim", "separation", "latent_spread"}
MIXTURE = {"log_prob", "reference", "class_means", "means_coordinates", "means_origin", "means_directions"}


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(latent_views, "_umap", fake_umap)


def trained(model):
    """The model after one step of a user's training loop."""
    x, labels = torch.rand(20, *model.config.image_shape), torch.arange(20) % model.num_classes
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    objective = ib.Objective(KINDS[model.kind].objectives[0].replace("own", "ib"))
    model.train().loss(x, labels, objective)[0].total.backward()
    optimizer.step()
    return model


def some_splits(count: int = 60, name: str = "cifar10") -> ib.data.Splits:
    some = colourful_images(count)
    return ib.data.Splits(ib.data.DATASETS[name], some, some, some)


@pytest.fixture
def affine(monkeypatch):
    monkeypatch.setattr(builders, "_builders", {"affine": Affine})
    model = ib.wrap_flow("affine", Affine(), SHAPE, 2)
    model.fit_mixture(torch.rand(30, *SHAPE), torch.arange(30) % 2)
    return trained(model)


def assert_comes_back(model, folder) -> ib.Checkpoint:
    ib.save(model, folder)
    again = ib.load(folder)
    assert type(again) is type(model) and model.training
    x = torch.rand(3, *model.config.image_shape)
    expected, found = model.eval().requires_grad_(False).evaluate(x), again.evaluate(x)  # gradients change the rounding
    assert all(torch.equal(found[name], expected[name]) for name in expected)
    return again.checkpoint


@pytest.mark.parametrize("kind", [ib.GenerativeClassifier, ResNet, VIB, IRevNet])
def test_a_model_trained_by_hand_comes_back_as_it_was(kind, tmp_path):
    saved = assert_comes_back(trained(kind(SMALL, 4)), tmp_path / "mine")
    assert saved.objective == "own" and saved.gamma is None and saved.card == {}
    assert ib.checkpoint.scan(tmp_path)[0] == []  # pages need the numbers
    tuned, fresh = ib.load(saved, trainable=True), kind(SMALL, 4)
    assert tuned.training
    assert [p.requires_grad for p in tuned.parameters()] == [p.requires_grad for p in fresh.parameters()]


def test_so_does_a_flow_of_ones_own_whose_builder_is_registered(affine, tmp_path):
    assert_comes_back(affine, tmp_path / "mine")


def test_an_aligned_model_trained_on_keeps_its_classes(pristine, tmp_path):
    model = ib.load(pristine).requires_grad_(True)
    model.fit_alignment(model.encode(torch.rand(60, *model.config.image_shape)))
    saved = assert_comes_back(trained(model), tmp_path / "mine")
    assert saved.classes == ib.data.CIFAR10_CLASSES


def test_only_an_unchanged_model_keeps_the_objective_of_its_checkpoint(pristine, tmp_path):
    for number, model in enumerate([ib.load(pristine), ib.family("mnist").at(0.5)]):
        ib.save(model, tmp_path / f"same-{number}")
        saved = ib.load(tmp_path / f"same-{number}").checkpoint
        assert (saved.objective, saved.gamma) == ("ib", model.checkpoint.gamma)
        ib.save(ib.load(saved), saved.path)  # a copy of the copy, over the copy
        assert ib.load(saved.path).checkpoint.config == saved.config
        with torch.no_grad():
            model.mixture.means[0, 0] += 1e-3
        ib.save(model, tmp_path / "changed")
        assert ib.load(tmp_path / "changed").checkpoint.objective == "own"
    measured = ib.measure(tmp_path / "same-0", some_splits())
    assert (measured.objective, measured.gamma) == ("ib", 1.0)


def test_a_saved_model_says_that_it_must_be_measured_first(pristine, tmp_path):
    ib.save(ib.load(pristine), tmp_path / "mine")
    model = ib.load(tmp_path / "mine")
    z, images = model.encode(torch.rand(2, *model.config.image_shape)), colourful_images(2)[0]
    for call in (
        lambda: model.move(z, slant=1.0),
        lambda: ib.exploration.typicality(torch.zeros(3), model),
        lambda: ib.evaluation.predict(model, images),
        lambda: ib.evaluation.predict(tmp_path / "mine", images),
    ):
        refusal(call, "ibinn_core.measure")


@pytest.mark.parametrize("kind", [ib.GenerativeClassifier, ResNet, VIB, IRevNet])
def test_a_saved_model_can_be_measured_and_is_listed_from_then_on(kind, tmp_path, monkeypatch):
    again = {("cifar10", 32, 3, 60): some_splits()}  # the splits that the first measurement writes down
    monkeypatch.setattr("ibinn_core.training.export.splits", lambda *asked: again[asked])
    ib.save(trained(kind(SMALL, 10)), tmp_path / "mine")
    weights = (tmp_path / "mine" / ib.checkpoint.WEIGHTS).read_bytes()
    for data in (some_splits(), None):
        measured = ib.measure(tmp_path / "mine", data)
    (listed,) = ib.checkpoints(tmp_path)
    assert listed == measured and listed.objective == "own"
    assert listed.card["measured"]["images"] == len(listed.latent["labels"]) == 60
    assert listed.dataset.name == "cifar10" and (listed.path / ib.checkpoint.WEIGHTS).read_bytes() == weights
    found, labels = encode_images(ib.load(listed), some_splits().test[0]), some_splits().test[1]
    np.testing.assert_array_equal(listed.latent["posterior"], found.posterior)
    assert listed.card["error"] == (found.posterior.argmax(1) != labels).mean()
    if found.latents is not None:
        coordinates = ib.exploration.project(found.latents, ib.checkpoint.view(listed.latent, "pca"))
        np.testing.assert_allclose(listed.latent["pca_coordinates"], coordinates, rtol=1e-2, atol=2e-2)
    assert not listed.has_likelihood or listed.style.attributes
    can = KINDS[listed.model]
    expected = ALL | (OF_LIKELIHOOD if can.has_likelihood else set())
    assert listed.card.keys() == expected | ({"reconstruction"} if can.is_invertible else set())
    arrays = set(LATENT_ARRAYS) if can.has_latents else {"labels", "hashes", "posterior"}
    assert listed.latent.keys() == (arrays if can.has_likelihood else arrays - MIXTURE)
    with pytest.raises(ValueError, match="the model takes images .* but MNIST has images"):
        ib.measure(listed, some_splits(name="mnist"))


def test_what_a_kind_of_model_has_not_is_refused_and_what_it_needs_is_missed(tmp_path):
    for kind, name in ((ResNet, "resnet"), (IRevNet, "i-revnet")):
        ib.save(kind(SMALL, 10), tmp_path / name)
        ib.measure(tmp_path / name, some_splits())
    edit_arrays(lambda values: values.update(log_prob=np.zeros(60, np.float32)))(tmp_path / "resnet")
    refusal(lambda: ib.checkpoint.read(tmp_path / "resnet").latent, "holds log_prob, which a ResNet does not have")
    (tmp_path / "resnet" / LATENT).unlink()
    renew_manifest(tmp_path / "resnet")
    assert ib.load(tmp_path / "resnet").predict(torch.rand(2, 3, 32, 32)).shape == (2,)
    edit_json(tmp_path / "i-revnet" / CARD, lambda card: card.pop("reconstruction"))
    refusal(lambda: ib.load(tmp_path / "i-revnet"), "reconstruction is missing")


def test_models_of_vectors_and_what_is_no_data_set_are_not_measured(affine, tmp_path, monkeypatch):
    ib.save(affine, tmp_path / "mine")
    monkeypatch.setitem(builders._builders, "two", lambda: ib.Flow([ib.layers.ActNorm(2)]))
    vectors = ib.wrap_flow("two", builders.build("two"), shape=(2,), num_classes=2)
    ib.save(vectors, tmp_path / "two")
    for call, why in (
        (lambda: ib.measure(tmp_path / "mine"), "data set of mine is not known"),
        (lambda: ib.measure(tmp_path / "mine", colourful_images(20)), "data must be the splits of a data set"),
        (lambda: ib.measure(tmp_path / "two"), "only models of images"),
        (lambda: ib.measure(tmp_path / "two", some_splits(20)), "only models of images"),
        (lambda: ib.export_flow(vectors, tmp_path / "new", some_splits(20)), "only models of images"),
    ):
        with pytest.raises(ValueError, match=why):
            call()


def test_a_network_that_its_config_does_not_describe_is_refused(tmp_path):
    model = ib.GenerativeClassifier(SMALL, 4, flow=ib.Flow([ib.layers.ActNorm(SMALL.image_shape[0])]))
    with pytest.raises(ValueError, match="could not be loaded again .*wrap a flow .* ibinn_core.wrap_flow"):
        ib.save(model, tmp_path / "mine")
    model = ib.GenerativeClassifier(SMALL, 4)
    model.mixture.means.data[0, 0] = torch.nan
    with pytest.raises(ValueError, match="not finite"):
        ib.save(model, tmp_path / "mine")
    with pytest.raises(TypeError, match="saved, not Linear"):
        ib.save(torch.nn.Linear(1, 1), tmp_path / "mine")


def test_nothing_but_a_saved_model_is_replaced(pristine, tmp_path):
    model = ib.GenerativeClassifier(SMALL, 4)
    for _ in range(2):
        ib.save(model, tmp_path / "mine")
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    for place in (tmp_path / "mine", pristine):
        refusal(lambda place=place: ib.save(model, place), "is there already and would be lost")
