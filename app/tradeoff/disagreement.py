"""Where two models disagree: what each answers on the test set, and which images they judge most differently."""

from collections.abc import Mapping

import numpy as np
import streamlit as st

from app import state
from app.figures.answers import MOST_SHOWN, answers_figure
from app.figures.layout import BARE, STILL, config, height_style
from app.figures.text import plotly_text
from app.figures.tiles import tiles_figure, tiles_style
from app.images import pictures
from app.models import asking, registry
from app.models.origin import origin
from app.table1.same_in_python import disagreement_program
from app.table1.shown import Shown
from app.tradeoff.choice import chosen_pair, offer_stage, pick_pair, row_on_stage
from app.widgets.export_menu import csv_bytes, offer
from app.widgets.figure import show_figure, take_picked
from app.widgets.markdown import markdown_text
from app.widgets.open_on_page import offer_carry
from app.widgets.stage import FIGURE, is_on_stage, staged
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.data.images import rows_of
from ibinn_core.evaluation import Disagreement, disagreement

SQUARES, IMAGES = "answers-figure", "judged-figure"  # keys of the figures
LINES, WIDTH, LARGEST = 3, 5, 88  # images that are shown, and the side of one in CSS pixels
ABOVE = 330  # CSS pixels that the page needs above the figure
LARGEST_ON_STAGE, ABOVE_ON_STAGE = 106, 186


@asking.kept
def shared_rows(first_id: str, second_id: str) -> tuple[np.ndarray, np.ndarray]:
    """Where the test images that both models were measured on are in the file of the one and of the other."""
    first, second = (registry.by_id(id).latent["hashes"] for id in (first_id, second_id))
    own = rows_of(second, first)
    return np.flatnonzero(own >= 0), own[own >= 0]


@asking.kept
def compared(first_id: str, second_id: str) -> Disagreement:
    """What two models make of these images."""
    rows = shared_rows(first_id, second_id)
    first, second = (
        registry.by_id(id).latent["posterior"][own] for id, own in zip((first_id, second_id), rows, strict=True)
    )
    return disagreement(first, second, registry.by_id(first_id).latent["labels"][rows[0]])


def show_disagreement(shown: Shown) -> None:
    """The part of the page."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        pair = pick_pair(shown.names)
        place = st.container(width="content")
        offer_stage()
    rows = shared_rows(pair[0].id, pair[1].id)
    if not len(rows[0]):
        st.info("These two models were measured on different test images.")
        return
    answers = _Answers(pair, rows, compared(pair[0].id, pair[1].id))
    with place:
        offer(
            "disagreement",
            python=disagreement_program(pair),
            chart=SQUARES,
            title=_title(shown, pair),
            csv=lambda: answers_csv(answers),
        )
    _show_answers(shown, answers)


def show_disagreement_on_stage(shown: Shown) -> None:
    """The squares and the images alone, of the two models that are chosen on the page."""
    pair = chosen_pair()
    rows = shared_rows(pair[0].id, pair[1].id)
    with st.container(key=FIGURE):
        title = _title(shown, pair) if len(rows[0]) else "These two models were measured on different test images."
        with row_on_stage(markdown_text(title), ABOVE_ON_STAGE):
            pass
        if len(rows[0]):
            _show_answers(shown, _Answers(pair, rows, compared(pair[0].id, pair[1].id)))


def _title(shown: Shown, pair: list[Checkpoint]) -> str:
    first, second = (shown.names[one.id] for one in pair)
    return f"What {first} and {second} answer"


def _show_answers(shown: Shown, answers: "_Answers") -> None:
    """How often, the squares, and the images of the one that is chosen."""
    pair, found = answers.pair, answers.found
    names = (shown.names[pair[0].id], shown.names[pair[1].id])
    _take_square(len(answers.classes))
    chosen = state.begin(state.ANSWERS, "", answers.fit)
    st.markdown(in_words(found, names))
    st.html(height_style(SQUARES, ABOVE, 320, 620))
    left, right = st.columns([1.15, 1], gap="medium")
    square = answers.square(chosen)
    count = len(answers.labels)
    with left:
        show_figure(
            staged(answers_figure(found.answers, names, pair[0].classes, square)),
            SQUARES,
            config=config(STILL),
            selects=("points",),
            narrowest=33 * min(len(answers.classes), MOST_SHOWN),
            alt=f"{_title(shown, pair)} on {count:,} test images: the same on {np.trace(found.answers):,} of them.",
        )
        if len(answers.classes) > MOST_SHOWN and not is_on_stage():
            st.caption(
                f"Of {len(answers.classes)} classes those {MOST_SHOWN} are shown that most disagreements are about."
            )
    with right:
        _show_images(answers, names, chosen)
    state.link(state.ANSWERS, chosen, "")


class _Answers:
    """What can be chosen of two models' answers: a pair of classes, as "3-5" in the URL, and an image of it."""

    def __init__(self, pair: list[Checkpoint], rows: tuple[np.ndarray, np.ndarray], found: Disagreement) -> None:
        self.pair, self.rows, self.found = pair, rows, found
        self.classes = pair[0].classes
        posteriors = [c.latent["posterior"][own] for c, own in zip(pair, rows, strict=True)]
        self.given = np.stack([posterior.argmax(1) for posterior in posteriors], axis=1)
        self.sure = np.stack([posterior.max(1) for posterior in posteriors], axis=1)
        self.labels = pair[0].latent["labels"][rows[0]].astype(int)

    def fit(self, text: str) -> str | None:
        """The choice, if there is such a pair of classes."""
        first, _, second = text.partition("-")
        is_known = all(one.isascii() and one.isdigit() and int(one) < len(self.classes) for one in (first, second))
        return text if is_known else None

    @staticmethod
    def square(chosen: str) -> tuple[int, int] | None:
        """The pair of classes that is chosen."""
        first, is_pair, second = chosen.partition("-")
        return (int(first), int(second)) if is_pair else None

    def most_different(self, chosen: str) -> np.ndarray:
        """Which images get these answers, or different ones, in order of how differently they are judged."""
        square = self.square(chosen)
        fits = (self.given == square).all(1) if square else self.given[:, 0] != self.given[:, 1]
        numbers = np.flatnonzero(fits)
        return numbers[np.argsort(-self.found.divergence[numbers], kind="stable")]


def _take_square(classes: int) -> None:
    """Chooses the square that was clicked, or none again if it was chosen already."""
    for number in take_picked(SQUARES)[:1]:
        text = "-".join(map(str, divmod(int(number), classes)))
        state.put(state.ANSWERS, "" if text == state.get(state.ANSWERS) else text)
        state.put(state.JUDGED, "")


def in_words(found: Disagreement, names: tuple[str, str]) -> str:
    """How often two models agree, and which of them is right where they do not."""
    count, same = int(found.answers.sum()), int(np.trace(found.answers))
    first, second = (markdown_text(name) for name in names)
    _, only_first, only_second, _ = found.right.tolist()
    neither = count - same - only_first - only_second
    return (
        f"The same answer on **{same / count:.1%}** of {count:,} test images. Of the other {count - same:,}, "
        f"**{first}** is right on {only_first:,}, **{second}** on {only_second:,}, neither on {neither:,}."
    )


def _show_images(answers: _Answers, names: tuple[str, str], chosen: str) -> None:
    """The images that are judged most differently, and what each model says of the one that is chosen."""
    numbers = answers.most_different(chosen)
    first, square = answers.pair[0], answers.square(chosen)
    what = (
        f"{names[0]}: {answers.classes[square[0]]}, {names[1]}: {answers.classes[square[1]]}"
        if square
        else "Judged most differently"
    )
    st.markdown(f"**{markdown_text(what)}** · {len(numbers):,} images")
    if not len(numbers):
        st.caption("There is no such image. Click another square.")
        return
    is_here = pictures.rows_in_gallery(first.id)[answers.rows[0][numbers]] >= 0
    shown = numbers[is_here][: LINES * WIDTH]
    if not len(shown):
        st.caption(f"Their pictures are not on this machine. {pictures.how_to_get(first.dataset)}")
        return
    hashes = [f"{h:016x}" for h in first.latent["hashes"][answers.rows[0][shown]]]
    _take_image(hashes)
    judged = state.begin(state.JUDGED, "", lambda text: text if text in hashes else None)
    _show_tiles(answers, names, shown, hashes, judged)
    if judged:
        _show_judged(answers, names, int(shown[hashes.index(judged)]))
    else:
        st.caption(
            "Click a square for its images, and an image for what each model says of it. Some of this is noise: it is "
            "added to an image before a model sees it, and with another draw a model differs from itself, more often "
            "under a small γ."
        )
    state.link(state.JUDGED, judged, "")


def _show_tiles(answers: _Answers, names: tuple[str, str], shown: np.ndarray, hashes: list[str], judged: str) -> None:
    first = answers.pair[0]
    images = [pictures.test_image(first.id, int(answers.rows[0][number])) for number in shown]
    tiles = np.stack([image for image in images if image is not None])
    width = min(WIDTH, len(tiles))
    lines = -(-len(tiles) // width)
    missing = lines * width - len(tiles)
    tiles = np.concatenate([tiles, np.zeros((missing, *tiles.shape[1:]), tiles.dtype)])
    hover = [*("<br>".join(map(plotly_text, _said(answers, names, int(n)))) for n in shown), *[""] * missing]
    blank = [""] * lines, [""] * width
    ring = divmod(hashes.index(judged), width) if judged else None
    grid = [hover[line * width :][:width] for line in range(lines)]
    figure = tiles_figure(tiles.reshape(lines, width, *tiles.shape[1:]), *blank, grid, ring=ring)
    margin = figure.layout.margin.l  # there is no toolbar that would need more
    st.html(tiles_style(IMAGES, *blank, LARGEST_ON_STAGE if is_on_stage() else LARGEST))
    show_figure(
        figure.update_layout(margin_r=margin, xaxis_constraintoward="left"),
        IMAGES,
        config=BARE,
        selects=("points",),
        alt=f"{len(hashes)} test images that {names[0]} and {names[1]} judge differently",
    )


def _take_image(hashes: list[str]) -> None:
    """Chooses the image that was clicked, or none again if it was chosen already."""
    for place in take_picked(IMAGES)[:1]:
        if place < len(hashes):
            state.put(state.JUDGED, "" if hashes[place] == state.get(state.JUDGED) else hashes[place])


def _said(answers: _Answers, names: tuple[str, str], number: int) -> list[str]:
    """The true class of an image, and what each model says."""
    lines = [
        f"{name}: {answers.classes[given]} {sure:.0%}"
        for name, given, sure in zip(names, answers.given[number], answers.sure[number], strict=True)
    ]
    return [f"true class: {answers.classes[answers.labels[number]]}", *lines]


def _show_judged(answers: _Answers, names: tuple[str, str], number: int) -> None:
    """What is said of an image, and the way to other pages with it."""
    first = answers.pair[0]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("  \n".join(map(markdown_text, _said(answers, names, number))), width="content")
        token = pictures.token_of(first.latent["hashes"][int(answers.rows[0][number])], first.dataset)
        offer_carry(token, "carry-judged")


def answers_csv(answers: _Answers) -> bytes:
    """A row for each image."""
    first, classes = answers.pair[0], np.array(answers.classes)
    columns: Mapping[str, object] = {
        "image": [f"{h:016x}" for h in first.latent["hashes"][answers.rows[0]]],
        "class": classes[answers.labels],
        "divergence": answers.found.divergence,
    }
    for column, (side, checkpoint) in enumerate(zip(("first", "second"), answers.pair, strict=True)):
        columns |= {side: checkpoint.id, f"{side}_answer": classes[answers.given[:, column]]}
        columns |= {f"{side}_confidence": answers.sure[:, column].astype(np.float64)}
    return csv_bytes({**columns, "data_set": origin(first)["data_set"]})
