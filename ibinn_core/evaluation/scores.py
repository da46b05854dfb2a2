r"""The scores of Table 1 beside error, likelihood and calibration: arrays in, numbers out.

============================  ==========================================================================
overconfidence                errors among the surest predictions, as a multiple of what their confidence allows
predictive entropy            :math:`H(Y|x) = -\sum_y q(y|x) \log q(y|x)`, nats (Section 4.2)
out-of-distribution detection ROC-AUC of the typicality test on single images (Section 4.2)
:math:`CI(X, Z_E)`            Eq. 38, as in Fig. 10
============================  ==========================================================================
"""

import math

import numpy as np

from ..exploration.typicality import typicality
from ..models.preprocessing import LEVELS, Noise, check_noise

#: Predictions with more confidence than this may be wrong in 0.3 % of all cases at most.
SURE = 0.997


def overconfidence(posterior, labels, sure: float = SURE) -> float | None:
    """How much more often the surest predictions are wrong than their confidence allows.

    The error rate among the images whose most probable class has more than ``sure``, divided by
    ``1 - sure``: at most 1 for a calibrated model, about 333 for one that is always surely wrong. It is in
    the caption of the paper's Table 1, and defined in its authors' code only.

    Arguments:
        posterior: ``(N, K)``, rows sum to one.
        labels: ``(N,)``, integers.

    Returns:
        A ratio, or ``None`` where no prediction is that sure.
    """
    posterior, labels = as_posterior(posterior), np.asarray(labels)
    chosen = posterior.max(1) > sure
    if not chosen.any():
        return None
    return float((posterior[chosen].argmax(1) != labels[chosen]).mean() / (1 - sure))


def predictive_entropy(posterior) -> np.ndarray:
    """H(Y | x) of each image in nats, ``(N,)``: 0 where one class is certain, log K where all are equal.

    Arguments:
        posterior: ``(N, K)``, rows sum to one.
    """
    posterior = as_posterior(posterior)
    # The limit of p log p at 0 is 0.
    return 0 - (posterior * np.log(np.where(posterior > 0, posterior, 1))).sum(1)


def entropy_increase(posterior, test_posterior) -> float:
    """H(Y | X_OoD) - H(Y | X_test) in nats, means over two sets (Section 4.2), higher is better.

    The paper prints no unit; its authors' code takes the natural logarithm.

    Arguments:
        posterior, test_posterior: of the out-of-distribution set ``(N, K)`` and of the test set ``(M, K)``.
    """
    return float(predictive_entropy(posterior).mean() - predictive_entropy(test_posterior).mean())


def roc_auc(inlier_scores, outlier_scores) -> float:
    """Area under the ROC curve, 0 to 1: how often an outlier's score is above an inlier's, ties by half.

    Arguments:
        inlier_scores, outlier_scores: ``(N,)`` and ``(M,)``; infinities have their place in the order.

    Raises:
        ValueError: if one of them is empty or holds NaN.
    """
    inliers, outliers = _both(inlier_scores, outlier_scores)
    inliers = np.sort(inliers)
    below, not_above = (np.searchsorted(inliers, outliers, side=side) for side in ("left", "right"))
    return float((below.sum() + not_above.sum()) / (2 * len(inliers) * len(outliers)))


def roc_curve(inlier_scores, outlier_scores, points: int = 101) -> np.ndarray:
    """The ROC curve on an even grid of false alarm rates: the share of outliers that are found, ``(points,)``.

    The value at a rate f is the best that any threshold reaches which at most a share f of the inliers
    exceeds, so it rises in steps and ends at 1.

    Arguments:
        inlier_scores, outlier_scores: ``(N,)`` and ``(M,)``, higher for what is taken for an outlier.
        points: of the grid, from 0 to 1, both included.

    Raises:
        ValueError: as for :func:`roc_auc`.
    """
    inliers, outliers = map(np.sort, _both(inlier_scores, outlier_scores))
    # 1e-9: 0.29 * 100 falls short of 29 in floating point.
    allowed = np.floor(np.linspace(0, 1, points) * len(inliers) + 1e-9).astype(int)
    # A threshold that lets no more pass than are allowed lies above the next inlier.
    above = np.concatenate([[-np.inf], inliers])[len(inliers) - allowed]
    found = 1 - np.searchsorted(outliers, above, side="right") / len(outliers)
    return np.where(allowed == len(inliers), 1.0, found)


def _both(inlier_scores, outlier_scores) -> tuple[np.ndarray, np.ndarray]:
    inliers, outliers = (np.asarray(scores, dtype=np.float64) for scores in (inlier_scores, outlier_scores))
    if not len(inliers) or not len(outliers):
        raise ValueError("a ROC curve needs at least one inlier and one outlier")
    if np.isnan(inliers).any() or np.isnan(outliers).any():
        raise ValueError("scores must be numbers, but hold NaN")
    return inliers, outliers


def detection_score(test_log_prob, ood_log_prob, reference) -> float:
    """ROC-AUC of the typicality test on single images (Section 4.2), 0 to 1; 0.5 is chance.

    The score of an image is ``|NLL - mean NLL of held-out training images|``: what is too likely is as
    untypical as what is too unlikely, so a set may well score below 0.5.

    Arguments:
        test_log_prob, ood_log_prob: log q(x), ``(N,)`` and ``(M,)``.
        reference: log q of training images that the model was not trained on, ``(R,)``.

    Raises:
        ValueError: for likelihoods that are not finite, or none.
    """
    return roc_auc(*_typicalities(test_log_prob, ood_log_prob, reference))


def detection_curve(test_log_prob, ood_log_prob, reference, points: int = 101) -> np.ndarray:
    """The ROC curve whose area :func:`detection_score` is, as :func:`roc_curve` gives it, ``(points,)``.

    Arguments:
        test_log_prob, ood_log_prob, reference: as for :func:`detection_score`.
        points: as for :func:`roc_curve`.
    """
    return roc_curve(*_typicalities(test_log_prob, ood_log_prob, reference), points)


def _typicalities(test_log_prob, ood_log_prob, reference) -> tuple[np.ndarray, np.ndarray]:
    test, ood, reference = (np.asarray(v, dtype=np.float64) for v in (test_log_prob, ood_log_prob, reference))
    return typicality(test, reference), typicality(ood, reference)


def arithmetic_mean(values) -> float:
    """The average over the sets that Table 1 takes for entropies (0.43, 0.40, 0.10, 0.61: 0.38)."""
    return float(np.mean(_some(values)))


def geometric_mean(values) -> float:
    """The average over the sets that Table 1 takes for detection scores (78.80, 67.30, 77.19, 54.59: 68.76).

    Raises:
        ValueError: for no values, or negative ones.
    """
    values = _some(values)
    if (values < 0).any():
        raise ValueError("a geometric mean needs values of 0 or more")
    return float(np.prod(values) ** (1 / len(values)))


def cross_information(log_prob, dims: int, noise: Noise) -> float:
    r"""The approximation of :math:`CI(X, Z_E)` in Fig. 10, in nats (Eq. 38).

    :math:`L_X - h(E)`, and :math:`h(E)` is :math:`d \log \sqrt{2 \pi e \sigma^2}` for Gaussian noise. For
    uniform dequantisation, which the paper does not treat, it is :math:`-d \log 256`: CI is then bits/dim
    in nats times d.

    Arguments:
        log_prob: log q(x + ε) at images *with* the noise of the training, ``(N,)``, the density over [0, 1].
        dims: d, the number of values in an image.
        noise: ``"uniform"``, or σ in units of [0, 1].
    """
    values = _some(log_prob)
    check_noise(noise)
    if isinstance(noise, str):  # uniform
        noise_entropy = -dims * math.log(LEVELS)
    else:
        noise_entropy = dims * (0.5 * math.log(2 * math.pi * math.e) + math.log(noise))
    return float(-values.mean() - noise_entropy)


def as_posterior(posterior) -> np.ndarray:
    """As float64 ``(N, K)``; raises a ValueError for another shape, no row, or what is not finite."""
    posterior = np.asarray(posterior, dtype=np.float64)
    if posterior.ndim != 2 or not len(posterior):
        raise ValueError(f"a posterior must have the shape (N, K) with at least one row, not {posterior.shape}")
    if not np.isfinite(posterior).all():
        raise ValueError("a posterior must be finite, but holds NaN or infinity")
    return posterior


def _some(values) -> np.ndarray:
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 1 or not len(values):
        raise ValueError(f"a mean needs a list of at least one value, not the shape {values.shape}")
    return values
