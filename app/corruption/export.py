"""What models make of corrupted images, as a table, as arrays and as a program."""

from collections.abc import Sequence

import numpy as np

from app.corruption.departure import LEAST, log10_odds, rivals
from app.figures.corruption import FRAME_MS
from app.figures.gif.corruption import Scene
from app.figures.path_view import PathView
from app.figures.readings import CorruptedImages, LikelihoodReading, Reading
from app.images.pictures import Picture
from app.images.program_lines import checkpoint_line, image_lines, model_line, program
from app.models.long_work import offer_file
from app.models.origin import image_origin, origin, origins
from app.widgets.export_menu import csv_bytes, npz_bytes, offer
from ibinn_core.checkpoint import Checkpoint

NAME = "out-of-distribution"  # of the files
LIKELIHOOD_ARRAYS = ("latents", "bits", "band", "offset", "p_values")


def offer_corruption(
    view: PathView,
    corrupted: CorruptedImages,
    readings: Sequence[LikelihoodReading],
    others: Sequence[Reading],
    shown: int,
    picture: Picture,
    models: Sequence[Checkpoint],
) -> None:
    """The animation, the curves and the arrays as files, and the path of the reading ``shown`` as a program.

    The models are those with a likelihood, then those without.
    """
    classes = models[0].classes
    seen = readings[shown]
    pair = rivals(seen.posterior)
    scene = Scene(
        view, corrupted.images, corrupted.labels, seen.name, seen.posterior, seen.offset, seen.bits, list(classes)
    )
    offer(
        NAME,
        python=same_in_python(models[shown], picture, corrupted, pair),
        chart="ood-figure",
        title=readings[shown].name,
        long=lambda: offer_file(NAME, "gif", "app.figures.gif.corruption:corruption_gif", (scene, FRAME_MS)),
        csv=lambda: csv_bytes(table(models, readings, others, corrupted, pair=pair)),
        npz=lambda: npz_bytes(**arrays(models, readings, others, corrupted, pair=pair)),
    )


def table(
    models: Sequence[Checkpoint],
    readings: Sequence[LikelihoodReading],
    others: Sequence[Reading],
    corrupted: CorruptedImages,
    *,
    pair: tuple[int, int],
) -> dict[str, list]:
    """All curves as columns, a row for each model and step; empty where a model has no likelihood.

    ``models`` are in the order of ``readings`` and ``others``, which have none; ``pair`` are the numbers of the two
    classes whose odds the figure shows.
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
    """Everything as arrays, T images and what M models make of them; NaN where a model has no likelihood."""
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


def same_in_python(checkpoint: Checkpoint, picture: Picture, corrupted: CorruptedImages, pair: tuple[int, int]) -> str:
    """The program that makes the path of a model on the axes of the departure."""
    first, second = (checkpoint.classes[k] for k in pair)
    return program(
        model_line(checkpoint),
        checkpoint_line(checkpoint),
        *image_lines("image", picture, checkpoint.dataset),
        *corrupted.python,
        "x = ib.dequantize(ib.to_unit(images), model.noise)  # as the reference was measured",
        "seen = {name: values.detach().double().numpy() for name, values in model.look(x).items()}",
        f"nats, dims, noise = seen['log_prob'], {checkpoint.dataset.dims}, checkpoint.noise",
        'reference = checkpoint.latent["reference"].astype(float)',
        "reach = ib.exploration.typicality_threshold(reference)",
        "bits = ib.bits_per_dim(nats, dims, noise)",
        "band = [ib.bits_per_dim(reference.mean() + side * reach, dims, noise) for side in (1, -1)]",
        f"log_q = np.log10(np.maximum(seen['posterior'], {LEAST!r}))",
        f"odds = log_q[:, {pair[1]}] - log_q[:, {pair[0]}]  # {second!r} against {first!r}",
    )
