"""Figures: Python defines them, and a custom element draws and animates them in the browser.

The element (``app/static/figure/``) has its own Plotly. It draws a new figure in the same place into the old plot,
which keeps its zoom and its frame.
"""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
from streamlit.components.v2.types import ComponentRenderer

from app import state
from app.figures.sent import specification
from app.palette import ACCENT
from app.widgets.component import custom_module

STATIC = Path(__file__).resolve().parent.parent / "static" / "figure"


def show_figure(figure: go.Figure, key: str, on_pick: Callable[[list], None] | None = None, **shown: Any) -> None:
    """Shows a figure. If the page already shows a figure with this key, only the changes are drawn.

    Arguments:
        figure: the figure. Its layout sets the height unless a style sheet does.
        key: unique key on the page.
        on_pick: called with the ``customdata`` of a clicked point, before the page runs again.
        shown: the other arguments of :func:`app.figures.sent.specification`.
    """
    if key in state.NAMES:
        raise ValueError(f"A figure cannot be called {key}: a value of the session has this name.")

    def pick() -> None:
        picked = state.from_component(key, "picked", _picks, [])
        if on_pick:
            on_pick(picked)

    _element()(key=key, data=specification(figure, key, picks=on_pick is not None, **shown), on_picked_change=pick)


@functools.cache
def _element() -> ComponentRenderer:
    html, css = f'<div data-figure style="--accent: {ACCENT}"></div>', (STATIC / "figure.css").read_text("utf-8")
    return custom_module("figure", "figure/figure.js", html=html, css=css)


def _picks(said: object) -> list[str | int]:
    """Reads the ``customdata`` of points: row numbers or ids."""
    if not isinstance(said, list) or not all(isinstance(one, str) or type(one) is int for one in said):
        raise ValueError("not a list of points")
    return said
