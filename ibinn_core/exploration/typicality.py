"""The typicality test on single images (Section 4.2; Nalisnick et al. 2019)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .arrays import as_floats, as_number, numpy_inside, to_numpy

#: Share of held-out training images that count as typical; less typical images are out of distribution.
TYPICAL = 0.95


@numpy_inside
def typicality(log_prob: ArrayLike, reference: Any) -> np.ndarray:  # an array, a model or a checkpoint
    """How far the log-likelihood of images is from that of typical images, ``(N,)``, in nats, 0 or more.

    ``|log q(x) - mean log q(reference)|``: an image that is too likely is as untypical as one that is
    too unlikely. A larger value means a less typical image.

    Arguments:
        log_prob: log q(x), ``(N,)`` in nats.
        reference: log q of held-out training images, ``(M,)`` in nats. You can also give a trained or
            mixed checkpoint, which has these numbers, or a model loaded from it.

    Raises:
        ValueError: for log-likelihoods that are not finite floats with one dimension, or no reference.

    Example:
        >>> ib.exploration.typicality(np.array([8.0, 10.0, 13.0]), reference=np.array([9.0, 11.0])).tolist()
        [2.0, 0.0, 3.0]
        >>> model, x = ib.load("mnist-gamma-1"), ib.to_unit(ib.data.embedded("mnist")[0])
        >>> ib.exploration.typicality(model.log_prob(ib.dequantize(x, model.noise)), model).shape
        torch.Size([20])
    """
    log_prob, reference = as_floats(log_prob, 1, "log_prob"), reference_of(reference)
    return np.abs(log_prob - reference.mean(dtype=np.float64)).astype(log_prob.dtype)


def typicality_threshold(reference: Any, level: float = TYPICAL) -> float:
    """The threshold for :func:`typicality` in nats, which a share ``level`` of the reference itself does not exceed.

    The level is from 0 to 1; see :func:`typicality` for reference and errors.
    """
    level = as_number(level, "the level", 0, 1)
    reference = reference_of(to_numpy(reference))
    # Interpolation, the default of quantile, would exclude one value too many.
    return float(np.quantile(typicality(reference, reference), level, method="inverted_cdf"))


def typical_range(reference: Any, level: float = TYPICAL) -> tuple[float, float]:
    """The lowest and the highest log-likelihood, in nats, that pass the test at :func:`typicality_threshold`.

    See that function for arguments and errors.
    """
    exact = reference_of(to_numpy(reference)).astype(np.float64)
    mean, reach = float(exact.mean()), typicality_threshold(exact, level)
    return mean - reach, mean + reach


@numpy_inside
def typicality_p_value(log_prob: ArrayLike, reference: Any) -> np.ndarray:
    """The p-value of the typicality test, ``(N,)``: the share of the reference that is at least as untypical.

    The p-value does not depend on the scale of the likelihoods, so you can compare models. It is a multiple of 1/M.
    See :func:`typicality` for arguments and errors.
    """
    reference = reference_of(reference)
    sorted_scores = np.sort(typicality(reference, reference))
    score = typicality(log_prob, reference)
    at_least = len(sorted_scores) - np.searchsorted(sorted_scores, score, side="left")
    return (at_least / len(sorted_scores)).astype(score.dtype)  # 1 minus the other share would add a rounding error


def reference_of(reference: Any) -> np.ndarray:
    """Returns the log-likelihoods ``(M,)`` of a reference; see :func:`typicality` for arguments and errors."""
    if isinstance(reference, str):
        raise ValueError(f"the reference must be a model, a checkpoint or log-likelihoods: call ib.load({reference!r})")
    checkpoint = getattr(reference, "checkpoint", reference)
    if checkpoint is None:
        raise ValueError("this reference has no checkpoint: give log-likelihoods of held-out images instead")
    if hasattr(checkpoint, "has_likelihood"):
        if not checkpoint.has_likelihood:
            raise ValueError(f"{checkpoint.id} has no likelihood, so it cannot tell typical images from others")
        reference = checkpoint.latent["reference"]
    values = as_floats(reference, 1, "the reference")
    if not len(values):
        raise ValueError("the reference must hold at least one log-likelihood")
    return values
