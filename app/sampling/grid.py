"""The grids of samples, a row for each class, and what of their values no pixel can show."""

from collections.abc import Sequence
from functools import partial

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.drawn import tiles_figure
from app.figures.layout import config
from app.figures.text import plotly_texts
from app.figures.tiles import MARKED, narrowest, tiles_look
from app.models.decoding import Samples
from app.models.live import follow_live
from app.models.names import name_of
from app.models.summary import measured
from app.sampling.settings import Settings, in_words, is_outside, mark_of
from app.sampling.tile import choose
from app.widgets.figure import show_figure
from app.widgets.markdown import markdown_text
from app.widgets.selectors import show_style
from app.widgets.stage import ABOVE, FIGURE, is_on_stage, staged
from ibinn_core.checkpoint import Checkpoint

LARGEST = 128  # side of a tile in CSS pixels
ABOVE_GRID = 330  # CSS pixels that the page needs above the samples of one model, and for a line below them
LINES, LINES_ON_STAGE = 72, 104  # and for what is said of those that are out of range
# Two grids in a row need a wide page; on a narrower one, each takes the whole width.
STACKED = "@media (max-width: 1100px) { .st-key-grids > * > «row» > «column» { min-width: 100%; } }"


def places_of(count: int, has_chosen: bool) -> tuple[list[DeltaGenerator], DeltaGenerator | None]:
    """Containers for the grids of ``count`` models: one takes the page's width, several form rows of two.

    On stage there is one beside the grid of a single model too, for the sample that was chosen.
    """
    if count == 1:
        stage = st.container(key=FIGURE)
        if not (has_chosen and is_on_stage()):
            return [stage], None
        grid, beside = stage.columns([2.6, 1], gap="medium")
        return [grid], beside
    show_style(STACKED)
    with st.container(key=FIGURE), st.container(key="grids"):
        # Row by row, so that two grids side by side begin at the same height.
        return [place for _ in range(0, count, 2) for place in st.columns(2, gap="medium")][:count], None


def say_outside(every: Sequence[Samples]) -> None:
    """How far out samples are that are out of the range of pixels, and that they are scaled into it."""
    outside = [is_outside(drawn) for drawn in every]
    count, of = sum(int(some.sum()) for some in outside), sum(some.size for some in outside)
    if not count:
        return
    low = min(drawn.low[some].min() for drawn, some in zip(every, outside, strict=True) if some.any())
    high = max(drawn.high[some].max() for drawn, some in zip(every, outside, strict=True) if some.any())
    above = ABOVE + LINES_ON_STAGE if is_on_stage() else ABOVE_GRID + LINES
    show_style(f".st-key-{FIGURE} {{ --above: {above}px; }}")
    are, reach = ("is", "it reaches") if count == 1 else ("are", "they reach")
    st.caption(
        f"{count} of the {of} samples {are} mostly outside of black (0) to white (1): {reach} {in_words(low, high)}. "
        "Such a sample is shown scaled: its brightest value is white, and the number says how many times brighter than "
        "white that was."
    )


def show_grid(
    key: str,
    checkpoint: Checkpoint,
    drawn: Samples,
    classes: tuple[int, ...],
    ring: tuple[int, int] | None,
    *,
    is_alone: bool,
    live: Settings | None,
) -> None:
    """A model's grid in the chart ``key``, under its name where there are several; a click chooses a sample.

    With ``live``, how they are drawn, the samples follow γ's slider.
    """
    if not is_alone:
        card, name = checkpoint.card, markdown_text(name_of(checkpoint))
        st.markdown(f"**{name}**: error {measured(checkpoint, 'error')}, {card['bits_per_dim']['mean']:.2f} bits/dim")
    names = [checkpoint.classes[k] for k in classes]
    scaled = is_outside(drawn)
    images = np.where(scaled[..., None, None, None], drawn.scaled, drawn.images)
    click = "" if is_on_stage() and not is_alone else "<br>click: what the model makes of it"
    rows, columns = plotly_texts(names), [""] * images.shape[1]
    hover, marks = [], []
    for name, low, high, is_out in zip(rows, drawn.low, drawn.high, scaled, strict=True):
        ranges = [f"<br>scaled: its values reach {in_words(a, b)}" for a, b in zip(low, high, strict=True)]
        hover.append([f"drawn as {name}{said if out else ''}{click}" for said, out in zip(ranges, is_out, strict=True)])
        marks.append([mark_of(b) if out else "" for b, out in zip(high, is_out, strict=True)])
    figure = staged(
        tiles_figure(images, rows, columns, hover, tile=70, ring=ring, marks=marks if scaled.any() else None)
    )
    chosen = f" Chosen: {names[ring[0]]} {ring[1] + 1}." if ring else ""
    show_figure(
        figure,
        key,
        config=config(),
        narrowest=narrowest(rows, columns),
        selects=("points",) if click else (),
        on_pick=partial(choose, names, images.shape[1]),
        gamma=checkpoint.gamma if live else None,
        alt=f"Samples of {', '.join(names)} from {name_of(checkpoint)}.{chosen}",
    )
    if live:
        task = {
            "look": tiles_look(len(rows), len(columns)),
            "shape": checkpoint.dataset.image_shape,
            "classes": list(classes),
            **live._asdict(),
            "marks": MARKED,
        }
        follow_live(key, checkpoint, "samples", task)
