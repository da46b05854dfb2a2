"""A model's predictions on images: posteriors, likelihoods and typicality."""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..checkpoint import Checkpoint, load
from ..exploration import TYPICAL, typicality_p_value
from ..measures.scores import predictive_entropy
from ..models.preprocessing import bits_per_dim

if TYPE_CHECKING:
    from ..models.classifier import Classifier


class Predictions(NamedTuple):
    """A model's predictions on N images.

    Attributes:
        posterior: q(y | x), ``(N, K)``.
        entropy: entropy of the posterior in nats, ``(N,)``.
        bits: bits/dim, ``(N,)``. This field and the next two are ``None`` for a model without a likelihood.
        p_values: share of held-out training images whose likelihood is at least as unusual, ``(N,)``.
        typical: whether the p-value is above 5 %, ``(N,)``.
    """

    posterior: np.ndarray
    entropy: np.ndarray
    bits: np.ndarray | None
    p_values: np.ndarray | None
    typical: np.ndarray | None


def predict(model: "Classifier | Checkpoint | str | Path", images: np.ndarray) -> Predictions:
    """The posteriors and likelihoods of images, and whether the model finds the images typical.

    Arguments:
        model: a model that was loaded from a checkpoint; or a checkpoint, its id or its folder.
        images: uint8 ``(N, H, W, C)``, at least one.

    Raises:
        CheckpointError: The checkpoint cannot be used.
        ValueError: for images of another shape or dtype, or a model with a likelihood but no checkpoint.
    """
    import torch

    if isinstance(model, (str, Path, Checkpoint)):
        model = load(model)
    x = model.preprocess(images)
    if not len(x):
        raise ValueError("there must be at least one image, not none")
    if model.has_likelihood and model.checkpoint is None:
        raise ValueError("the model has no checkpoint: call ib.save, ib.measure, and ib.load to get it back")
    with torch.no_grad():
        found = model.evaluate(x)
    posterior = found["posterior"].cpu().numpy()
    bits = p_values = typical = None
    if model.has_likelihood:
        log_prob = found["log_prob"].cpu().numpy().astype(np.float64)
        bits = bits_per_dim(log_prob, model.config.dims, model.noise)
        p_values = typicality_p_value(log_prob, model)
        typical = p_values >= 1 - TYPICAL
    return Predictions(posterior, predictive_entropy(posterior), bits, p_values, typical)
