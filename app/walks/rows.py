"""The images on the way from one to another, a row for each path, and what is said of them."""

import math
from collections.abc import Callable

import numpy as np
import streamlit as st

from app.drawn import tiles_figure
from app.figures.layout import config
from app.figures.text import plotly_texts
from app.figures.tiles import narrowest, tiles_look, tiles_style
from app.images.pictures import Picture
from app.images.show import what_is_white
from app.models.live import follow_live, packed
from app.models.predictions import top_classes
from app.walks.paths import FADE, PATHS, Walk
from app.widgets.export_menu import offer
from app.widgets.figure import show_figure
from app.widgets.selectors import show_style
from app.widgets.stage import ABOVE, FIGURE, is_on_stage, staged

CROSS_FADE = "The cross-fade only lays the two pictures over one another: no model takes part in it."
LONGEST = 9  # letters of a name of one line, on stage
LARGEST = 192  # side of a tile in CSS pixels
ABOVE_ROWS = 330  # CSS pixels that the page needs above the images, and for a line below them
LINE_HEIGHT, LETTERS = 29, 125  # CSS pixels of a line below the images, and letters that it surely has room for


def show_rows(walked: Walk, first: Picture, second: Picture) -> None:
    """The images, and what to see in them."""
    decoded = walked.images[[path.kind != FADE for path in walked.paths], 1:-1]
    said = f"{CROSS_FADE} {what_is_white(decoded)}"
    above = ABOVE if is_on_stage() else ABOVE_ROWS
    show_style(f".st-key-{FIGURE} {{ --above: {above + 16 + LINE_HEIGHT * math.ceil(len(said) / LETTERS)}px; }}")
    names = ", ".join(walked.names)
    _show_tiles(walked, f"Images on the way from {first.name} to {second.name}, a row each for {names}.")
    _follow(walked, first, second)
    st.caption(said)


def _follow(walked: Walk, first: Picture, second: Picture) -> None:
    """The rows of the slider's model follow it."""
    focus = walked.paths[-1].model  # whose cross-fade is the last
    own = [
        {"row": row, "path": PATHS[path.kind]}
        for row, path in enumerate(walked.paths)
        if path.model.id == focus.id and path.kind in PATHS
    ]
    task = {
        "look": tiles_look(*walked.images.shape[:2]),
        "shape": focus.dataset.image_shape,
        "ends": [packed(first.pixels), packed(second.pixels)],
        "noise": focus.noise,
        "rows": own,
    }
    follow_live("tiles", focus, "walks", task)


def _show_tiles(walked: Walk, description: str) -> None:
    def top(posterior: np.ndarray) -> str:
        return "<br>".join(plotly_texts(top_classes(posterior, classes=walked.classes)))

    hover = [
        [
            f"{name}, {position:.0%} of the way<br>{bits:.2f} bits/dim<br>{top(posterior)}"
            for position, bits, posterior in zip(walked.positions, of_model, posteriors, strict=True)
        ]
        for name, of_model, posteriors in zip(walked.names, walked.bits, walked.posterior, strict=True)
    ]
    labels = [f"{100 * position:.3g}%" for position in walked.positions]
    names = walked.names
    if is_on_stage():  # where a long name would take the room of two tiles
        names = [",<br>".join(map(_in_short_lines, name.split(", "))) for name in names]
    st.html(tiles_style("tiles", names, labels, LARGEST, ABOVE_ROWS))
    figure = staged(tiles_figure(walked.images, names, labels, hover, tile=max(58, 760 // len(labels))))
    gamma = walked.paths[-1].model.gamma  # the slider's
    show_figure(figure, "tiles", config=config(), narrowest=narrowest(names, labels), alt=description, gamma=gamma)


def _in_short_lines(name: str) -> str:
    return name if len(name) <= LONGEST else "<br>".join(name.rsplit(" ", 1))


def offer_walk(walked: Walk, csv: Callable[[], bytes], title: str, python: str) -> None:
    """The walk as files, and as a program."""
    offer(
        "interpolation",
        python=python,
        chart="tiles",
        title=title,
        csv=csv,
        moving="tiles",
        tiles=(walked.names, len(walked.positions)),
    )
