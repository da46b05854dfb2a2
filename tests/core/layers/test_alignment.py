"""The alignment leaves the posterior alone and makes the images as likely as it can."""

import copy

import pytest
import torch
from flow_helpers import seeded
from shape_helpers import LEAST

from ibinn_core.layers import Alignment
from ibinn_core.models.classifier import GenerativeClassifier
from ibinn_core.models.mixture import LatentMixture
from ibinn_core.training.warm_start import warm_start

CLASSES, DIMS = 4, 12


def mixture(dims: int = DIMS) -> LatentMixture:
    """Means close together, as after a training, of unequal lengths and with unequal weights."""
    made, generator = LatentMixture(CLASSES, dims).double(), seeded(0)
    with torch.no_grad():
        made.means.copy_(1 + 0.4 * torch.randn(CLASSES, dims, generator=generator, dtype=torch.float64))
        made.phi.copy_(torch.randn(CLASSES, generator=generator))
    return made.requires_grad_(False)


def ring(mixture: LatentMixture, count: int = 600) -> torch.Tensor:
    """Latents around the means, but far out and contracted."""
    generator = seeded(1)
    classes = torch.randint(CLASSES, (count,), generator=generator)
    centres = 2 + 6 * (mixture.means - mixture.means.mean(0))
    noise = torch.randn(count, mixture.means.shape[1], generator=generator, dtype=torch.float64)
    return centres[classes] + 0.6 * noise


def with_means(before: LatentMixture, layer: Alignment) -> LatentMixture:
    """The mixture behind a layer."""
    after = copy.deepcopy(before)
    after.means.copy_(layer.aligned_means)
    return after


def aligned(before: LatentMixture, z: torch.Tensor) -> Alignment:
    layer = Alignment(CLASSES, DIMS).double()
    layer.fit(z, before.means, before.log_weights)
    return layer


@pytest.mark.parametrize("dims", [DIMS, CLASSES])
def test_any_parameters_leave_the_posterior_alone(dims):
    before, generator = mixture(dims=dims), seeded(3)
    layer = Alignment(CLASSES, dims).double()
    layer.means.copy_(before.means)
    for buffer in (layer.location, layer.log_scale, layer.matrix, layer.offset):
        buffer.copy_(torch.randn(buffer.shape, generator=generator, dtype=torch.float64))
    layer.load_state_dict(layer.state_dict())  # what follows from them is derived anew
    z = torch.randn(100, dims, generator=generator, dtype=torch.float64)
    after = with_means(before, layer)
    assert (after.log_posterior(layer(z)[0]) - before.log_posterior(z)).abs().max() < 1e-8


def test_no_other_parameters_in_the_span_are_likelier():
    before = mixture()
    z = ring(before)

    def log_likelihood(layer: Alignment) -> torch.Tensor:
        y, log_det = layer(z)
        return (with_means(before, layer).log_marginal(y) + log_det).mean()

    layer = aligned(before, z)
    for seed in range(10):
        other = copy.deepcopy(layer)
        for buffer in (other.matrix, other.offset):
            buffer.add_(0.02 * torch.randn(buffer.shape, generator=seeded(seed), dtype=torch.float64))
        other.load_state_dict(other.state_dict())
        assert log_likelihood(other) < log_likelihood(layer)


def test_interpolated_alignments_of_neighbouring_models_stay_near_both():
    """The basis of the span must not jump between models whose means are near."""
    one, other = mixture(), mixture()
    other.means.add_(0.02 * torch.randn(CLASSES, DIMS, generator=seeded(4), dtype=torch.float64))
    first, second = aligned(one, ring(one)), aligned(other, ring(other))
    between = Alignment(CLASSES, DIMS).double()
    states = first.state_dict(), second.state_dict()
    between.load_state_dict({name: (states[0][name] + states[1][name]) / 2 for name in states[0]})
    z = ring(one, 50)
    assert (first.basis - second.basis).abs().max() < 0.1
    middle = (first(z)[0] + second(z)[0]) / 2
    assert (between(z)[0] - middle).abs().max() < 0.05 * middle.abs().max()


def test_means_that_coincide_and_a_singular_matrix_are_refused():
    before = mixture()
    layer = aligned(before, ring(before))
    with pytest.raises((ValueError, RuntimeError), match="singular"):
        layer.load_state_dict(layer.state_dict() | {"matrix": torch.zeros(CLASSES - 1, CLASSES - 1)})
    before.means[1] = before.means[0]
    with pytest.raises(ValueError, match="cannot be aligned"):
        aligned(before, ring(mixture()))


def classifier(count: int = 200) -> tuple[GenerativeClassifier, torch.Tensor]:
    """A model whose means lie close together, and images."""
    model = GenerativeClassifier(LEAST, CLASSES).requires_grad_(False).eval()
    model.mixture.means.mul_(0.2)
    return model, torch.rand(count, 3, 8, 8, generator=seeded(5))


@pytest.mark.parametrize("temperature", [1.0, 2.0, 0.8])
def test_an_aligned_classifier_has_its_posterior_at_the_temperature_and_is_likelier(temperature):
    model, x = classifier(300)
    model.mixture.phi.copy_(torch.tensor([0.5, -0.5, 0.0, 1.0]))
    raised, log_prob = torch.softmax(model.posterior(x).log() / temperature, 1), model.log_prob(x)
    model.fit_alignment(model.encode(x), temperature)
    torch.testing.assert_close(model.posterior(x), raised, rtol=0, atol=1e-5)
    assert model.log_prob(x).mean() > log_prob.mean() + 1
    assert (model.decode(model.encode(x)) - x).abs().max() < 1e-4


def test_aligning_keeps_means_that_were_trained_behind_an_alignment():
    model, x = classifier()
    model.fit_alignment(model.encode(x))
    aligned = model.posterior(x)
    model.mixture.means.add_(torch.randn(model.mixture.means.shape, generator=seeded(6)), alpha=0.1)
    trained = model.posterior(x)
    assert (trained - aligned).abs().max() > 0.05
    model.fit_alignment(model.encode(x))
    torch.testing.assert_close(model.posterior(x), trained, rtol=0, atol=1e-4)


def test_a_training_goes_on_from_the_means_before_the_alignment(monkeypatch):
    model, x = classifier()
    trained, z = copy.deepcopy(model.state_dict()), model.encode(x)
    model.fit_alignment(z)
    monkeypatch.setattr("ibinn_core.training.sources.load", lambda source: model)
    fresh = GenerativeClassifier(LEAST, CLASSES)
    warm_start("somewhere", fresh)
    assert fresh.alignment is None
    assert all(torch.equal(value, trained[name]) for name, value in fresh.state_dict().items())
