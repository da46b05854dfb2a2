"""Scores of predictions and likelihoods: functions of arrays.

A posterior q(y | x) is ``(N, K)`` with rows that sum to one, labels are integers in 0..K-1, ``(N,)``. All functions
raise a ``ValueError`` for invalid arrays.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..exploration.typicality import typicality

#: Confidence above which a calibrated model has at most 0.3 % errors.
SURE = 0.997
ROUNDING = 0.01  # largest allowed deviation of a posterior's sum from 1; half precision needs it
LEAST = 1e-12  # smallest probability of a true class, so that one image does not make a mean infinite


def error_rate(posterior: ArrayLike, labels: ArrayLike) -> float:
    """The share of images whose most probable class is wrong, 0 to 1."""
    posterior = as_posterior(posterior)
    return float((posterior.argmax(1) != as_labels(labels, *posterior.shape)).mean())


def overconfidence(posterior: ArrayLike, labels: ArrayLike, sure: float = SURE) -> float | None:
    """The error rate of the surest predictions, divided by the rate that their confidence allows.

    These predictions have a confidence above ``sure``, which allows the error rate ``1 - sure``. The quotient is at
    most 1 for a calibrated model, and ``None`` if there are no such predictions. Only the authors' code defines it.
    """
    posterior = as_posterior(posterior)
    labels = as_labels(labels, *posterior.shape)
    chosen = posterior.max(1) > sure
    return error_rate(posterior[chosen], labels[chosen]) / (1 - sure) if chosen.any() else None


def cross_entropy(posterior: ArrayLike, labels: ArrayLike) -> float:
    """The mean of -log q(y | x) of the true classes in nats; probabilities below 1e-12 count as 1e-12."""
    posterior = as_posterior(posterior)
    labels = as_labels(labels, *posterior.shape)
    true = posterior[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(true, LEAST)).mean())


def predictive_entropy(posterior: ArrayLike) -> np.ndarray:
    """The entropy of each image (Section 4.2), -Σ q(y | x) log q(y | x) in nats, ``(N,)``, from 0 to log K."""
    posterior = as_posterior(posterior)
    # The limit of p log p at 0 is 0.
    return 0 - (posterior * np.log(np.where(posterior > 0, posterior, 1))).sum(1)


def disagreement(first: ArrayLike, second: ArrayLike) -> np.ndarray:
    r"""How differently two models judge the same images, ``(N,)``: the Jensen-Shannon divergence of their posteriors.

    It is :math:`H(\tfrac{p + q}{2}) - \tfrac12 (H(p) + H(q))` in nats, for posteriors p and q and the entropy H. It is
    0 for equal posteriors, and ln 2 if the models are certain of different classes.
    """
    p, q = as_posterior(first), as_posterior(second)
    if p.shape != q.shape:
        raise ValueError(f"two posteriors of the same images are needed; these are {p.shape} and {q.shape}")
    between = predictive_entropy((p + q) / 2) - (predictive_entropy(p) + predictive_entropy(q)) / 2
    return between.clip(0, np.log(2))


def entropy_increase(posterior: ArrayLike, test_posterior: ArrayLike) -> float:
    """H(Y | X_OoD) - H(Y | X_test) in nats, the means over two sets ``(N, K)`` and ``(M, K)`` (Section 4.2)."""
    return float(predictive_entropy(posterior).mean() - predictive_entropy(test_posterior).mean())


def roc_auc(inlier_scores: ArrayLike, outlier_scores: ArrayLike) -> float:
    """Area under the ROC curve, 0 to 1: how often an outlier's score is above an inlier's; ties count one half.

    Scores ``(N,)`` and ``(M,)`` may be infinite. Raises a ValueError if one of them is empty or holds NaN.
    """
    from scipy.stats import mannwhitneyu  # slow to import

    inliers, outliers = _both(inlier_scores, outlier_scores)
    # U counts the pairs whose outlier has the larger score. "asymptotic" is cheap. The p-value is not used.
    result: Any = mannwhitneyu(outliers, inliers, method="asymptotic")
    return float(result.statistic / (len(inliers) * len(outliers)))


def roc_curve(inlier_scores: ArrayLike, outlier_scores: ArrayLike, points: int = 101) -> np.ndarray:
    """The ROC curve on an even grid of false alarm rates from 0 to 1: the share of outliers found, ``(points,)``.

    At a rate f, at most a share f of the inliers is found too. See :func:`roc_auc` for scores and errors.
    """
    inliers, outliers = map(np.sort, _both(inlier_scores, outlier_scores))
    # 1e-9, because 0.29 * 100 is below 29 in floating point.
    allowed = np.floor(np.linspace(0, 1, points) * len(inliers) + 1e-9).astype(int)
    # The threshold is the largest inlier that must not pass: only scores above it pass.
    above = np.concatenate([[-np.inf], inliers])[len(inliers) - allowed]
    found = 1 - np.searchsorted(outliers, above, side="right") / len(outliers)
    return np.where(allowed == len(inliers), 1.0, found)


def _both(inlier_scores: ArrayLike, outlier_scores: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    inliers, outliers = (np.asarray(scores, dtype=np.float64) for scores in (inlier_scores, outlier_scores))
    if not len(inliers) or not len(outliers):
        raise ValueError("a ROC curve needs at least one inlier and one outlier")
    if np.isnan(inliers).any() or np.isnan(outliers).any():
        raise ValueError("scores must be numbers, but hold NaN")
    return inliers, outliers


def detection_score(test_log_prob: ArrayLike, ood_log_prob: ArrayLike, reference: ArrayLike) -> float:
    """ROC-AUC of the typicality test on single images (Section 4.2), 0 to 1.

    Arguments:
        test_log_prob: log q(x) of the test set, ``(N,)`` in nats.
        ood_log_prob: log q(x) of the out-of-distribution set, ``(M,)`` in nats.
        reference: log q(x) of held-out training images, ``(R,)`` in nats.

    Raises:
        ValueError: for likelihoods that are not finite, or if there are none.
    """
    return roc_auc(*_typicalities(test_log_prob, ood_log_prob, reference))


def detection_curve(
    test_log_prob: ArrayLike, ood_log_prob: ArrayLike, reference: ArrayLike, points: int = 101
) -> np.ndarray:
    """The :func:`roc_curve` of :func:`detection_score`, ``(points,)``, with the same arguments and errors."""
    return roc_curve(*_typicalities(test_log_prob, ood_log_prob, reference), points)


def _typicalities(test: ArrayLike, ood: ArrayLike, reference: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    test, ood, reference = (np.asarray(values, dtype=np.float64) for values in (test, ood, reference))
    return typicality(test, reference), typicality(ood, reference)


def as_posterior(posterior: ArrayLike) -> np.ndarray:
    """The posterior as float64 ``(N, K)``; raises a ``ValueError`` for other arrays."""
    posterior = np.asarray(posterior, dtype=np.float64)
    if posterior.ndim != 2 or not len(posterior):
        raise ValueError(f"a posterior must have the shape (N, K) with at least one row, not {posterior.shape}")
    if not np.isfinite(posterior).all():
        raise ValueError("a posterior must be finite, but holds NaN or infinity")
    if posterior.min() < 0 or np.abs(posterior.sum(1) - 1).max() > ROUNDING:
        raise ValueError("the rows of a posterior must be probabilities that sum to one: take the softmax of logits")
    return posterior


def as_labels(labels: ArrayLike, count: int, classes: int) -> np.ndarray:
    """The labels of ``count`` images, ``(N,)``; raises a ``ValueError`` if they do not fit the number of classes."""
    labels = np.asarray(labels)
    if labels.shape != (count,) or labels.dtype.kind not in "iu":
        raise ValueError(f"labels must be {count} whole numbers, not {labels.dtype} of shape {labels.shape}")
    if labels.min() < 0 or labels.max() >= classes:
        raise ValueError(f"labels must be from 0 to {classes - 1}, not from {labels.min()} to {labels.max()}")
    return labels
