"""How likely the images halfway between two images are (Fig. 9, as a number).

A model cannot judge its own images fairly, so their likelihood is that of another model, the judge: the one trained
for likelihood alone.
"""

from typing import TYPE_CHECKING

import numpy as np

from ..data.images import to_uint8, to_unit
from ..exploration import interpolate
from ..models.preprocessing import bits_per_dim
from .measure import known, score_images

if TYPE_CHECKING:
    from ..models.classifier import Classifier


def midpoints(model: "Classifier", images: np.ndarray, pairs: np.ndarray, path: str = "spherical") -> np.ndarray:
    """The images that a model decodes halfway between pairs of images, as they would be shown: clipped, in 8 bits.

    Arguments:
        model: an invertible one.
        images: uint8 ``(N, 32, 32, 3)``.
        pairs: ``(P, 2)`` indices of images.
        path: as for :func:`ibinn_core.exploration.interpolate`.

    Returns:
        uint8 ``(P, 32, 32, 3)``; values that are not finite become mid-grey.

    Raises:
        UnsupportedError: for a model that is not invertible.

    Example:
        >>> images, labels = ib.data.sample()
        >>> ib.evaluation.midpoints(ib.load("gamma-1"), images[:3], np.array([[0, 1], [0, 2]])).shape
        (2, 32, 32, 3)
    """
    import torch

    with torch.no_grad():
        z = model.encode(to_unit(images))
        halfway = torch.stack([interpolate(z[i], z[j], 3, path)[1] for i, j in pairs.tolist()])
        return to_uint8(model.decode(halfway), missing=0.5)


def midpoint_bits(
    model: "Classifier", judge: "Classifier", images: np.ndarray, pairs: np.ndarray, path: str = "spherical"
) -> np.ndarray:
    """Bits/dim of :func:`midpoints` under ``judge``, float64 ``(P,)``.

    Arguments:
        model: an invertible one.
        judge: a model with a likelihood.
        images: uint8 ``(N, 32, 32, 3)``.
        pairs: ``(P, 2)`` indices of images.
        path: as for :func:`midpoints`.

    Raises:
        ValueError: for a judge without a likelihood.
        UnsupportedError: for a model that is not invertible.

    Example:
        >>> images, labels = ib.data.sample()
        >>> bits = ib.evaluation.midpoint_bits(ib.load("gamma-1"), ib.load("only-lx"), images[:2], np.array([[0, 1]]))
        >>> bits.shape, bool(1 < bits[0] < 8)
        ((1,), True)
    """
    if not judge.has_likelihood:
        raise ValueError("only a model with a likelihood can say how likely an image is, and this model has none.")
    return bits_of(judge, midpoints(model, images, pairs, path))


def bits_of(judge: "Classifier", images: np.ndarray) -> np.ndarray:
    """Bits/dim of images, uint8 ``(N, 32, 32, 3)``, under a model with a likelihood, float64 ``(N,)``."""
    log_prob = known(score_images(judge, images).log_prob, "likelihoods")
    return bits_per_dim(log_prob.astype(np.float64), judge.config.dims, judge.noise)


def pairs_of_classes(labels: np.ndarray) -> np.ndarray:
    """All pairs of images of different classes, as indices ``(P, 2)``, for their labels ``(N,)``.

    Example:
        >>> ib.evaluation.pairs_of_classes(np.array([6, 6, 3])).tolist()
        [[0, 2], [1, 2]]
    """
    first, second = np.triu_indices(len(labels), 1)
    differ = labels[first] != labels[second]
    return np.stack([first[differ], second[differ]], 1)
