"""Measures what a model makes of corrupted images."""

import numpy as np

import ibinn_core as ib
from app.corruption.reading import Likelihood, Reading
from app.models.names import name_of
from app.models.predictions import Prediction, bits_per_dim, predict, typical_bits
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.evaluation.scores import predictive_entropy


def read(checkpoint: Checkpoint, color: str, images: np.ndarray) -> Reading:
    """What a model makes of images, uint8 ``(T, 32, 32, 3)``."""
    predicted, latent = predict(checkpoint.id, images), checkpoint.latent
    return Reading(
        name_of(checkpoint),
        color,
        checkpoint.card["error"],
        predicted.posterior,
        entropy(predicted.posterior),
        entropy(latent["posterior"]),
        _likelihood(checkpoint, predicted) if checkpoint.has_likelihood else None,
    )


def _likelihood(checkpoint: Checkpoint, predicted: Prediction) -> Likelihood:
    latents, bits = predicted.with_likelihood()
    band = typical_bits(checkpoint)
    reference, test = (bits_per_dim(checkpoint, checkpoint.latent[name]) for name in ("reference", "log_prob"))
    p_values = ib.exploration.typicality_p_value(bits, reference)
    return Likelihood(latents, bits, band, offset(bits, band), p_values, offset(test, band))


def offset(bits: np.ndarray, band: tuple[float, float]) -> np.ndarray:
    """Bits/dim from the middle of a band, in units of half its width."""
    low, high = band
    return (bits - (low + high) / 2) / ((high - low) / 2)


def entropy(posterior: np.ndarray) -> np.ndarray:
    """Entropy of the rows of ``(N, K)``, in bits, ``(N,)``."""
    return predictive_entropy(posterior) / np.log(2)


def share_in_view(latents: np.ndarray, coordinates: np.ndarray) -> float:
    """Which share of the farthest way from the first latent lies in a linear view, from 0 to 1.

    Arguments:
        latents, coordinates: ``(T, D)``, and the same in the view, ``(T, P)``.
    """
    way = np.linalg.norm(latents - latents[0], axis=1)
    farthest = way.argmax()
    return float(np.linalg.norm(coordinates[farthest] - coordinates[0]) / max(way[farthest], 1e-12))
