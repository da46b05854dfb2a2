"""Where two models disagree: on which images, how strongly, and which of them is right."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..measures.scores import as_labels, as_posterior, predictive_entropy

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


class Disagreement(NamedTuple):
    """What two models make of the same N images of K classes.

    Attributes:
        answers: how many images the first model takes for a class (row) and the second for one (column), ``(K, K)``.
        right: of all images, how many both get right, only the first, only the second, and neither, ``(4,)``.
        divergence: how differently an image is judged, ``(N,)``: the Jensen-Shannon divergence of the two posteriors in
            nats, from 0 (alike) to ln 2 (both sure, of different classes).
    """

    answers: np.ndarray
    right: np.ndarray
    divergence: np.ndarray


def disagreement(first: ArrayLike, second: ArrayLike, labels: ArrayLike) -> Disagreement:
    r"""Compares two models' posteriors ``(N, K)`` of the same images with labels ``(N,)``, integers in 0..K-1.

    The divergence is :math:`H(\tfrac{p + q}{2}) - \tfrac12 (H(p) + H(q))` of the posteriors p and q, H the entropy.
    With another draw of the noise, a model disagrees with itself, too: compare a small difference with that.

    Raises:
        ValueError: for posteriors of different shapes, or that are none, as logits are, and for labels that do not fit.

    Example:
        >>> found = ib.evaluation.disagreement([[1.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [0.75, 0.25]], labels=[0, 1])
        >>> found.answers.tolist(), found.right.tolist(), found.divergence.round(3).tolist()
        ([[1, 0], [1, 0]], [1, 1, 0, 0], [0.0, 0.38])
    """
    p, q = as_posterior(first), as_posterior(second)
    if p.shape != q.shape:
        raise ValueError(f"Two posteriors of the same images are needed; these are {p.shape} and {q.shape}.")
    truth, classes = as_labels(labels, *p.shape), p.shape[1]
    one, other = p.argmax(1), q.argmax(1)
    answers = np.bincount(one * classes + other, minlength=classes**2).reshape(classes, classes)
    right = np.bincount(2 * (one != truth) + (other != truth), minlength=4)
    between = predictive_entropy((p + q) / 2) - (predictive_entropy(p) + predictive_entropy(q)) / 2
    return Disagreement(answers, right, between.clip(0, np.log(2)))
