"""The checkpoint of a mixed model: its numbers agree with its model."""

import numpy as np
import pytest
import torch
from checkpoint_helpers import colourful_images

import ibinn_core as ib
from ibinn_core.checkpoint import view
from ibinn_core.data.loading import split_held_out
from ibinn_core.evaluation import encode_images
from ibinn_core.exploration.style import mix_styles

PLACE, BETWEEN = 2.0, 1.0  # one that was measured, and one between two places


@pytest.fixture
def family(measured) -> ib.weight_space.Family:
    return ib.family("cifar10", measured)


def test_between_trained_ones_it_has_a_name_and_says_of_what_it_is_mixed(family):
    mixed = family.checkpoint(BETWEEN)
    assert (mixed.id, mixed.gamma, mixed.objective) == ("gamma-1", 1.0, "ib")
    assert (mixed.point.left, mixed.point.right, mixed.point.share) == ("gamma-0.5", "gamma-8", pytest.approx(0.25))
    assert mixed.config["training"]["objective"]["gamma"] == 1.0
    assert family.member("gamma-0.5").config["training"]["objective"]["gamma"] == 0.5


def test_its_card_is_what_was_measured_there(family):
    mixed = family.checkpoint(PLACE)
    images, labels = colourful_images(300)
    found = encode_images(ib.load(mixed), images)
    bits = ib.bits_per_dim(found.log_prob.astype(np.float64), 3072)
    assert mixed.card["error"] == pytest.approx((found.posterior.argmax(1) != labels).mean())
    assert mixed.card["bits_per_dim"]["mean"] == pytest.approx(bits.mean(), abs=1e-5)
    assert mixed.card["bits_per_dim"]["median"] == pytest.approx(np.median(bits), abs=1e-3)
    assert mixed.card["confidence"] == pytest.approx(found.posterior.max(1).mean(), abs=1e-3)


@pytest.mark.parametrize("gamma, tolerance", [(PLACE, 2e-3), (BETWEEN, 0.15)])
def test_its_latents_are_those_of_its_model(family, gamma, tolerance):
    mixed = family.checkpoint(gamma)
    latent, model, rows, images = mixed.latent, mixed.load(), family.arrays["rows"], colourful_images(300)[0]
    for name in ("labels", "hashes"):
        np.testing.assert_array_equal(latent[name], family.members[1].latent[name][rows])
    np.testing.assert_array_equal(latent["class_means"], model.class_means.numpy())
    np.testing.assert_array_equal(latent["empirical_means"], model.empirical_class_means.numpy())
    assert latent["spread"] == pytest.approx(float(model.latent_spread))
    assert ib.evaluation.predict(model, images[:20]).p_values.shape == (20,)
    found = encode_images(model, images[rows])
    training = colourful_images(80, seed=5)[0]
    held_out = training[split_held_out(80, mixed.config["training"]["held_out"])[1]]
    for name, actual in {
        "posterior": found.posterior,
        "log_prob": found.log_prob,
        "reference": encode_images(model, held_out).log_prob,
        "means_coordinates": ib.exploration.project(found.latents, view(latent, "means")),
    }.items():
        assert np.abs(latent[name] - actual).mean() < tolerance * actual.std(), name


def test_no_posterior_of_a_mixed_model_changes_along_its_styles():
    family = ib.family("mnist")
    mixed = family.checkpoint(family.gamma_at(1.25))
    styles, model = mixed.style, mixed.load().double()
    left, right = (family.member(one).style for one in (mixed.point.left, mixed.point.right))
    assert styles.attributes == left.attributes and styles.directions.shape == left.directions.shape
    z = model.class_means + torch.randn(10, 784, generator=torch.Generator().manual_seed(0)).double()
    for row, step in enumerate(torch.from_numpy(styles.directions).double()):
        change = model.mixture.log_posterior(z + 3 * step) - model.mixture.log_posterior(z)
        assert change.abs().max() < 1e-4, row
        lengths = [np.linalg.norm(one.directions[row]) for one in (styles, left, right)]
        if row < len(styles.attributes):
            share = mixed.point.share
            assert lengths[0] == pytest.approx((1 - share) * lengths[1] + share * lengths[2], rel=0.02)
            assert styles.directions[row] @ left.directions[row] > 0.9 * lengths[0] * lengths[1]


def test_principal_directions_are_paired_whatever_their_order_and_sign():
    one = ib.family("mnist").members[0].style
    count = len(one.attributes)
    order, signs = [*range(count), *reversed(range(count, len(one.directions)))], np.ones(len(one.directions))
    signs[count:] = -1
    other = one._replace(
        **{n: signs[:, None] * getattr(one, n)[order] for n in ("directions", "correlations", "responses")}
    )
    same = mix_styles(one, other, 0.3)
    for name in ("directions", "correlations", "responses", "deviations"):
        np.testing.assert_allclose(getattr(same, name), getattr(one, name), atol=1e-6)
    with pytest.raises(ValueError, match="other attributes"):
        mix_styles(one, other._replace(attributes=("other", *one.attributes[1:])), 0.5)


def test_without_styles_or_a_curve_there_are_none_between(family):
    with pytest.raises(ib.CheckpointError, match="python -m ibinn_core measure .*gamma-0.5"):
        _ = family.checkpoint(BETWEEN).style
    mixed = ib.weight_space.Family(family.members).at(BETWEEN).checkpoint
    assert mixed.gamma == BETWEEN and mixed.card == {}
    with pytest.raises(ib.FamilyError, match="measure the curve first"):
        _ = mixed.latent
