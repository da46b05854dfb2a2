"""What models make of corrupted images, as a table and as arrays."""

from collections.abc import Sequence

import numpy as np

from app.corruption.corrupted_images import CorruptedImages
from app.corruption.reading import Reading
from app.models.classes import CLASSES

LIKELIHOOD_ARRAYS = ("latents", "bits", "band", "offset", "p_values")


def table(readings: Sequence[Reading], corrupted: CorruptedImages) -> dict[str, list]:
    """All curves as columns, a row for each model and step; empty where a model has no likelihood."""
    pairs = [(r, step) for r in readings for step in range(len(corrupted.strengths))]

    def of_likelihood(name: str) -> list:
        return ["" if r.likelihood is None else getattr(r.likelihood, name)[step] for r, step in pairs]

    columns = {
        "model": [r.name for r, _ in pairs],
        corrupted.axis: [corrupted.strengths[step] for _, step in pairs],
        "bits_per_dim": of_likelihood("bits"),
        "offset_in_half_bands": of_likelihood("offset"),
        "typicality_p_value": of_likelihood("p_values"),
        "entropy_bits": [r.entropy[step] for r, step in pairs],
    }
    return columns | {f"q({name})": [r.posterior[step, k] for r, step in pairs] for k, name in enumerate(CLASSES)}


def arrays(readings: Sequence[Reading], corrupted: CorruptedImages) -> dict[str, np.ndarray]:
    """Everything as arrays: T images, and what M models make of them; NaN where a model has no likelihood."""
    likelihoods = [r.likelihood for r in readings]
    stacked = {
        name: _stack([None if own is None else getattr(own, name) for own in likelihoods]) for name in LIKELIHOOD_ARRAYS
    }
    return {
        "images": corrupted.images,
        "strengths": corrupted.strengths,
        "models": np.array([r.name for r in readings]),
        "classes": np.array(CLASSES),
        **stacked,
        "posterior": np.stack([r.posterior for r in readings]),
        "entropy": np.stack([r.entropy for r in readings]),
    }


def _stack(parts: Sequence[np.ndarray | None]) -> np.ndarray:
    """The arrays of M models on one another, ``(M, ...)``; NaN for a model that has none."""
    shape = next(np.shape(part) for part in parts if part is not None)
    return np.stack([np.full(shape, np.nan) if part is None else part for part in parts])
