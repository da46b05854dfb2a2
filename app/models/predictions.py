"""What a model predicts of images: posterior, latents, likelihood."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st

import ibinn_core as ib
from app.models import registry
from app.models.classes import CLASSES
from app.widgets.export_menu import csv_bytes
from ibinn_core.checkpoint import Checkpoint

DIMS = 3072  # pixel values of an image


@dataclass(frozen=True)
class Prediction:
    """What a model predicts of 8-bit images.

    Attributes:
        posterior: ``(N, K)``.
        latents: ``(N, D)``; ``None`` for a model that does not encode.
        bits: bits/dim at the pixel centres, ``(N,)``; ``None`` for a model without a likelihood.
    """

    posterior: np.ndarray
    latents: np.ndarray | None = None
    bits: np.ndarray | None = None

    def with_likelihood(self) -> tuple[np.ndarray, np.ndarray]:
        """Latents and bits/dim of a model that has a likelihood.

        Raises:
            ValueError: The model has none.
        """
        if self.latents is None or self.bits is None:
            raise ValueError("The model has no likelihood.")
        return self.latents, self.bits


@st.cache_data(show_spinner=False, max_entries=128)
def predict(checkpoint_id: str, images: np.ndarray) -> Prediction:
    """Posterior, latents and bits/dim of 8-bit images ``(N, 32, 32, 3)`` under a model."""
    import torch

    model = registry.load_model(checkpoint_id)
    with torch.no_grad():
        found = model.look(ib.to_unit(images))
    latents = found["latents"].numpy() if "latents" in found else None
    bits = None
    if "log_prob" in found:
        bits = ib.bits_per_dim(found["log_prob"].double(), DIMS, model.noise).numpy()
    return Prediction(found["posterior"].numpy(), latents, bits)


@st.cache_data(show_spinner=False, max_entries=256)
def class_log_likelihoods(checkpoint_id: str, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """log q(x | y) of 8-bit images in nats, ``(N, K)``, and the prior q(y) of the model, ``(K,)``."""
    import torch

    loaded = registry.load_model(checkpoint_id)
    with torch.no_grad():
        mixture: Any = loaded.mixture
        z, log_det = loaded(ib.to_unit(images))
        # What differs between the classes is small against what they share: added in double precision, it survives.
        shared = (mixture.log_base(z) + log_det).double()
        log_likelihood = mixture.scores(z).double() + shared[:, None]
        prior = mixture.log_weights.double().exp()
    return log_likelihood.numpy(), prior.numpy()


def top_classes(posterior: np.ndarray, count: int = 3) -> str:
    """The most probable classes of one image, for a hover text."""
    order = posterior.argsort()[::-1][:count]
    return "<br>".join(f"{CLASSES[k]} {posterior[k]:.0%}" for k in order)


def bits_per_dim(checkpoint: Checkpoint, log_prob: npt.ArrayLike) -> np.ndarray:
    """Nats to bits/dim, by the noise that the model was trained with."""
    return np.asarray(ib.bits_per_dim(np.asarray(log_prob, dtype=np.float64), DIMS, checkpoint.noise))


def typical_bits(checkpoint: Checkpoint, level: float = 0.95) -> tuple[float, float]:
    """Lowest and highest bits/dim that pass the typicality test at ``level``."""
    reference = checkpoint.latent["reference"]
    threshold = ib.exploration.typicality_threshold(reference, level)
    mean = float(reference.mean(dtype=np.float64))
    low, high = (float(bits_per_dim(checkpoint, mean + sign * threshold)) for sign in (1, -1))
    return low, high


def posterior_csv(posterior: np.ndarray) -> bytes:
    """A posterior ``(K,)`` as a table, a row for each class."""
    return csv_bytes({"class": CLASSES, "posterior": posterior.tolist()})
