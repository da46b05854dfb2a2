"""The model card of a checkpoint: its ``README.md``."""

from collections.abc import Iterable, Iterator
from typing import Any

from ..measures import lookup
from ..models.kinds import KINDS, gamma_text
from .folder import Checkpoint

CARD_FILE = "README.md"
#: What is said of a number on the card, its place there, and its format.
_NUMBERS = (
    ("test images", "measured.images", ","),
    ("test error", "error", ".1%"),
    ("ECE of the top label", "calibration_top_label", ".1%"),
    ("mean confidence", "confidence", ".1%"),
    ("bits/dim, mean", "bits_per_dim.mean", ".3f"),
    ("bits/dim, median", "bits_per_dim.median", ".3f"),
    ("distance of two classes' centres, in deviations of a class", "separation", ".1f"),
    ("distance of a class's centre from its μ", "mean_offset", ".2f"),
    ("largest error of decode(encode(x)), values in [0, 1]", "reconstruction", ".1e"),
)
_TEMPLATE = """\
# {title}

This is {kind}, trained on {data} with the objective `{objective}`. It belongs to IB-INN Explorer, after
[Ardizzone et al. 2020](https://arxiv.org/abs/2001.06448).

## Use

```python
import ibinn_core as ib

model = ib.load("{id}")  # or the path of this folder
pixels = ib.read_image("image.png", side={side}, channels={channels})  # uint8
images = model.preprocess(pixels)
posterior = model.posterior(images)  # (1, {classes})
{likelihood}```

The weights are stored as safetensors: nothing in this folder is executed.{builder}

## Numbers

{numbers}

`card.json` has all numbers and how they were measured.

## Training

{training}

`config.json` has every setting and the trainings before, `history.csv` the curve.

## Limits

- The model knows {classes} classes and images of {side} × {side} pixels, and nothing else.
- It is for teaching and research, not for decisions about people.
- Changes too small to see can mislead it.
- A likelihood is one of pixels: images of other kinds can be likelier than those of the training.
"""
_LIKELIHOOD = """\
log_prob = model.log_prob(images)  # log q(x), in nats
samples = model.sample(classes=[0, 1, 2])  # an image of each of three classes
"""


def model_card(checkpoint: Checkpoint) -> str:
    """The model card of a checkpoint in Markdown: how to use it, its measured numbers, its training and its limits."""
    channels, side, _ = checkpoint.dataset.image_shape
    kind, builder = KINDS[checkpoint.model].name, checkpoint.training.architecture.builder
    gamma = checkpoint.objective if checkpoint.gamma is None else f"γ = {gamma_text(checkpoint.gamma)}"
    return _TEMPLATE.format(
        title=f"{builder or kind.partition(' ')[2]}, {gamma} on {checkpoint.dataset.title}",
        kind=kind,
        data=checkpoint.dataset.title,
        objective=checkpoint.objective,
        id=checkpoint.id,
        side=side,
        channels=channels,
        classes=len(checkpoint.classes),
        likelihood=_LIKELIHOOD if checkpoint.has_likelihood else "",
        builder=f" Name the file that builds the flow `{builder}` in `IBINN_FLOWS`." if builder else "",
        numbers=_table((title, lookup(checkpoint.card, place), form) for title, place, form in _NUMBERS),
        training=_table(_training(checkpoint)),
    )


def _table(rows: Iterable[tuple[str, Any, str]]) -> str:
    """Titles and values with their formats as a table; what is not known is left out."""
    known = [f"| {title} | {value:{form}} |" for title, value, form in rows if value not in (None, "")]
    return "\n".join(["| | |", "| --- | --- |", *known])


def _training(checkpoint: Checkpoint) -> Iterator[tuple[str, Any, str]]:
    """What is known of a training."""
    config, training = checkpoint.config, checkpoint.training
    before = [step.get("epochs") for step in config["ancestry"]]
    yield "epochs", config["budget"].get("epochs"), ".3g"
    yield "steps", config["budget"].get("steps"), ","
    if before:
        yield "epochs before, with other settings", "unknown" if None in before else f"{sum(before):.3g}", ""
    for title, spent in checkpoint.epochs_elsewhere.items():
        yield f"of these on {title}", spent, ".3g"
    yield "teachers", ", ".join(training.teachers), ""
    if mixed_in := config.get("mixed_in"):
        yield "averaged with", f"{mixed_in['with']}, whose share is {mixed_in['share']:g}", ""
    yield "power of the posterior, by held-out images", checkpoint.power, ".3g"
    yield "training images", config["data"].get("training_images"), ","
    yield "of these held out", training.held_out, ","
    if checkpoint.own_split:
        yield "division of the data", "another than the official one", ""
