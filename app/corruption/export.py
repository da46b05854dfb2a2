"""What models make of corrupted images, as a table and as arrays."""

from collections.abc import Sequence

import numpy as np

from app.corruption.corrupted_images import CorruptedImages
from app.corruption.departure import log10_odds
from app.corruption.reading import LikelihoodReading, Reading
from app.models.origin import image_origin, origin, origins
from ibinn_core.checkpoint import Checkpoint

LIKELIHOOD_ARRAYS = ("latents", "bits", "band", "offset", "p_values")


def table(
    models: Sequence[Checkpoint],
    readings: Sequence[LikelihoodReading],
    others: Sequence[Reading],
    corrupted: CorruptedImages,
    *,
    pair: tuple[int, int],
) -> dict[str, list]:
    """All curves as columns, a row for each model and step; empty where a model has no likelihood.

    Arguments:
        models: all that read, those with a likelihood first.
        readings: of the models with a likelihood.
        others: of those without.
        corrupted: the images.
        pair: the two classes whose odds the figure shows, by their numbers.
    """
    steps, classes = range(len(corrupted.strengths)), models[0].classes
    first, second = (classes[k] for k in pair)
    pairs = [(r, step) for r in (*readings, *others) for step in steps]

    def of_likelihood(name: str) -> list:
        return [value for r in readings for value in getattr(r, name)] + [""] * (len(others) * len(steps))

    odds = [value for r in (*readings, *others) for value in log10_odds(r.posterior, pair)]
    columns = {
        "model": [model.id for model in models for _ in steps],
        corrupted.axis: [corrupted.strengths[step] for _, step in pairs],
        "bits_per_dim": of_likelihood("bits"),
        "offset_in_half_bands": of_likelihood("offset"),
        "typicality_p_value": of_likelihood("p_values"),
        "entropy_nats": [r.entropy[step] for r, step in pairs],
        f"log10 q({second})/q({first})": odds,
    }
    columns |= {f"q({name})": [r.posterior[step, k] for r, step in pairs] for k, name in enumerate(classes)}
    columns |= {key: [origin(model)[key] for model in models for _ in steps] for key in origin(models[0])}
    made = {**image_origin(corrupted.images[0]), "made_by": "; ".join(corrupted.python)}
    return columns | {name: [text] * len(pairs) for name, text in made.items()}


def arrays(
    models: Sequence[Checkpoint],
    readings: Sequence[LikelihoodReading],
    others: Sequence[Reading],
    corrupted: CorruptedImages,
    *,
    pair: tuple[int, int],
) -> dict[str, np.ndarray]:
    """Everything as arrays: T images, and what M models make of them; NaN where a model has no likelihood.

    Arguments:
        models: all that read, those with a likelihood first.
        readings: of the models with a likelihood, of which there is at least one.
        others: of those without.
        corrupted: the images.
        pair: the two classes whose odds the figure shows, by their numbers.
    """
    everyone, classes = [*readings, *others], models[0].classes
    stacked = {name: _stack([getattr(r, name) for r in readings], len(others)) for name in LIKELIHOOD_ARRAYS}
    return {
        "images": corrupted.images,
        "strengths": corrupted.strengths,
        "made_by": np.array("\n".join(corrupted.python)),
        **origins(models),
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
