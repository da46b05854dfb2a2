"""Measures what a model makes of corrupted images."""

from typing import Any

import numpy as np

import ibinn_core as ib
from app.figures.readings import LikelihoodReading, Reading
from app.models.names import colors_of, name_of
from app.models.predictions import at_once, bits_per_dim, predict, predict_with_likelihood, typical_bits
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.measures.scores import predictive_entropy


def read_all(
    able: list[Checkpoint], others: list[Checkpoint], images: np.ndarray
) -> tuple[list[LikelihoodReading], list[Reading]]:
    """What models with and without a likelihood make of images, uint8 ``(T, H, W, C)``; all are asked at once."""
    at_once([(c.id, images) for c in (*able, *others)])
    return (
        [read_with_likelihood(c, color, images) for c, color in zip(able, colors_of(able), strict=True)],
        [read(c, color, images) for c, color in zip(others, colors_of(others), strict=True)],
    )


def read(checkpoint: Checkpoint, color: str, images: np.ndarray) -> Reading:
    """What the posterior of a model makes of images, uint8 ``(T, H, W, C)``."""
    return Reading(**_of_posterior(checkpoint, color, predict(checkpoint.id, images).posterior))


def read_with_likelihood(checkpoint: Checkpoint, color: str, images: np.ndarray) -> LikelihoodReading:
    """What posterior and likelihood of a model that has both make of images, uint8 ``(T, H, W, C)``."""
    predicted, band = predict_with_likelihood(checkpoint.id, images), typical_bits(checkpoint)
    reference = bits_per_dim(checkpoint, checkpoint.latent["reference"])
    return LikelihoodReading(
        **_of_posterior(checkpoint, color, predicted.posterior),
        latents=predicted.latents,
        bits=predicted.bits,
        band=band,
        offset=offset(predicted.bits, band),
        p_values=ib.exploration.typicality_p_value(predicted.bits, reference),
    )


def _of_posterior(checkpoint: Checkpoint, color: str, posterior: np.ndarray) -> dict[str, Any]:
    """The attributes of a :class:`Reading`."""
    return {
        "name": name_of(checkpoint),
        "color": color,
        "posterior": posterior,
        "entropy": predictive_entropy(posterior),
    }


def offset(bits: np.ndarray, band: tuple[float, float]) -> np.ndarray:
    """Bits/dim from the middle of a band, in units of half its width."""
    low, high = band
    return (bits - (low + high) / 2) / ((high - low) / 2)


def share_in_view(latents: np.ndarray, coordinates: np.ndarray) -> float:
    """Which share of the farthest way from the first of latents ``(T, D)`` lies in a linear view ``(T, P)``."""
    way = np.linalg.norm(latents - latents[0], axis=1)
    farthest = way.argmax()
    return float(np.linalg.norm(coordinates[farthest] - coordinates[0]) / max(way[farthest], 1e-12))
