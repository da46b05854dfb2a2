"""How typical an image is among test images that a model takes for the same class.

The test of :mod:`ibinn_core.exploration.typicality` within one class: of digits, a 1 has half the bits/dim of an 8, so
that a band for all of them would exclude most 1s and take in much that is no digit. Beside the likelihood it looks at
where the image lies in the dimensions that the class means span, since one number alone is easily met by chance.

Arrays in, numbers out: nothing here knows of models, files or the page.
"""

from typing import NamedTuple

import numpy as np

import ibinn_core as ib

FEWEST = 50  # test images of a class, below which nothing can be said of what is typical for it


class ClassTypicality(NamedTuple):
    """One image among others of its class."""

    low: float  # in nats: the share TYPICAL of the others has log q(x) from here
    high: float  # to here
    as_far_in_likelihood: float  # of the others, the share whose log q(x) is at least as far from their mean
    as_far_in_latents: float  # of the others, the share that lie at least as far from their centre

    @property
    def likelihood_is_typical(self) -> bool:
        """Whether the likelihood is that of the class."""
        return self.as_far_in_likelihood > 1 - ib.exploration.TYPICAL

    @property
    def place_is_typical(self) -> bool:
        """Whether the place in latent space is that of the class."""
        return self.as_far_in_latents > 1 - ib.exploration.TYPICAL

    @property
    def is_typical(self) -> bool:
        """Whether both are."""
        return self.likelihood_is_typical and self.place_is_typical


def typicality_in_class(log_prob: float, place: np.ndarray, others: np.ndarray, places: np.ndarray) -> ClassTypicality:
    """How typical an image is among others, by log q(x) and latents in the dimensions that class means span.

    ``place`` is the image's latent there, ``(P,)``, ``places`` are those of the others, ``(M, P)``.

    Raises:
        ValueError: for fewer than 50 others.
    """
    if len(others) < FEWEST:
        raise ValueError(f"{len(others)} test images do not tell what is typical; {FEWEST} would")
    others = others.astype(np.float64)
    mean, width = others.mean(), ib.exploration.typicality_threshold(others)
    middle, precision, distances = mahalanobis(places)
    offset = place.astype(np.float64) - middle
    own = float(np.sqrt(offset @ precision @ offset))
    return ClassTypicality(
        mean - width,
        mean + width,
        float(ib.exploration.typicality_p_value(np.array([log_prob], np.float64), others)[0]),
        float((distances >= own).mean()),
    )


def mahalanobis(places: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The centre of places ``(M, P)``, the inverse of their covariance, and their Mahalanobis distances, ``(M,)``."""
    middle, precision = places.mean(0).astype(np.float64), np.linalg.pinv(np.cov(places.T.astype(np.float64)))
    offsets = places.astype(np.float64) - middle
    return middle, precision, np.sqrt(np.einsum("mp,pq,mq->m", offsets, precision, offsets))
