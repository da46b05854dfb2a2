"""The loss over the distance of the class means: against the losses of the training, by hand, and of our models."""

import math

import numpy as np
import pytest
import torch

import ibinn_core as ib
from ibinn_core.checkpoint import find
from ibinn_core.evaluation import landscape_of
from ibinn_core.evaluation.landscape import landscape
from ibinn_core.measures import BY_KEY
from ibinn_core.models.mixture import LatentMixture

SCALES = np.array([0.0, 0.4, 1.0, 1.7])
DIMS = 12
EVEN = np.full(4, -math.log(4))


def setting(seed: int = 0, learn_weights: bool = False) -> tuple[torch.Tensor, torch.Tensor, LatentMixture]:
    generator = torch.Generator().manual_seed(seed)
    mixture = LatentMixture(4, DIMS, separation=3.0, learn_weights=learn_weights, generator=generator).double()
    if learn_weights:
        with torch.no_grad():
            mixture.phi.copy_(torch.randn(4, generator=generator))
    labels = torch.randint(0, 4, (50,), generator=generator)
    return 1.3 * torch.randn(50, DIMS, generator=generator, dtype=torch.float64), labels, mixture


@pytest.mark.parametrize("learn_weights", [False, True])
def test_both_parts_are_those_of_the_mixture_with_its_means_moved(learn_weights):
    z, labels, mixture = setting(learn_weights=learn_weights)
    means = mixture.means.detach().clone()
    weights = mixture.log_weights.detach().numpy()
    found = landscape(z.numpy(), labels.numpy(), means.numpy(), SCALES, weights)
    likelihood, entropy = [], []
    with torch.no_grad():
        for s in SCALES:
            mixture.means.copy_(means.mean(0) + s * (means - means.mean(0)))
            likelihood.append(-mixture.log_marginal(z).mean().item() - DIMS / 2 * math.log(2 * math.pi))
            entropy.append(-mixture.log_posterior(z)[torch.arange(50), labels].mean().item())
    np.testing.assert_allclose(found.likelihood, likelihood, rtol=1e-10)
    np.testing.assert_allclose(found.cross_entropy, entropy, rtol=1e-10)
    np.testing.assert_allclose(found.distance, 3.0 * SCALES, rtol=1e-6)


def test_class_nll_is_half_the_squared_distance_from_the_own_mean_and_knows_no_other():
    z, labels, mixture = setting()
    means = mixture.means.detach().numpy()
    found = landscape(z.numpy(), labels.numpy(), means, SCALES, EVEN)
    own = [
        np.square(z.numpy() - (means.mean(0) + s * (means - means.mean(0)))[labels.numpy()]).sum(1) / 2 for s in SCALES
    ]
    loss = found.loss(1 / DIMS, DIMS) * (1 + 1 / DIMS) / 2 * DIMS - math.log(4)
    np.testing.assert_allclose(loss, np.mean(own, axis=1), rtol=1e-10)


def test_coordinates_in_the_span_of_the_means_tell_the_same_differences():
    z, labels, mixture = setting()
    means = mixture.means.detach().numpy()
    span = ib.exploration.class_span(means)
    whole = landscape(z.numpy(), labels.numpy(), means, SCALES, EVEN)
    inside = landscape(z.numpy() @ span.T, labels.numpy(), means @ span.T, SCALES, EVEN)
    np.testing.assert_allclose(inside.cross_entropy, whole.cross_entropy, rtol=1e-10)
    np.testing.assert_allclose(np.diff(inside.likelihood), np.diff(whole.likelihood), atol=1e-10)


def test_with_all_means_in_one_place_no_class_is_told():
    z, labels, mixture = setting()
    found = landscape(z.numpy(), labels.numpy(), mixture.means.detach().numpy(), np.zeros(1), EVEN)
    assert found.cross_entropy[0] == pytest.approx(math.log(4)) and found.distance[0] == 0
    assert found.loss(math.inf, DIMS)[0] == pytest.approx(2 * math.log(4))
    assert found.loss(0, DIMS)[0] == pytest.approx(2 * found.likelihood[0] / DIMS)


@pytest.mark.parametrize("name", ["gamma-1", "class-nll", "mnist-gamma-0.2"])
def test_as_trained_it_is_the_loss_of_the_stored_posterior(name):
    entry = find(name)
    found = landscape_of(entry, np.array([1.0]))
    assert found.cross_entropy[0] == pytest.approx(BY_KEY["cross_entropy"].of_checkpoint(entry), abs=2e-3)
    means = entry.latent["class_means"].astype(float)
    apart = torch.pdist(torch.from_numpy(means)).mean().item()
    assert found.distance[0] == pytest.approx(apart, rel=1e-4)


def test_a_model_without_means_is_refused():
    with pytest.raises(ValueError, match="no likelihood"):
        landscape_of(find("resnet"), SCALES)


@pytest.mark.parametrize(("gamma", "dims"), [(-1, 3), (math.nan, 3), (1, 0)])
def test_there_is_no_such_loss(gamma, dims):
    found = landscape(np.zeros((2, 1)), np.array([0, 1]), np.array([[-1.0], [1.0]]), SCALES, EVEN[:2])
    with pytest.raises(ValueError, match="γ"):
        found.loss(gamma, dims)
