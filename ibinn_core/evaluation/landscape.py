r"""The loss over the distance of the class means (Fig. 4): what holds the classes apart, and what does not.

The test set stays at the latents that a trained model gives it. Each mean moves along the line from the middle of all
means through its place: at s = 0 all are in the middle, at s = 1 as trained.

.. math::
    \mathcal L(s) = \frac{2}{1 + \gamma} \left( \frac{\mathcal L_X(s)}{\dim(X)} + \gamma \mathcal L_Y(s) \right),
    \qquad \mu_y(s) = \bar\mu + s\,(\mu_y - \bar\mu)

(Eq. 9, with :math:`\mathcal L_Y` the cross-entropy, which is to be small). Class-NLL is the same with :math:`\gamma = 1
/ \dim(X)`, but for a constant.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ..checkpoint import view

if TYPE_CHECKING:
    from ..checkpoint import Checkpoint


class Landscape(NamedTuple):
    """Both parts of the loss over the distance of the class means, for S scales.

    Attributes:
        scales: of the means about their middle, ``(S,)``.
        distance: mean distance between two class means, in standard deviations, ``(S,)``.
        likelihood: :math:`L_X` in nats an image, but for what does not depend on the means, ``(S,)``.
        cross_entropy: :math:`L_Y` in nats an image, ``(S,)``.
    """

    scales: np.ndarray
    distance: np.ndarray
    likelihood: np.ndarray
    cross_entropy: np.ndarray

    def loss(self, gamma: float, dims: int) -> np.ndarray:
        """The loss of the training (Eq. 9) for γ from 0 to infinity in D dimensions, but for a constant, ``(S,)``.

        Class-NLL has γ = 1/D. A ``ValueError`` for a negative γ, or no dimension.
        """
        if math.isnan(gamma) or gamma < 0 or dims < 1:
            raise ValueError(f"γ must be 0 or more, and D at least 1, not {gamma} and {dims}")
        if math.isinf(gamma):
            return 2 * self.cross_entropy
        return 2 / (1 + gamma) * (self.likelihood / dims + gamma * self.cross_entropy)


def landscape_of(checkpoint: Checkpoint, scales: ArrayLike) -> Landscape:
    """The landscape of a checkpoint at ``scales``, ``(S,)``, from the latents of the test set stored with it.

    Raises:
        ValueError: for a model without a likelihood.
        CheckpointError: its latents cannot be read.
    """
    if not checkpoint.has_likelihood:
        raise ValueError(f"{checkpoint.id} has no likelihood, and so no class means")
    latent = checkpoint.latent
    basis = view(latent, "means")
    directions = np.asarray(basis.directions, np.float64)
    means = (latent["class_means"].astype(np.float64) - basis.origin) @ directions.T
    points = latent["means_coordinates"].astype(np.float64)
    weights = latent.get("log_weights", np.full(len(means), -math.log(len(means))))
    return landscape(points, latent["labels"].astype(int), means, np.asarray(scales, float), weights)


def landscape(
    z: np.ndarray, labels: np.ndarray, means: np.ndarray, scales: np.ndarray, log_weights: np.ndarray
) -> Landscape:
    """The landscape of latents ``(N, P)`` with ``labels`` ``(N,)``, ``means`` ``(K, P)`` and log q(y), ``(K,)``.

    Coordinates in any orthonormal basis of the span of the means do: no other part of the latents matters.
    """
    middle = means.mean(0)
    ways = means - middle
    first, second = np.triu_indices(len(means), 1)
    apart = np.linalg.norm(ways[first] - ways[second], axis=1).mean() if len(means) > 1 else 0.0
    moved, own = z - middle, np.arange(len(z))
    inside, sizes, half = moved @ ways.T, np.square(ways).sum(1), np.square(moved).sum(1) / 2
    likelihood, entropy = np.zeros((2, len(scales)))
    for at, s in enumerate(scales):
        joint = s * inside - s**2 * sizes / 2 + log_weights - half[:, None]
        marginal = np.logaddexp.reduce(joint, axis=1)
        likelihood[at], entropy[at] = -marginal.mean(), (marginal - joint[own, labels]).mean()
    return Landscape(scales, np.abs(scales) * apart, likelihood, entropy)
