"""The verdicts of several models as tables: on one image, and counted over the test set."""

from collections.abc import Sequence

import numpy as np

import ibinn_core as ib
from app.figures.bits_scale import number_text
from app.images.pictures import Picture
from app.judgement.judged_image import JudgedImage, LikelihoodJudgedImage, top_of
from app.judgement.verdict import tally, verdicts, verdicts_of_posterior
from app.models import asking, registry
from app.models.names import name_of
from app.models.origin import image_origin, origin
from app.models.summary import labels_known
from app.widgets.export_menu import csv_bytes
from app.widgets.markdown import markdown_text
from ibinn_core.checkpoint import Checkpoint


def verdict_table(generative: Sequence[LikelihoodJudgedImage], others: Sequence[JudgedImage], label: int | None) -> str:
    """A line for each model, as a Markdown table."""
    lines = [
        "| Model | Verdict | Bits/dim | Less typical than | Top class | Entropy |",  # a phone shows the first ones
        "| :-- | :-- | --: | --: | :-- | --: |",
    ]
    lines += [_line(one, label, f"{number_text(one.bits)} | {one.judgement.share:.1%} of images") for one in generative]
    lines += [_line(one, label, "– | –") for one in others]
    return "\n".join(lines)


def _line(one: JudgedImage, label: int | None, of_likelihood: str) -> str:
    """A line of the table, with the cells that only a likelihood gives."""
    badge = f":{one.verdict.color}-badge[{one.verdict.icon} {one.verdict.word}]"
    name = _in_one_line(name_of(one.checkpoint))
    top = _in_one_line(markdown_text(top_of(one, label if labels_known(one.checkpoint) else None)))
    entropy = _in_one_line(f"{one.judgement.entropy:.2f} nats")
    return f"| **{name}** | {badge} | {of_likelihood} | {top} | {entropy} |"


def _in_one_line(text: str) -> str:
    """For a cell of a table that must not break."""
    return text.replace(" ", "\u00a0")


def bars_csv(judged: Sequence[JudgedImage], picture: Picture, alteration: str) -> bytes:
    """The bars of the figure, a row for each model and class; empty where there is no likelihood."""
    of_image = {**image_origin(picture.pixels), "alteration": alteration}
    return csv_bytes(*({**_columns(one), **origin(one.checkpoint), **of_image} for one in judged))


def _columns(one: JudgedImage) -> dict:
    able = isinstance(one, LikelihoodJudgedImage)
    return {
        "model": one.checkpoint.id,
        "class": one.checkpoint.classes,
        "log_likelihood": one.judgement.log_likelihood if able else "",
        "prior": one.judgement.prior if able else "",
        "posterior": one.judgement.posterior.astype(np.float64),
        "bits_per_dim": one.bits if able else "",
        "verdict": one.verdict.word,
    }


@asking.kept
def tally_of(checkpoint_id: str, confident_from: float) -> dict[str, tuple[float, float]]:
    """The verdicts on the test images: how many get each, and how many of those are named rightly."""
    checkpoint = registry.by_id(checkpoint_id)
    latent = checkpoint.latent
    if checkpoint.has_likelihood:
        typicality = ib.exploration.typicality(latent["log_prob"], latent["reference"])
        given = verdicts(typicality, latent["posterior"].max(1), latent["reference"], confident_from)
    else:
        given = verdicts_of_posterior(latent["posterior"].max(1), confident_from)
    return tally(given, latent["posterior"].argmax(1) == latent["labels"])


def tally_table(checkpoints: list[Checkpoint], confident_from: float) -> str:
    """For each model and verdict: how many of the test images, and how often the top class is right there."""
    lines = ["| Model | confident | uncertain | out of distribution |", "| :-- | --: | --: | --: |"]
    for checkpoint in checkpoints:
        counts = tally_of(checkpoint.id, confident_from)
        cells = [f"{share:.0%}" + (f", {right:.0%} right" if share else "") for share, right in counts.values()]
        if not checkpoint.has_likelihood:
            cells[-1] = "cannot tell"
        lines.append(f"| **{name_of(checkpoint)}** | " + " | ".join(cells) + " |")
    return "\n".join(lines)
