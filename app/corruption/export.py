"""What models make of corrupted images, as a table and as a program."""

from collections.abc import Sequence

from app.corruption.departure import LEAST, log10_odds, rivals
from app.figures.readings import CorruptedImages, LikelihoodReading, Reading
from app.images.pictures import Picture
from app.images.program_lines import checkpoint_line, image_lines, model_line, program
from app.models.origin import image_origin, origin
from app.widgets.export_menu import csv_bytes, offer
from ibinn_core.checkpoint import Checkpoint

NAME = "out-of-distribution"  # of the files


def offer_corruption(
    corrupted: CorruptedImages,
    readings: Sequence[LikelihoodReading],
    others: Sequence[Reading],
    shown: int,
    picture: Picture,
    models: Sequence[Checkpoint],
) -> None:
    """The figure and its curves as files, and the path of the reading ``shown`` as a program.

    The models are those with a likelihood, then those without.
    """
    pair = rivals(readings[shown].posterior)
    offer(
        NAME,
        python=same_in_python(models[shown], picture, corrupted, pair),
        chart="ood-figure",
        title=readings[shown].name,
        csv=lambda: csv_bytes(table(models, readings, others, corrupted, pair=pair)),
        moving="ood-figure",
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


def same_in_python(checkpoint: Checkpoint, picture: Picture, corrupted: CorruptedImages, pair: tuple[int, int]) -> str:
    """The program that makes the path of a model on the axes of the departure."""
    first, second = (checkpoint.classes[k] for k in pair)
    return program(
        model_line(checkpoint),
        checkpoint_line(checkpoint),
        *image_lines("image", picture, checkpoint.dataset),
        *corrupted.python,
        "x = ib.dequantize(ib.to_unit(images), model.noise)  # as the reference was measured",
        "seen = {name: values.detach().double().numpy() for name, values in model.evaluate(x).items()}",
        f"nats, dims, noise = seen['log_prob'], {checkpoint.dataset.dims}, checkpoint.noise",
        'reference = checkpoint.latent["reference"].astype(float)',
        "reach = ib.exploration.typicality_threshold(reference)",
        "bits = ib.bits_per_dim(nats, dims, noise)",
        "band = [ib.bits_per_dim(reference.mean() + side * reach, dims, noise) for side in (1, -1)]",
        f"log_q = np.log10(np.maximum(seen['posterior'], {LEAST!r}))",
        f"odds = log_q[:, {pair[1]}] - log_q[:, {pair[0]}]  # {second!r} against {first!r}",
    )
