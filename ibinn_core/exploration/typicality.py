"""The typicality test on single images (Section 4.2; Nalisnick et al. 2019)."""

import numpy as np

from .arrays import as_floats, numpy_inside, to_numpy


@numpy_inside
def typicality(log_prob, reference):
    """How far an image's likelihood is from that of typical images, ``(N,)``, in nats, 0 or more.

    ``|log q(x) - mean log q(reference)|``: an image that is too likely is as untypical as one that is
    too unlikely.

    Arguments:
        log_prob: ``(N,)``, log q(x).
        reference: ``(M,)``, log q of training images that the model was not trained on.

    Raises:
        ValueError: for log-likelihoods that are not finite floats with one dimension, or an empty reference.
    """
    log_prob, reference = as_floats(log_prob, 1, "log_prob"), as_floats(reference, 1, "the reference")
    if not len(reference):
        raise ValueError("the reference must hold at least one log-likelihood")
    return np.abs(log_prob - reference.mean(dtype=np.float64)).astype(log_prob.dtype)


def typicality_threshold(reference, level: float = 0.95) -> float:
    """The typicality that a share ``level`` of the reference (M,) itself does not exceed, in nats.

    Raises:
        ValueError: for a level that is not between 0 and 1, and as :func:`typicality` does.
    """
    if not 0 < level < 1:
        raise ValueError(f"the level must lie between 0 and 1, not {level}")
    reference = to_numpy(reference)
    # Interpolating between two of them, as quantile does by default, would leave out one too many.
    return float(np.quantile(typicality(reference, reference), level, method="inverted_cdf"))


@numpy_inside
def typicality_p_value(log_prob, reference):
    """The p-value of the typicality test, ``(N,)``: which share of the reference is at least as untypical.

    It is 0.05 or less outside the band that 95 % of the reference keep to, whatever the scale of the
    likelihoods, so that models can be compared.

    Arguments:
        log_prob, reference: as for :func:`typicality`, ``(N,)`` and ``(M,)``; the p-value is a multiple of 1/M.

    Raises:
        ValueError: as :func:`typicality` does.
    """
    own = np.sort(typicality(reference, reference))
    score = typicality(log_prob, reference)
    at_least = len(own) - np.searchsorted(own, score, side="left")
    return (at_least / len(own)).astype(score.dtype)  # 1 less the others' share would be 0.05 and a little
