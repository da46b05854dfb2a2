"""Texts and figures on the test images chosen in a plane: one image, or those in a lasso."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from app.answer import Answer
from app.figures.bars import posterior_bars
from app.figures.classes import shown_classes, with_number
from app.images import pictures
from app.latent_space.questions import Cloud
from app.models import registry
from app.models.live import as_picture
from app.models.names import name_of
from app.models.summary import labels_known
from app.panel import Carry, Part, Plot
from app.widgets.markdown import markdown_text
from app.widgets.stage import is_on_stage
from app.widgets.tiles import Tiles
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.data.images import rows_of

SHOWN = 24  # how many images of a lasso are shown at most
BARS = "look-posterior"  # key of the figure


def posterior(key: str, answer: Answer, title: str, label: int | None, pixels: np.ndarray | None) -> Plot:
    """The posterior of an image as bars. They follow γ's slider if ``pixels`` are given, uint8 ``(H, W, C)``."""
    shares, live = answer.posterior[0], None
    if pixels is not None:
        picture = as_picture(registry.by_id(answer.model), pixels)
        live = (answer.model, "bars", {"picture": picture, "shown": shown_classes(shares, label)})
    figure = posterior_bars(shares, label, classes=answer.classes)
    return Plot(key, figure, f"Posterior of {title}: {answer.top(0)}", bare=True, live=live)


def bars(answer: Answer, title: str, label: int | None, pixels: np.ndarray | None) -> list[Part]:
    """The model's answer on an image."""
    name = name_of(registry.by_id(answer.model))
    said = f"**{markdown_text(title)}.** {markdown_text(f'{name} says {answer.top(0, 1)}')} {answer.verdict().badge}"
    if answer.bits is not None and answer.p_value is not None:
        said += f" {answer.bits[0]:.2f} bits/dim. {1 - answer.p_value[0]:.0%} of held-out images are more typical."
    return [said, posterior(BARS, answer, title, label, pixels)]


def without_likelihood(answers: Sequence[Answer]) -> list[str]:
    """The answers of models without a likelihood on an image, as text; empty without answers."""
    said = [
        f"{markdown_text(name_of(registry.by_id(one.model)))} says {markdown_text(one.top(0, 1))}" for one in answers
    ]
    return [f"Without a likelihood: {'; '.join(said)}."] if said else []


def details(focus: Checkpoint, row: int, title: str, found: Sequence[Any]) -> list[Part]:
    """The image, the models' answers on it, and its neighbours."""
    answer, *others = found
    nearest = answer.images[1:]
    hashes, labels, classes = focus.latent["hashes"], focus.latent["labels"].astype(int), focus.classes
    rows = rows_of(hashes, np.array([int(one, 16) for one in nearest], np.uint64))
    damage = [markdown_text(problem)] if (problem := pictures.damage()) else []
    image = pictures.test_image(focus.id, row)
    parts = bars(answer, f"{title}, true class {classes[labels[row]]}", int(labels[row]), image)
    parts += [] if is_on_stage() else without_likelihood(others)
    if image is None:
        return [*parts, f"Its picture is not on this machine. {pictures.how_to_get(focus.dataset)}", *damage]
    name = f"Test image of class {classes[labels[row]]}"
    parts.insert(1, Tiles("look-image", image[None], [name], "The chosen image.", largest=96, wide=False))
    if is_on_stage():
        return parts
    near = [(n, pixels) for n in rows if (pixels := pictures.test_image(focus.id, n)) is not None]
    if near:
        parts.append(
            Tiles(
                "look-neighbors",
                np.stack([pixels for _, pixels in near]),
                [f"{classes[labels[n]]}: choose it" for n, _ in near],
                f"The {len(near)} nearest test images.",
                heading="Nearest test images",
                values=[f"{hashes[n]:016x}" for n, _ in near],
                picks="point",
                largest=48,
            )
        )
    return [*parts, *damage, Carry(pictures.token_of(hashes[row], focus.dataset), "carry-look")]


def selection(focus: Checkpoint, found: Sequence[Cloud], count: int) -> list[Part]:
    """The ``count`` images in the lasso, and each model's answers on them."""
    lines = ["| Model | Wrong | Sure | Bits/dim |", "| :-- | --: | --: | --: |"]
    for one in found:
        rows = np.flatnonzero(one.lasso)
        cells = ["–"] * 3
        if len(rows):
            cells[2] = f"{np.median(one.bits[rows]):.2f}"
        if len(rows) and labels_known(registry.by_id(one.model)):
            wrong = (one.predicted != one.labels)[rows].mean()
            cells[:2] = f"{wrong:.1%}", f"{one.confidence[rows].mean():.0%}"
        lines.append(f"| **{markdown_text(name_of(registry.by_id(one.model)))}** | {' | '.join(cells)} |")
    own = np.flatnonzero(next(one.lasso for one in found if one.model == focus.id))
    shares = np.bincount(focus.latent["labels"][own].astype(int), minlength=len(focus.classes)) / max(1, len(own))
    figure = posterior_bars(shares, classes=focus.classes)
    figure.update_layout(title={"text": "true classes", "font": {"size": 15}}, margin_t=28)
    shown = ", ".join(with_number(focus.classes[k], f"{shares[k]:.0%}") for k in shown_classes(shares))
    parts: list[Part] = [
        f"**{count:,} test images.** *Sure* is the mean confidence, *bits/dim* the median.",
        "\n".join(lines),
        Plot(BARS, figure, f"True classes of the images: {shown}", bare=True),
    ]
    some = [
        pixels
        for row in np.random.default_rng(0).permutation(own)[: 4 * SHOWN]
        if (pixels := pictures.test_image(focus.id, row)) is not None
    ]
    if some and not is_on_stage():
        parts.append(
            Tiles(
                "look-lassoed",
                np.stack(some[:SHOWN]),
                ["In the lasso"] * len(some[:SHOWN]),
                "Images in the lasso.",
                heading="Some of them",
                largest=48,
            )
        )
    return [*parts, "Click a dot to end the selection."]
