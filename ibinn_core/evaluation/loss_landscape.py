r"""The loss as a function of the distance between the class means (Fig. 4).

The latents of the test set stay fixed. Each mean moves along the line from the centre of all means, s = 0, through its
trained position, s = 1.

.. math::
    \mathcal L(s) = \frac{2}{1 + \gamma} \left( \frac{\mathcal L_X(s)}{\dim(X)} + \gamma \mathcal L_Y(s) \right),
    \qquad \mu_y(s) = \bar\mu + s\,(\mu_y - \bar\mu)

(Eq. 9). Here :math:`\mathcal L_Y` is the cross-entropy, which is minimised. The loss class-NLL is this loss at
:math:`\gamma = 1 / \dim(X)`, up to a factor and a constant.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from ..checkpoint import view
from ..exploration.projection import project
from ..models.objectives import ib_loss

if TYPE_CHECKING:
    from ..checkpoint import Checkpoint


def landscape_of(checkpoint: Checkpoint, scales: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """The loss of a checkpoint at the scales s of its class means, ``(S,)``, from its stored latents.

    Returns:
        The mean distance of two class means in standard deviations, and the loss (Eq. 9) at the training's γ, or at
        1 / dim(X) without a γ, up to a constant, ``(S,)`` each.

    Raises:
        ValueError: for a model without a likelihood.
        CheckpointError: the checkpoint's latents cannot be read.
    """
    if not checkpoint.has_likelihood:
        raise ValueError(f"{checkpoint.id} has no likelihood, and so no class means")
    latent, dims = checkpoint.latent, checkpoint.dataset.dims
    means = project(latent["class_means"].astype(np.float64), view(latent, "means"))
    points = latent["means_coordinates"].astype(np.float64)
    labels = latent["labels"].astype(int)
    distance, likelihood, entropy = landscape(points, labels, means, np.asarray(scales, float))
    gamma = 1 / dims if checkpoint.gamma is None else checkpoint.gamma
    return distance, ib_loss(likelihood, -entropy, gamma, dims)


def landscape(
    z: np.ndarray, labels: np.ndarray, means: np.ndarray, scales: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean distance of two means, L_X and L_Y (cross-entropy) in nats per image, ``(S,)`` each, at equal class weights.

    Latents ``(N, P)`` with ``labels`` ``(N,)`` and ``means`` ``(K, P)`` are in an orthonormal basis of the span of the
    means. L_X omits the terms that do not depend on the means.
    """
    moved, ways = z - means.mean(0), means - means.mean(0)
    first, second = np.triu_indices(len(means), 1)
    apart = np.linalg.norm(ways[first] - ways[second], axis=1).mean()
    inside = moved @ ways.T
    sizes = np.square(ways).sum(1)
    half = np.square(moved).sum(1) / 2
    likelihood, entropy = np.zeros((2, len(scales)))
    for at, s in enumerate(scales):
        joint = s * inside - s**2 * sizes / 2 - math.log(len(means)) - half[:, None]
        marginal = np.logaddexp.reduce(joint, axis=1)
        likelihood[at] = -marginal.mean()
        entropy[at] = (marginal - joint[np.arange(len(z)), labels]).mean()
    return np.abs(scales) * apart, likelihood, entropy
