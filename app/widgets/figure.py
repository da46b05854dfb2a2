"""Figures: Python says what they show, an element of ours in the browser draws them and lets them move.

The element (``app/static/figure/``) owns its Plotly. A figure that comes after another in the same place is drawn into
it; what a person's hand has set, a zoom, a frame, is the element's, and stays in the URL.
"""

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import plotly.graph_objects as go
from streamlit.components.v2.types import ComponentRenderer

from app import state
from app.figures.layout import Frames, Sheets
from app.figures.sent import Picking, packed_pictures, specification
from app.palette import ACCENT
from app.widgets.component import own_module
from app.widgets.stage import is_on_stage

STATIC = Path(__file__).resolve().parent.parent / "static" / "figure"
MOST_ROWS = 10**7


class Dots(NamedTuple):
    """A figure of dots, among which the arrow keys go, and whose zoom stays in the URL."""

    row: int | None  # customdata of the dot from which the keys start
    choose: Callable[[int], None]  # called before the page runs again, with that of the dot that they have reached


def show_figure(
    figure: go.Figure,
    key: str,
    *,
    alt: str,
    config: dict[str, Any] | None = None,
    selects: Sequence[Picking] = (),
    on_pick: Callable[[list], None] | None = None,
    about: str = "",
    gamma: float | None = None,
    narrowest: int = 0,
    frames: Frames | None = None,
    dots: Dots | None = None,
    pictures: Sheets | None = None,
) -> None:
    """Shows a figure; where the page has shown another with the same key, what differs is drawn into it.

    Arguments:
        figure: what is shown, as high as its layout says, or as :func:`app.figures.layout.height_style`.
        key: of the figure, one for each place on a page.
        alt: what a screen reader says.
        config: Plotly's, of the toolbar.
        selects: how a person can pick points; then the page runs again.
        on_pick: called with their ``customdata`` before the page runs again; without it, that run gets them from
            :func:`take_picked`.
        about: what the figure's axes show. A person's zoom is kept while this text stays, and forgotten with each
            other figure if there is none.
        gamma: at which it is drawn, if it follows γ (:func:`app.widgets.following.follow_gamma`).
        narrowest: width in CSS pixels; on a phone, a wider figure than the page scrolls sideways in its own box.
        frames: of a figure that moves, which has a player then.
        dots: if the arrow keys go from dot to dot.
        pictures: of the dots, by their ``customdata``.
    """
    if key in state.NAMES:
        raise ValueError(f"A figure cannot be called {key}: a value of the session is.")

    def pick() -> None:
        picked = state.from_component(key, "picked", _picks, [])
        if on_pick:
            on_pick(picked)
        else:
            state.put(state.PICKED.of(key), picked)

    def reach() -> None:
        row = state.from_component(key, "row", state.whole(0, MOST_ROWS), None)
        if dots and row is not None:
            dots.choose(row)

    data = specification(
        figure,
        key,
        alt=alt,
        config=config,
        selects=selects,
        about=about,
        gamma=gamma,
        narrowest=narrowest,
        frames=frames,
    )
    if frames is not None:
        data["frames"]["is_on_stage"] = is_on_stage()
    data |= {"dots": None if dots is None else {"row": dots.row}, "pictures": pictures and packed_pictures(pictures)}
    _element()(key=key, data=data, on_picked_change=pick, on_row_change=reach)


def take_picked(key: str) -> list:
    """The ``customdata`` of the points just picked in :func:`show_figure`, in Plotly's order; once for each pick."""
    return state.take(state.PICKED.of(key))


def picked_rows(key: str) -> list[int]:
    """The same as numbers, such as the rows of test images; points without any, such as means, do not count."""
    return [int(row) for row in take_picked(key) if not isinstance(row, str)]


@functools.cache
def _element() -> ComponentRenderer:
    html, css = f'<div data-figure style="--accent: {ACCENT}"></div>', (STATIC / "figure.css").read_text("utf-8")
    return own_module("figure", "figure/component.js", html=html, css=css)


def _picks(said: object) -> list[str | int]:
    """Reads ``customdata`` of points: numbers of rows, or ids."""
    if not isinstance(said, list) or not all(isinstance(one, str) or type(one) is int for one in said):
        raise ValueError("no picked points")
    return said
