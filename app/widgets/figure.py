"""Figures: Python says what they show, an element of ours in the browser draws them and lets them move.

The element (``app/static/figure/``) owns its Plotly. A figure that comes after another in the same place is drawn into
it; what a person's hand has set, a zoom, a frame, is the element's.
"""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
from streamlit.components.v2.types import ComponentRenderer

from app import state
from app.figures.layout import Frames
from app.figures.sent import specification
from app.palette import ACCENT
from app.widgets.component import own_module

STATIC = Path(__file__).resolve().parent.parent / "static" / "figure"


def show_figure(
    figure: go.Figure,
    key: str,
    *,
    alt: str,
    config: dict[str, Any] | None = None,
    on_pick: Callable[[list], None] | None = None,
    about: str = "",
    gamma: float | None = None,
    narrowest: int = 0,
    frames: Frames | None = None,
) -> None:
    """Shows a figure; where the page has shown another with the same key, what differs is drawn into it.

    Arguments:
        figure: what is shown, as high as its layout says, unless a style sheet says otherwise.
        key: of the figure, one for each place on a page.
        alt: what a screen reader says.
        config: Plotly's, of the toolbar.
        on_pick: called with the ``customdata`` of a point that is clicked, before the page runs again.
        about: what the figure's axes show. A person's zoom is kept while this text stays.
        gamma: at which it is drawn, if it follows γ (:func:`app.models.live.follow_live`).
        narrowest: width in CSS pixels; on a phone, a wider figure than the page scrolls sideways in its own box.
        frames: of a figure that moves, which has a player then.
    """
    if key in state.NAMES:
        raise ValueError(f"A figure cannot be called {key}: a value of the session is.")

    def pick() -> None:
        picked = state.from_component(key, "picked", _picks, [])
        if on_pick:
            on_pick(picked)

    data = specification(
        figure,
        key,
        alt=alt,
        config=config,
        picks=on_pick is not None,
        about=about,
        gamma=gamma,
        narrowest=narrowest,
        frames=frames,
    )
    _element()(key=key, data=data, on_picked_change=pick)


@functools.cache
def _element() -> ComponentRenderer:
    html, css = f'<div data-figure style="--accent: {ACCENT}"></div>', (STATIC / "figure.css").read_text("utf-8")
    return own_module("figure", "figure/component.js", html=html, css=css)


def _picks(said: object) -> list[str | int]:
    """Reads ``customdata`` of points: numbers of rows, or ids."""
    if not isinstance(said, list) or not all(isinstance(one, str) or type(one) is int for one in said):
        raise ValueError("no picked points")
    return said
