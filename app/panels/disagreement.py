"""The panel Disagreement: two models' answers on the test set, and the images on which they differ most."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.controls import Before, clicked, clicked_image
from app.desk import question
from app.figures.answers import MAX_CLASSES, answers_figure
from app.figures.classes import with_number
from app.images import pictures
from app.models import registry
from app.models.names import unique_names
from app.panel import Panel, Part, Plot, View
from app.panels.pair import left_model, right_model
from app.results.questions import Answers, answers
from app.widgets.markdown import markdown_text
from app.widgets.tiles import Tiles

MAX_IMAGES = 15  # how many images are shown at most
FIGURE = "answers-figure"


def _square(said: str, before: Before) -> str | None:
    """The number of a pair of classes, first · K + second, as text; ``None`` if invalid."""
    count = len(registry.by_id(before["left"]).classes)
    is_number = said.isascii() and said.isdigit() and len(said) < 10  # int() refuses thousands of digits
    return said if is_number and int(said) < count**2 else None


@dataclass(frozen=True)
class State:
    """The two models, and the square and the image that the user clicked."""

    left: str = left_model()
    right: str = right_model()
    answers: str = clicked(_square)
    judged: str = clicked_image()


def views(state: State) -> list[View]:
    """The models' agreement: a square for each pair of answers, and the images of the chosen square."""
    every = unique_names(registry.all_checkpoints())
    names = (every[state.left], every[state.right])

    def draw(found: Answers) -> Sequence[Part]:
        if not len(found.labels):
            return ["These two models were measured on different test images."]
        count = len(found.classes)
        pair = divmod(int(state.answers), count) if state.answers else None
        plot = Plot(
            FIGURE,
            answers_figure(found.counts, names, found.classes, pair),
            f"What {names[0]} and {names[1]} answer on {len(found.labels):,} test images.",
            picks="answers",
            narrowest=37 * min(count, MAX_CLASSES),
        )
        return [_in_words(found, names), plot, *_images(found, names, pair, state.judged)]

    return [View([question(answers, state.left, state.right)], draw)]


def _in_words(found: Answers, names: tuple[str, str]) -> str:
    """A text on how often the models agree, and which of them is right if they do not."""
    differ = found.given[:, 0] != found.given[:, 1]
    right = found.given[differ] == found.labels[differ, None]
    first, second, neither = right[:, 0].sum(), right[:, 1].sum(), (~right.any(1)).sum()
    one, other = map(markdown_text, names)
    return (
        f"Both give the same answer on **{1 - differ.mean():.1%}** of {len(differ):,} test images. On the other "
        f"{differ.sum():,}, **{one}** is right {first:,} times, **{other}** {second:,} times, "
        f"neither {neither:,} times."
    )


def _images(found: Answers, names: tuple[str, str], pair: tuple[int, int] | None, judged: str) -> list[Part]:
    """The images of the chosen square, or all with two different answers; the largest divergence comes first."""
    numbers = found.most_different(pair)
    what = "Judged most differently"
    if pair:
        what = ", ".join(f"{name}: {found.classes[k]}" for name, k in zip(names, pair, strict=True))
    title = f"{what} · {len(numbers):,} images"
    is_here = pictures.rows_in_gallery(found.models[0])[found.rows[numbers]] >= 0
    shown = numbers[is_here][:MAX_IMAGES]
    if not len(shown):
        if not len(numbers):
            return [markdown_text(title), "There is no such image."]
        how = pictures.how_to_get(registry.by_id(found.models[0]).dataset)
        return [markdown_text(title), f"Their pictures are not on this machine. {how}"]
    hashes = [f"{h:016x}" for h in found.hashes[shown]]
    said = [_said(found, names, int(number)) for number in shown]
    images = [pictures.test_image(found.models[0], int(row)) for row in found.rows[shown]]
    tiles = Tiles(
        "judged-images",
        np.stack([image for image in images if image is not None]),
        said,
        f"{len(shown)} test images with the answers of {names[0]} and {names[1]}",
        heading=title,
        values=hashes,
        chosen=judged,
        picks="judged",
        wide=False,
    )
    return [tiles, *([said[hashes.index(judged)]] if judged in hashes else [])]


def _said(found: Answers, names: tuple[str, str], number: int) -> str:
    """The true class of an image and each model's answer, as text."""
    parts = [f"true class: {found.classes[found.labels[number]]}"]
    for name, given, sure in zip(names, found.given[number], found.sure[number], strict=True):
        parts.append(f"{name} says {with_number(found.classes[int(given)], f'{sure:.0%}')}")
    return markdown_text(" · ".join(parts))


PANEL = Panel(
    "disagreement",
    "Disagreement",
    "Click a square for its images, and an image for what each model says. Some disagreement is noise: the same model "
    "answers differently when other noise is added to an image, most often at a small γ.",
    State,
    views,
)
