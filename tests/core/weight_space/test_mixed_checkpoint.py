"""The checkpoint of a mixed model: what it says of itself agrees with what its model does."""

import math

import numpy as np
import pytest
from checkpoint_helpers import colourful_images
from curve_helpers import save_family

import ibinn_core as ib
from ibinn_core.checkpoint.latent_format import view
from ibinn_core.data.held_out import split_held_out
from ibinn_core.evaluation import encode_images

PLACE, BETWEEN = 2.0, 1.0  # one that was measured, and one between two places


@pytest.fixture
def family(measured) -> ib.weight_space.Family:
    return ib.family("cifar10", measured)


def test_at_a_trained_gamma_it_is_that_checkpoint(family):
    assert family.checkpoint(0.5) == family.member("gamma-0.5")
    assert family.checkpoint(math.inf).id == "only-ly"


def test_between_trained_ones_it_has_a_name_and_says_of_what_it_is_mixed(family):
    mixed = family.checkpoint(BETWEEN)
    assert (mixed.id, mixed.gamma, mixed.objective) == ("gamma-1", 1.0, "ib")
    assert (mixed.blend.left, mixed.blend.right, mixed.blend.share) == ("gamma-0.5", "gamma-8", pytest.approx(0.25))
    assert mixed.config["training"]["objective"]["gamma"] == 1.0
    assert family.member("gamma-0.5").config["training"]["objective"]["gamma"] == 0.5
    assert mixed.has_likelihood and mixed.classes == family.members[0].classes and mixed.history == []


def test_its_card_is_what_was_measured_there(family):
    mixed = family.checkpoint(PLACE)
    images, labels = colourful_images(300)
    found = encode_images(mixed.load(), images)
    bits = ib.bits_per_dim(found.log_prob.astype(np.float64), 3072)
    assert mixed.card["error"] == pytest.approx((found.posterior.argmax(1) != labels).mean())
    assert mixed.card["bits_per_dim"]["mean"] == pytest.approx(bits.mean(), abs=1e-5)
    assert mixed.card["bits_per_dim"]["median"] == pytest.approx(np.median(bits), abs=1e-3)
    assert mixed.card["confidence"] == pytest.approx(found.posterior.max(1).mean(), abs=1e-3)


@pytest.mark.parametrize("gamma, tolerance", [(PLACE, 2e-3), (BETWEEN, 0.15)])
def test_its_latents_are_those_of_its_model(family, gamma, tolerance):
    mixed = family.checkpoint(gamma)
    latent, rows, images = mixed.latent, family.arrays["rows"], colourful_images(300)[0]
    for name in ("labels", "hashes"):
        np.testing.assert_array_equal(latent[name], family.members[1].latent[name][rows])
    found = encode_images(mixed.load(), images[rows])
    training = colourful_images(80, seed=5)[0]
    held_out = training[split_held_out(80, mixed.config["training"]["held_out"])[1]]
    for name, actual in {
        "posterior": found.posterior,
        "log_prob": found.log_prob,
        "reference": encode_images(mixed.load(), held_out).log_prob,
        "means_coordinates": ib.exploration.project(found.latents, view(latent, "means")),
    }.items():
        assert np.abs(latent[name] - actual).mean() < tolerance * actual.std(), name


def test_its_means_are_those_of_its_model(family):
    mixed = family.checkpoint(BETWEEN)
    model = mixed.load()
    np.testing.assert_array_equal(mixed.latent["class_means"], model.class_means.numpy())
    assert mixed.latent["spread"] == pytest.approx(float(model.latent_spread))
    np.testing.assert_array_equal(mixed.latent["empirical_means"], model.empirical_class_means.numpy())


def test_without_a_curve_there_is_a_model_and_no_checkpoint(tmp_path):
    save_family(tmp_path)
    family = ib.family("cifar10", tmp_path)
    assert family.at(BETWEEN).blend.gamma == BETWEEN
    with pytest.raises(ib.FamilyError, match="measure the curve first"):
        family.checkpoint(BETWEEN)
    with pytest.raises(ib.FamilyError, match="measure the curve first"):
        family.between_places(np.zeros(1), BETWEEN)


def test_a_curve_of_an_older_version_has_too_little(measured, tmp_path):
    for file in measured.iterdir():
        (tmp_path / file.name).symlink_to(file)
    path = tmp_path / "cifar10.curve.npz"
    with np.load(path) as arrays:
        kept = {name: arrays[name] for name in arrays if name not in ("reference", "log_prob_mean")}
    path.unlink()
    np.savez_compressed(path, **kept)
    mixed = ib.family("cifar10", tmp_path).checkpoint(BETWEEN)
    assert 0 <= mixed.card["error"] <= 1
    with pytest.raises(ib.FamilyError, match="measure it again"):
        _ = mixed.latent


def test_a_stranger_is_no_member(family):
    with pytest.raises(ib.FamilyError, match="'?gamma-3'? is no member"):
        family.member("gamma-3")
