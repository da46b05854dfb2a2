r"""The loss over the distance of the class means (Fig. 4): what holds the classes apart, and what does not.

The test set stays at the latents that a trained model gives it, and the means move: each to its own multiple of the way
from the middle of all means, so that 0 is the collapse, with all means in one place, and 1 is as trained.

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

from ..checkpoint.latent_format import view
from ..exploration.arrays import as_floats

if TYPE_CHECKING:
    from ..checkpoint import Checkpoint

_AT_ONCE = 2000  # images, of which all classes are held in memory


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


def loss_landscape(
    z: ArrayLike,
    labels: ArrayLike,
    means: ArrayLike,
    scales: ArrayLike,
    log_weights: ArrayLike | None = None,
) -> Landscape:
    r"""The loss of given latents as the class means move together and apart.

    Only the part of the latents in the span of the means matters, so that their coordinates in any orthonormal basis of
    it do, as ``latent.npz`` has them.

    Arguments:
        z: latents or such coordinates, ``(N, P)``, of at least one image.
        labels: true classes, integers ``(N,)``.
        means: :math:`\mu_y` in the same coordinates, ``(K, P)``.
        scales: s, ``(S,)``.
        log_weights: :math:`\log q(y)`, ``(K,)``; all classes alike by default.

    Raises:
        ValueError: for arrays that do not fit together, or are not finite.

    Example:
        >>> means = np.array([[-1.0], [1.0]])
        >>> found = ib.evaluation.loss_landscape(means, np.array([0, 1]), means, np.array([0.0, 1.0]))
        >>> found.distance.tolist(), found.cross_entropy.round(3).tolist()  # two classes in one place: log 2
        ([0.0, 2.0], [0.693, 0.127])
    """
    points, centres = as_floats(z, 2, "latents").astype(float), as_floats(means, 2, "means").astype(float)
    factors = as_floats(np.asarray(scales, float), 1, "scales")
    classes = np.asarray(labels)
    count = len(centres)
    if not count or not len(points) or points.shape[1] != centres.shape[1]:
        raise ValueError(f"latents (N, P) and means (K, P) must fit, not {points.shape} and {centres.shape}")
    if (
        classes.shape != points.shape[:1]
        or classes.dtype.kind not in "iu"
        or not 0 <= classes.min() <= classes.max() < count
    ):
        raise ValueError(f"there must be a class from 0 to {count - 1} for each of {len(points)} latents")
    weights = np.full(count, -math.log(count)) if log_weights is None else as_floats(log_weights, 1, "log weights")
    if weights.shape != (count,):
        raise ValueError(f"there must be a weight for each of {count} classes, not {weights.shape}")
    middle = centres.mean(0)
    ways = centres - middle
    first, second = np.triu_indices(count, 1)
    apart = np.linalg.norm(ways[first] - ways[second], axis=1).mean() if count > 1 else 0.0
    sums = np.zeros((2, len(factors)))
    for start in range(0, len(points), _AT_ONCE):
        some, own = points[start : start + _AT_ONCE] - middle, classes[start : start + _AT_ONCE].astype(int)
        inside, sizes = some @ ways.T, np.square(ways).sum(1)
        half = np.square(some).sum(1) / 2
        for at, s in enumerate(factors):
            joint = s * inside - s**2 * sizes / 2 + weights - half[:, None]
            marginal = np.logaddexp.reduce(joint, axis=1)
            sums[:, at] += -marginal.sum(), (marginal - joint[np.arange(len(own)), own]).sum()
    return Landscape(factors, np.abs(factors) * apart, *sums / len(points))


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
    return loss_landscape(points, latent["labels"].astype(int), means, scales, latent.get("log_weights"))
