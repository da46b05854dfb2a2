"""What models make of corrupted images, as a table and as arrays."""

from collections.abc import Sequence

import numpy as np

from app.corruption.corrupted_images import CorruptedImages
from app.corruption.departure import log10_odds
from app.corruption.reading import LikelihoodReading, Reading

LIKELIHOOD_ARRAYS = ("latents", "bits", "band", "offset", "p_values")


def table(
    readings: Sequence[LikelihoodReading],
    others: Sequence[Reading],
    corrupted: CorruptedImages,
    *,
    pair: tuple[int, int],
    classes: Sequence[str],
) -> dict[str, list]:
    """All curves as columns, a row for each model and step; empty where a model has no likelihood.

    Arguments:
        readings: of the models with a likelihood.
        others: of those without.
        corrupted: the images.
        pair: the two classes whose odds the figure shows, by their numbers.
        classes: names of the K classes.
    """
    steps, (first, second) = range(len(corrupted.strengths)), (classes[k] for k in pair)
    pairs = [(r, step) for r in (*readings, *others) for step in steps]

    def of_likelihood(name: str) -> list:
        return [value for r in readings for value in getattr(r, name)] + [""] * (len(others) * len(steps))

    odds = [value for r in (*readings, *others) for value in log10_odds(r.posterior, pair)]
    columns = {
        "model": [r.name for r, _ in pairs],
        corrupted.axis: [corrupted.strengths[step] for _, step in pairs],
        "bits_per_dim": of_likelihood("bits"),
        "offset_in_half_bands": of_likelihood("offset"),
        "typicality_p_value": of_likelihood("p_values"),
        "entropy_nats": [r.entropy[step] for r, step in pairs],
        f"log10 q({second})/q({first})": odds,
    }
    return columns | {f"q({name})": [r.posterior[step, k] for r, step in pairs] for k, name in enumerate(classes)}


def arrays(
    readings: Sequence[LikelihoodReading],
    others: Sequence[Reading],
    corrupted: CorruptedImages,
    *,
    pair: tuple[int, int],
    classes: Sequence[str],
) -> dict[str, np.ndarray]:
    """Everything as arrays: T images, and what M models make of them; NaN where a model has no likelihood.

    Arguments:
        readings: of the models with a likelihood, of which there is at least one.
        others: of those without.
        corrupted: the images.
        pair: the two classes whose odds the figure shows, by their numbers.
        classes: names of the K classes.
    """
    everyone = [*readings, *others]
    stacked = {name: _stack([getattr(r, name) for r in readings], len(others)) for name in LIKELIHOOD_ARRAYS}
    return {
        "images": corrupted.images,
        "strengths": corrupted.strengths,
        "models": np.array([r.name for r in everyone]),
        "classes": np.array(classes),
        **stacked,
        "posterior": np.stack([r.posterior for r in everyone]),
        "entropy": np.stack([r.entropy for r in everyone]),
        "odds_of": np.array([classes[k] for k in pair]),
        "log10_odds": np.stack([log10_odds(r.posterior, pair) for r in everyone]),
    }


def _stack(parts: Sequence[np.ndarray], missing: int) -> np.ndarray:
    """The arrays of some models on one another, and NaN for each of the ``missing`` ones, ``(M, ...)``."""
    return np.stack([*parts, *[np.full(np.shape(parts[0]), np.nan)] * missing])
