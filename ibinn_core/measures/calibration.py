"""Calibration errors: those of the paper (Appendix C), the top-label error, and the bins that they use.

See :mod:`.scores` for posteriors ``(N, K)``, labels ``(N,)`` and errors.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from .scores import as_labels, as_posterior

#: The bin edges of Appendix C, written out: finer where most predictions are.
PAPER_EDGES = np.array(
    [0.00, 0.01, 0.02, 0.03, 0.04, 0.05, 0.15, 0.25, 0.35, 0.45, 0.55]
    + [0.65, 0.75, 0.85, 0.95, 0.96, 0.97, 0.98, 0.99, 1.00]
)

LARGEST_POWER, DEVIATION = 16.0, 0.5  # largest power β of a posterior, and the deviation of β's Gaussian prior around 1


class Calibration(NamedTuple):
    """Expected, maximum and integrated calibration error (Eqs. 62-64), each from 0 to 1."""

    expected: float
    maximum: float
    integrated: float

    @property
    def geometric_mean(self) -> float:
        """The geometric mean of the three errors, as in Table 1."""
        return float(np.cbrt(self.expected * self.maximum * self.integrated))


class Reliability(NamedTuple):
    """Predictions, sorted by probability into B bins: the data of a reliability diagram.

    Attributes:
        edges: edges of the bins, ``(B + 1,)``, from 0 to 1.
        expected: the share of right predictions of a calibrated model, ``(B,)``; it may be NaN for an empty bin.
        observed: the share of right predictions in a bin, ``(B,)``; NaN for an empty bin.
        count: the number of predictions in a bin, ``(B,)``.
    """

    edges: np.ndarray
    expected: np.ndarray
    observed: np.ndarray
    count: np.ndarray  # pyright: ignore[reportIncompatibleMethodOverride]


def reliability(posterior: ArrayLike, labels: ArrayLike) -> Reliability:
    """The probabilities of *all* classes in the bins of Appendix C (Eqs. 58-61); ``expected`` are the bins' centres.

    A bin includes its lower edge; the last bin also includes its upper edge.
    """
    posterior = as_posterior(posterior)
    hits = np.arange(posterior.shape[1]) == as_labels(labels, *posterior.shape)[:, None]
    size = len(PAPER_EDGES) - 1
    bins = np.clip(np.searchsorted(PAPER_EDGES, posterior, side="right") - 1, 0, size - 1)
    count = np.bincount(bins.ravel(), minlength=size)
    correct = np.bincount(bins.ravel(), weights=hits.ravel(), minlength=size)
    return Reliability(PAPER_EDGES, (PAPER_EDGES[1:] + PAPER_EDGES[:-1]) / 2, _ratio(correct, count), count)


def top_label_reliability(posterior: ArrayLike, labels: ArrayLike, bins: int = 15) -> Reliability:
    """The most probable class in bins of equal width (Guo et al. 2017); ``expected`` are the bins' mean confidences.

    A bin includes its upper edge.
    """
    posterior = as_posterior(posterior)
    confidence = posterior.max(1)
    hits = posterior.argmax(1) == as_labels(labels, *posterior.shape)
    index = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    count = np.bincount(index, minlength=bins)
    sums = (np.bincount(index, weights=values, minlength=bins) for values in (confidence, hits))
    expected, observed = (_ratio(total, count) for total in sums)
    return Reliability(np.linspace(0, 1, bins + 1), expected, observed, count)


def calibration(posterior: ArrayLike, labels: ArrayLike) -> Calibration:
    """The paper's calibration errors (Eqs. 58-64), over the probabilities of *all* classes.

    A prediction is right if its class is the image's label (in the printed Eq. 59 a parenthesis is misplaced). The
    centre of a bin stands for its probabilities, so even a perfect one-hot classifier has an error of 0.5 %.
    """
    _, centres, observed, count = reliability(posterior, labels)
    used, widths = count > 0, np.diff(PAPER_EDGES)
    gaps = np.abs(centres[used] - observed[used])
    return Calibration(
        expected=float((count[used] / count.sum()) @ gaps),
        maximum=float(gaps.max()),
        integrated=float(widths[used] @ gaps),
    )


def top_label_error(posterior: ArrayLike, labels: ArrayLike, bins: int = 15) -> float:
    """Expected calibration error of the most probable class in bins of equal width (Guo et al. 2017), 0 to 1."""
    _, confidence, accuracy, count = top_label_reliability(posterior, labels, bins)
    used = count > 0
    return float((count[used] / count.sum()) @ np.abs(confidence[used] - accuracy[used]))


def fit_temperature(posterior: ArrayLike, labels: ArrayLike) -> float:
    r"""The temperature T that makes a posterior predict these labels best (temperature scaling, Guo et al. 2017).

    Let :math:`q_\beta(y | x)` be :math:`q(y | x)^\beta`, normalised. The :math:`\beta = 1/T` from 1/16 to 16 minimises

    .. math::
        -\sum_n \log q_\beta(y_n | x_n) + \frac{(\beta - 1)^2}{2 \cdot 0.5^2} .

    Without the second term, a few images could make a model certain. The model must not have been trained on these.
    """
    from scipy.optimize import minimize_scalar  # slow to import

    given = np.asarray(posterior).dtype
    least = np.finfo(given if given.kind == "f" else np.float64).tiny  # smaller values were rounded to zero
    posterior = as_posterior(posterior)
    labels = as_labels(labels, *posterior.shape)
    scores = np.log(np.maximum(posterior, least))
    of_labels = scores[np.arange(len(labels)), labels].sum()

    def loss(power: float) -> float:
        likelihood = power * of_labels - np.logaddexp.reduce(power * scores, axis=1).sum()
        return (power - 1) ** 2 / (2 * DEVIATION**2) - likelihood

    found: Any = minimize_scalar(loss, bounds=(1 / LARGEST_POWER, LARGEST_POWER), method="bounded")
    return 1 / float(found.x)


def _ratio(total: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Computes ``total / count``; NaN where ``count`` is 0."""
    return np.divide(total, count, out=np.full(len(count), np.nan), where=count > 0)
