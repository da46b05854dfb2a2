"""What a model predicts of images: posterior, latents, likelihood."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

import ibinn_core as ib
from app.desk import question
from app.figures.classes import with_number
from app.inference import computations
from app.models import asking, registry
from app.models.origin import image_origin, origin
from app.widgets.export_menu import csv_bytes
from ibinn_core.checkpoint import Checkpoint


@dataclass(frozen=True)
class Prediction:
    """What any model predicts of 8-bit images."""

    posterior: np.ndarray  # q(y | x), (N, K)


@dataclass(frozen=True)
class LikelihoodPrediction(Prediction):
    """What a model with a likelihood predicts of them."""

    latents: np.ndarray  # (N, D)
    bits: np.ndarray  # bits/dim, (N,)


def predict(checkpoint_id: str, images: np.ndarray) -> Prediction:
    """The posterior of 8-bit images ``(N, H, W, C)`` under a model."""
    return Prediction(asking.ask(question(computations.look, checkpoint_id, images))["posterior"])


def predict_with_likelihood(checkpoint_id: str, images: np.ndarray) -> LikelihoodPrediction:
    """Posterior, latents and bits/dim of 8-bit images ``(N, H, W, C)`` under a model that has a likelihood.

    Raises:
        ValueError: The model has none.
    """
    checkpoint = registry.by_id(checkpoint_id)
    if not checkpoint.has_likelihood:
        raise ValueError(f"The model {checkpoint_id} has no likelihood.")
    found = asking.ask(question(computations.look, checkpoint_id, images))
    return LikelihoodPrediction(found["posterior"], found["latents"], bits_per_dim(checkpoint, found["log_prob"]))


def latents_of(checkpoint_id: str, images: np.ndarray) -> np.ndarray:
    """The latents of 8-bit images ``(N, H, W, C)`` under a model that has some, ``(N, D)``."""
    return asking.ask(question(computations.look, checkpoint_id, images))["latents"]


def top_classes(posterior: np.ndarray, count: int = 3, *, classes: Sequence[str]) -> list[str]:
    """The most probable classes of one image, by its posterior ``(K,)``, each with its probability."""
    order = posterior.argsort()[::-1][:count]
    return [with_number(classes[int(k)], f"{posterior[k]:.0%}") for k in order]


def bits_per_dim(checkpoint: Checkpoint, log_prob: npt.ArrayLike) -> np.ndarray:
    """Nats to bits/dim, by the noise that the model was trained with."""
    nats = np.asarray(log_prob, dtype=np.float64)
    return np.asarray(ib.bits_per_dim(nats, checkpoint.dataset.dims, checkpoint.noise))


def typical_bits(checkpoint: Checkpoint) -> tuple[float, float]:
    """Lowest and highest bits/dim that pass the typicality test."""
    reference = checkpoint.latent["reference"]
    threshold = ib.exploration.typicality_threshold(reference)
    mean = float(reference.mean(dtype=np.float64))
    low, high = (float(bits_per_dim(checkpoint, mean + sign * threshold)) for sign in (1, -1))
    return low, high


def posterior_csv(checkpoint: Checkpoint, posterior: np.ndarray, image: np.ndarray | int) -> bytes:
    """A posterior ``(K,)`` as a table, a row for each class; of an image, or the one with that hash."""
    columns = {"class": checkpoint.classes, "posterior": posterior.tolist(), "model": checkpoint.id}
    return csv_bytes(columns | origin(checkpoint) | image_origin(image))
