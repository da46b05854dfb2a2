"""The loss over the distance of the class means: against the losses of the training, by hand, and of our models."""

import math

import numpy as np
import pytest
import torch

from ibinn_core.checkpoint import find, view
from ibinn_core.evaluation import landscape_of
from ibinn_core.evaluation.loss_landscape import landscape
from ibinn_core.exploration import project
from ibinn_core.models.mixture import LatentMixture

SCALES = np.array([0.0, 0.4, 1.0, 1.7])
DIMS = 12


def setting() -> tuple[torch.Tensor, torch.Tensor, LatentMixture]:
    generator = torch.Generator().manual_seed(0)
    mixture = LatentMixture(4, DIMS, generator=generator).requires_grad_(False).double()
    mixture.means.mul_(0.6)
    labels = torch.randint(0, 4, (50,), generator=generator)
    return 1.3 * torch.randn(50, DIMS, generator=generator, dtype=torch.float64), labels, mixture


def test_both_parts_are_those_of_the_mixture_with_its_means_moved():
    z, labels, mixture = setting()
    means = mixture.means.detach().clone()
    distance, found_likelihood, found_entropy = landscape(z.numpy(), labels.numpy(), means.numpy(), SCALES)
    likelihood, entropy = [], []
    with torch.no_grad():
        for s in SCALES:
            mixture.means.copy_(means.mean(0) + s * (means - means.mean(0)))
            likelihood.append(-mixture.log_marginal(z).mean().item() - DIMS / 2 * math.log(2 * math.pi))
            entropy.append(-mixture.log_posterior(z)[torch.arange(50), labels].mean().item())
    np.testing.assert_allclose(found_likelihood, likelihood, rtol=1e-10)
    np.testing.assert_allclose(found_entropy, entropy, rtol=1e-10)
    np.testing.assert_allclose(distance, 3.0 * SCALES, rtol=1e-6)


@pytest.mark.parametrize(("name", "share"), [("only-ly", 2), ("gamma-1", 1), ("class-nll", 2 / 3073), ("only-lx", 0)])
def test_the_loss_has_the_weights_of_the_training(name, share):
    """Between two scales the loss of Eq. 9 differs by 2 / (1 + γ) (ΔL_X / D + γ ΔL_Y); class-NLL has γ = 1 / D."""
    entry, scales = find(name), np.array([0.0, 1.0])
    (distance, loss), latent = landscape_of(entry, scales), entry.latent
    points, means = latent["means_coordinates"].astype(float), project(latent["class_means"], view(latent, "means"))
    _, likelihood, entropy = landscape(points, latent["labels"].astype(int), means.astype(float), scales)
    expected = share * np.diff(entropy) + (2 - share) * np.diff(likelihood) / 3072
    np.testing.assert_allclose(np.diff(loss), expected, rtol=1e-3, atol=1e-6)
    apart = torch.pdist(torch.from_numpy(latent["class_means"].astype(float))).mean().item()
    np.testing.assert_allclose(distance, [0, apart], rtol=1e-4)


def test_a_model_without_means_is_refused():
    with pytest.raises(ValueError, match="no likelihood"):
        landscape_of(find("resnet"), SCALES)
