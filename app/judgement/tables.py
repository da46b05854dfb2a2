"""The verdicts of several models on an image, as tables."""

from collections.abc import Sequence

import numpy as np

from app.figures.bits_scale import number_text
from app.images.pictures import Picture
from app.judgement.judged_image import JudgedImage, LikelihoodJudgedImage, top_of
from app.models.names import name_of
from app.models.origin import image_origin, origin
from app.models.summary import labels_known
from app.widgets.export_menu import csv_bytes
from app.widgets.markdown import markdown_text


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


def bars_csv(judged: Sequence[JudgedImage], picture: Picture) -> bytes:
    """The bars of the figure, a row for each model and class; empty where there is no likelihood."""
    of_image = image_origin(picture.pixels)
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
