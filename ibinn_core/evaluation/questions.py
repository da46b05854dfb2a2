"""What a model makes of images that no data set has: whether they are typical, and their posterior."""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..checkpoint import Checkpoint, find, load
from ..data.images import check_pixels
from ..exploration import TYPICAL, typicality_p_value
from ..models.preprocessing import bits_per_dim, dequantize
from .scores import predictive_entropy

if TYPE_CHECKING:
    from ..models.classifier import Classifier


class Answers(NamedTuple):
    """What a model makes of N images.

    Attributes:
        posterior: q(y | x), ``(N, K)``.
        entropy: of the posterior in nats, ``(N,)``.
        bits: bits/dim, ``(N,)``; ``None`` for a model without a likelihood, as are the next two.
        p_values: share of held-out training images whose likelihood is at least as unusual, ``(N,)``.
        typical: whether that is at least 5 %, ``(N,)``.
    """

    posterior: np.ndarray
    entropy: np.ndarray
    bits: np.ndarray | None
    p_values: np.ndarray | None
    typical: np.ndarray | None


def ask(checkpoint: "Checkpoint | str | Path | Classifier", images: np.ndarray) -> Answers:
    """Whether a model finds images typical, and what it takes them for.

    Each image gets the same noise (:func:`ibinn_core.dequantize`), so that the answers for one image do not depend on
    the others.

    Arguments:
        checkpoint: of the model, or its id or folder; or the model, if it was loaded from a checkpoint.
        images: uint8 ``(N, H, W, C)``, at least one.

    Raises:
        CheckpointError: The checkpoint cannot be used.
        ValueError: for images of another shape or dtype, or a model that has no checkpoint.

    Example:
        >>> digits = ib.data.embedded("mnist")[0]
        >>> answers, of_negatives = (ib.evaluation.ask("mnist-gamma-1", images) for images in (digits, 255 - digits))
        >>> bool(answers.typical.mean() > 0.7), bool(of_negatives.typical.any())
        (True, False)
    """
    import torch

    from ..data.images import to_unit
    from ..models.classifier import Classifier

    if isinstance(checkpoint, Classifier):
        model, found = checkpoint, checkpoint.checkpoint
        if found is None:
            raise ValueError("the model is of no checkpoint, which knows the images that it has seen: name one")
    else:
        found = checkpoint if isinstance(checkpoint, Checkpoint) else find(checkpoint)
        model = load(found)
    shape = found.dataset.image_shape
    check_pixels(images)
    if images.shape[1:] != (*shape[1:], shape[0]) or not len(images):
        raise ValueError(f"{found.id} takes images of the shape {(*shape[1:], shape[0])}, not {images.shape[1:]}")
    with torch.no_grad():
        seen = model.look(dequantize(to_unit(images), model.noise).to(model.device))
    posterior = seen["posterior"].cpu().numpy()
    bits = p_values = None
    if model.has_likelihood:
        log_prob = seen["log_prob"].cpu().numpy().astype(np.float64)
        bits = bits_per_dim(log_prob, found.dataset.dims, model.noise)
        p_values = typicality_p_value(log_prob, found.latent["reference"])
    typical = None if p_values is None else p_values >= 1 - TYPICAL
    return Answers(posterior, predictive_entropy(posterior), bits, p_values, typical)
