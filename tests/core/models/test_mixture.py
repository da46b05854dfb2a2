"""The latent mixture against torch.distributions, Bayes' rule by hand, and far-away latents."""

import math

import pytest
import torch
from flow_helpers import randomise, seeded
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal

from ibinn_core.models.mixture import LatentMixture, tempered


def build(num_classes: int = 4, dims: int = 7, **options) -> LatentMixture:
    """A float64 mixture with random means and unequal weights."""
    return randomise(LatentMixture(num_classes, dims, **options).double(), seeded(1))


def latents(count: int = 9, dims: int = 7) -> torch.Tensor:
    return 2 * torch.randn(count, dims, generator=seeded(2), dtype=torch.float64)


def test_it_is_the_mixture_of_unit_gaussians_and_its_posterior_bayes_with_unequal_weights():
    mixture, z = build(), latents()
    weights = mixture.phi.exp() / mixture.phi.exp().sum()
    assert weights.max() > 1.5 * weights.min()
    torch.testing.assert_close(mixture.log_weights.exp(), weights)
    components = Independent(Normal(mixture.means, torch.ones(4, 7).double()), 1)
    torch.testing.assert_close(mixture.log_prob(z), components.log_prob(z[:, None]), rtol=1e-12, atol=1e-12)
    expected = MixtureSameFamily(Categorical(weights), components).log_prob(z)
    torch.testing.assert_close(mixture.log_marginal(z), expected, rtol=1e-12, atol=1e-12)
    joint = weights * torch.exp(-(z[:, None] - mixture.means).square().sum(2) / 2)
    torch.testing.assert_close(mixture.log_posterior(z).exp(), joint / joint.sum(1, keepdim=True), rtol=1e-9, atol=0)


@pytest.mark.parametrize("size", [1e2, 1e4])
def test_far_latents_keep_their_posterior_in_float32(size):
    mixture = LatentMixture(10, 3072, generator=seeded(1))
    direction = torch.randn(64, 3072, generator=seeded(2))
    z = size * direction / direction.norm(dim=1, keepdim=True)
    exact = LatentMixture(10, 3072)
    exact.load_state_dict(mixture.state_dict())
    exact.double()
    # The same latents in float64, where squared distances do no harm.
    distances = (z.double()[:, None] - exact.means).square().sum(2)
    reference = torch.log_softmax(-distances / 2, 1)
    assert (mixture.log_posterior(z).double() - reference).abs().max() < 1e-6 * size
    relative = mixture.log_prob(z).double() / (-distances / 2 - 1536 * math.log(2 * math.pi)) - 1
    assert relative.abs().max() < 1e-6
    if size == 1e4:  # what the naive way in float32 makes of it
        naive = torch.log_softmax(-(z[:, None] - mixture.means).square().sum(2) / 2, 1)
        assert (naive.double() - reference).abs().max() > 0.5


@pytest.mark.parametrize("separation", [5.0, 2.5])
def test_means_start_equally_far_apart_on_a_sphere(separation):
    mixture = LatentMixture(10, 64, separation, generator=seeded(1))
    distances = torch.pdist(mixture.means.detach())
    torch.testing.assert_close(distances, torch.full((45,), separation), rtol=1e-5, atol=0)
    torch.testing.assert_close(mixture.means.norm(dim=1), torch.full((10,), separation / 2**0.5), rtol=1e-5, atol=0)
    torch.testing.assert_close(mixture.log_weights.exp(), torch.full((10,), 0.1))


def test_more_classes_than_dimensions_start_at_about_the_same_distances():
    distances = torch.pdist(LatentMixture(200, 4, generator=seeded(0)).means.detach())
    assert distances.square().mean().sqrt() == pytest.approx(5, rel=0.1)


def test_gradients_reach_what_is_learned_and_nothing_else():
    for means, weights in [(True, False), (False, False), (True, True)]:
        mixture = build(learn_means=means, learn_weights=weights)
        mixture.log_marginal(latents().requires_grad_()).sum().backward()
        assert (mixture.means.grad is not None) is means and (mixture.phi.grad is not None) is weights


@pytest.mark.parametrize("temperature", [3.0, 1.0, 0.87, 0.25])
def test_tempered_means_give_the_posterior_of_every_latent_a_temperature(temperature):
    mixture = randomise(build(learn_weights=True).double(), seeded(3))
    z = 3 * latents(50).double()
    with torch.no_grad():
        raised = torch.log_softmax(mixture.log_posterior(z) / temperature, 1)
        assert mixture.phi.std() > 0.1
        mixture.means.copy_(tempered(mixture.means, mixture.log_weights, temperature))
        torch.testing.assert_close(mixture.log_posterior(z), raised, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("temperature", [0.0, -1.0, math.inf, math.nan])
def test_a_temperature_that_is_none_is_refused(temperature):
    with pytest.raises(ValueError, match="must be positive and finite"):
        tempered(build().means, build().log_weights, temperature)


def test_means_that_span_too_little_cannot_be_tempered():
    means = torch.tensor([[0.0, 0], [1, 0], [3, 0]])
    with pytest.raises(ValueError, match="span fewer dimensions"):
        tempered(means, torch.zeros(3).log_softmax(0), 2.0)
