"""A question of one's own: what a model makes of images that no data set has, or of images under a corruption."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..checkpoint import Checkpoint, find, load
from ..data.images import check_pixels
from ..data.loose import read_images
from ..exploration import TYPICAL, corrupt, typicality_p_value
from ..models.preprocessing import bits_per_dim, dequantize
from .scores import predictive_entropy

if TYPE_CHECKING:
    from ..models.classifier import Classifier


class Answers(NamedTuple):
    """What a model makes of N images.

    Attributes:
        images: as it has seen them, uint8 ``(N, H, W, C)``.
        names: of their files, or their numbers.
        posterior: q(y | x), ``(N, K)``.
        entropy: of the posterior in nats, ``(N,)``.
        bits: bits/dim, ``(N,)``; ``None`` for a model without a likelihood, as are the next two.
        p_values: share of held-out training images whose likelihood is at least as unusual, ``(N,)``.
        typical: whether that is at least 5 %, ``(N,)``.

    Example:
        >>> answers = ib.evaluation.ask("resnet", ib.data.sample()[0])
        >>> answers.posterior.shape, answers.names[2], answers.bits
        ((20, 10), '2', None)
    """

    images: np.ndarray
    names: list[str]
    posterior: np.ndarray
    entropy: np.ndarray
    bits: np.ndarray | None
    p_values: np.ndarray | None
    typical: np.ndarray | None


def ask(
    checkpoint: "Checkpoint | str | Path | Classifier",
    images: np.ndarray | str | Path,
    corruption: str | Callable[[np.ndarray, float], np.ndarray] | None = None,
    strength: float = 1.0,
    model: "Classifier | None" = None,
) -> Answers:
    """Whether a model finds images typical, and what it takes them for.

    Each image gets the same noise (:func:`ibinn_core.dequantize`), so that what is said of it does not depend on the
    others.

    Arguments:
        checkpoint: of the model, or its id or folder; or the model, if that is of a checkpoint.
        images: uint8 ``(N, H, W, C)``, at least one, or a folder of image files
            (:func:`ibinn_core.data.read_images`).
        corruption: the name of one that was registered (:func:`ibinn_core.exploration.register_corruption`), or a
            function as it is registered; ``None`` for the images as they are.
        strength: of the corruption, from 0 to 1.
        model: the checkpoint's, if it is loaded already.

    Raises:
        CheckpointError, DatasetError, CorruptionError, ValueError: in one sentence, for what cannot be used.

    Example:
        >>> digits = ib.data.embedded("mnist")[0]
        >>> as_they_are = ib.evaluation.ask("mnist-gamma-1", digits)
        >>> negatives = ib.evaluation.ask("mnist-gamma-1", digits, lambda x, strength: x + strength * (1 - 2 * x))
        >>> bool(as_they_are.typical.mean() > 0.7), bool(negatives.typical.any())
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
    shape = found.dataset.image_shape
    names = None
    if not isinstance(images, np.ndarray):
        images, names = read_images(images, shape)
    check_pixels(images)
    if images.shape[1:] != (*shape[1:], shape[0]) or not len(images):
        raise ValueError(f"{found.id} takes images of the shape {(*shape[1:], shape[0])}, not {images.shape[1:]}")
    if corruption is not None:
        images = corrupted(images, corruption, strength)
    model = load(found) if model is None else model
    with torch.no_grad():
        seen = model.look(dequantize(to_unit(images), model.noise).to(model.device))
    posterior = seen["posterior"].cpu().numpy()
    bits = p_values = None
    if model.has_likelihood:
        log_prob = seen["log_prob"].cpu().numpy().astype(np.float64)
        bits = bits_per_dim(log_prob, found.dataset.dims, model.noise)
        p_values = typicality_p_value(log_prob, found.latent["reference"])
    typical = None if p_values is None else p_values >= 1 - TYPICAL
    names = [str(number) for number in range(len(images))] if names is None else names
    return Answers(images, names, posterior, predictive_entropy(posterior), bits, p_values, typical)


def corrupted(
    images: np.ndarray, corruption: str | Callable[[np.ndarray, float], np.ndarray], strength: float
) -> np.ndarray:
    """8-bit images ``(N, H, W, C)`` under a corruption of one's own, as :func:`ask` takes it.

    Raises:
        CorruptionError, ValueError: as there.
    """
    x = ((images.astype(np.float32) + 0.5) / 256).transpose(0, 3, 1, 2)
    return np.floor(corrupt(corruption, x, strength) * 256).astype(np.uint8).transpose(0, 2, 3, 1)
