"""How likely the images halfway between two images are (Fig. 9, as a number).

A likelihood cannot judge its own model's images fairly, so another model, the judge, says how likely they are:
the one trained for likelihood alone.
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
    """What a model decodes halfway between images, as it would be shown: clipped, in 8 bits.

    Arguments:
        images: uint8 ``(N, H, W, C)``.
        pairs: ``(P, 2)`` indices into them.
        path: as for :func:`ibinn_core.exploration.interpolate`.

    Returns:
        uint8 ``(P, H, W, C)``; what is not finite is mid-grey.
    """
    import torch

    with torch.no_grad():
        z = model.encode(to_unit(images))
        halfway = torch.stack([interpolate(z[i], z[j], 3, path)[1] for i, j in pairs.tolist()])
        return to_uint8(model.decode(halfway), missing=0.5)


def midpoint_bits(model: "Classifier", judge: "Classifier", images: np.ndarray, pairs, path: str = "spherical"):
    """Bits/dim of :func:`midpoints` under ``judge``, float64 ``(P,)``.

    Raises:
        ValueError: for a judge without a likelihood.
    """
    if not judge.has_likelihood:
        raise ValueError("how likely an image is can only be said by a model with a likelihood, which this one is not.")
    log_prob = known(score_images(judge, midpoints(model, images, pairs, path)).log_prob, "likelihoods")
    return bits_per_dim(log_prob.astype(np.float64), judge.config.dims, judge.noise)


def pairs_of_classes(labels: np.ndarray) -> np.ndarray:
    """All pairs of images that differ in their class, ``(P, 2)``."""
    first, second = np.triu_indices(len(labels), 1)
    differ = labels[first] != labels[second]
    return np.stack([first[differ], second[differ]], 1)
