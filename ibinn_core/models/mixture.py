r"""The Gaussian mixture in latent space (Eq. 2).

.. math::
    q(z | y) = \mathcal N(z; \mu_y, I), \qquad q(z) = \sum_y q(y)\, q(z | y), \qquad q(y) = \mathrm{softmax}_y(\Phi)
"""

import math

import torch
from torch import Tensor, nn

from ..layers.alignment import means_with_scores

SEPARATION = 5.0  # initial distance between any two means
SMALLEST = 1e-4  # smallest deviation of a dimension, relative to the median of all dimensions
SMALLEST_IN_SPAN = 1e-2  # smallest deviation in the span, if each dimension has deviation 1


class LatentMixture(nn.Module):
    r"""K unit Gaussians in D dimensions, whose means and weights are fixed or learned.

    The means start on orthogonal axes, at distances of :data:`SEPARATION`. If K is larger than D, they start at random
    places, and their distances have this root mean square. The ``generator`` draws the axes or places.

    Attributes:
        means: :math:`\mu_y` ``(K, D)``.
        phi: :math:`\Phi` ``(K,)``, at first zero for weights of 1/K; learned if it requires gradients (Appendix B).
    """

    def __init__(self, num_classes: int, dims: int, generator: torch.Generator | None = None) -> None:
        super().__init__()
        drawn = torch.randn(dims, num_classes, generator=generator, dtype=torch.float64)
        axes = torch.linalg.qr(drawn)[0] if num_classes <= dims else drawn / math.sqrt(dims)
        self.means = nn.Parameter((axes.T * SEPARATION / math.sqrt(2)).float())
        self.phi = nn.Parameter(torch.zeros(num_classes), requires_grad=False)

    @property
    def log_weights(self) -> Tensor:
        r""":math:`w_y = \log q(y)`, shape ``(K,)`` (Eq. 52)."""
        return torch.log_softmax(self.phi, dim=0)

    def scores(self, z: Tensor) -> Tensor:
        r""":math:`z^T \mu_y - \|\mu_y\|^2 / 2`, the part of :math:`\log q(z | y)` that depends on y, ``(N, K)``.

        The scores omit the part that all classes share, since it would cause cancellation far from all means.
        """
        return z @ self.means.T - self.means.square().sum(1) / 2

    def log_base(self, z: Tensor) -> Tensor:
        r""":math:`-\|z\|^2 / 2 - D/2 \log 2\pi`, the part of :math:`\log q(z | y)` without y, ``(N,)``."""
        return -(z.square().sum(1) + z.shape[1] * math.log(2 * math.pi)) / 2

    def log_prob(self, z: Tensor) -> Tensor:
        r""":math:`\log q(z | y)` in nats, ``(N, K)`` (Eq. 53)."""
        return self.scores(z) + self.log_base(z)[:, None]

    def log_marginal(self, z: Tensor) -> Tensor:
        r""":math:`\log q(z)` in nats, ``(N,)`` (Eq. 54)."""
        return torch.logsumexp(self.scores(z) + self.log_weights, dim=1) + self.log_base(z)

    def log_posterior(self, z: Tensor) -> Tensor:
        r""":math:`\log q(y | z)` by Bayes' rule, ``(N, K)``."""
        return torch.log_softmax(self.scores(z) + self.log_weights, dim=1)


def tempered(means: Tensor, log_weights: Tensor, temperature: float) -> Tensor:
    r"""Means ``(K, D)`` with which the scores of :math:`\mu_y` ``(K, D)`` and :math:`w_y` ``(K,)`` are divided by T.

    A temperature above 1 makes the posterior of every latent less sure (Guo et al. 2017).

    Raises:
        ValueError: for a temperature that is not positive and finite, or means that span fewer than K - 1 dimensions.
    """
    if not (math.isfinite(temperature) and temperature > 0):
        raise ValueError(f"the temperature must be positive and finite, not {temperature!r}")
    exact, weights = means.detach().cpu().double(), log_weights.detach().cpu().double()
    constants = (weights - exact.square().sum(1) / 2) / temperature - weights
    return means_with_scores(exact / temperature, constants).to(means)


def linear_discriminant(z: Tensor, labels: Tensor, num_classes: int) -> tuple[Tensor, Tensor, Tensor]:
    r"""Means with which a mixture has the posterior of a linear discriminant analysis of latents.

    Let :math:`h = (z - m) \odot s` have mean 0, and deviation 1 within classes. Let P be an orthonormal basis of the
    span of the class averages :math:`h_y`, and C the covariance of :math:`P^T h` within classes. With :math:`Q = P
    C^{-1} P^T` the scores are :math:`h^T Q h_y - \tfrac12 h_y^T Q h_y + w_y`.

    Arguments:
        z: latents, ``(N, D)``.
        labels: their classes, ``(N,)`` integers in 0..K-1.
        num_classes: K.

    Returns:
        :math:`\mu_y` ``(K, D)``, log-weights ``(K,)``, and the deviations within classes, 1 / s ``(D,)``.

    Raises:
        ValueError: for a class without latents, too few latents, or averages that span fewer than K - 1 dimensions.
    """
    exact, labels = z.detach().cpu().double(), labels.cpu()
    counts = torch.bincount(labels, minlength=num_classes)
    if len(exact) != len(labels) or len(exact) <= num_classes or not counts.all():
        raise ValueError(
            f"a mixture of {num_classes} classes needs more than {num_classes} images with labels, at least one of "
            f"each class, not {len(exact)} with {len(labels)} labels of {int((counts > 0).sum())} classes"
        )
    averages = exact.new_zeros(num_classes, exact.shape[1]).index_add_(0, labels, exact) / counts[:, None]
    within = exact - averages[labels]
    deviation = within.square().mean(0).sqrt()
    deviation = deviation.clamp(min=SMALLEST * deviation.median().clamp(min=1e-12))
    h = (averages - exact.mean(0)) / deviation
    basis = torch.linalg.svd(h - h.mean(0), full_matrices=False).Vh[: num_classes - 1]
    spread = within / deviation @ basis.T
    variances, directions = torch.linalg.eigh(spread.T @ spread / len(exact))
    inverse = directions / variances.clamp(min=SMALLEST_IN_SPAN**2) @ directions.T
    projected = h @ basis.T @ inverse @ basis
    slopes = projected / deviation
    means = means_with_scores(slopes, -slopes @ exact.mean(0) - (projected * h).sum(1) / 2)
    return means.to(z), (counts / len(exact)).log().to(z), deviation.to(z)
