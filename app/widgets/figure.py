"""Figures that change in place: what has changed is drawn into the figure that stands there already.

Streamlit takes each other figure for another chart, throws away the one before and draws anew: axes, toolbar, the WebGL
of thousands of dots, twice. So the chart that it is given here is empty, and the same as long as its height is; a
component of ours draws the figure into it (``Plotly.react``), which draws what differs.
"""

import functools
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

import plotly.graph_objects as go
import streamlit as st
from plotly.utils import PlotlyJSONEncoder

from app.widgets.component import own_component

EMPTY = "empty"  # ``layout.meta`` of a chart that no figure has been drawn into
Picking = Literal["points", "box", "lasso"]  # how a person picks points
_UNSEEN = {"visible": False, "fixedrange": True}


def show_figure(
    figure: go.Figure,
    key: str,
    *,
    alt: str,
    config: dict[str, Any] | None = None,
    selects: Sequence[Picking] = (),
    on_pick: Callable[[list], None] | None = None,
    about: str = "",
) -> None:
    """Shows a figure; where the page has shown another with the same key, what differs is drawn into it.

    Arguments:
        figure: what is shown, as high as its layout says.
        key: of the chart, one for each place on a page.
        alt: what a screen reader says.
        config: Plotly's, of the toolbar; another one draws the chart anew.
        selects: what a person can pick points by, ``"points"``, ``"box"`` and ``"lasso"``; then the page runs again.
        on_pick: called with their ``customdata`` before the page runs again; without it, that run gets them from
            :func:`take_picked`.
        about: what the figure's axes show. A person's zoom is kept while this text stays, and forgotten with each
            other figure if there is none.
    """
    empty, options = _empty(figure.layout.height), {} if config is None else config
    if selects:  # which gives the chart its tools; what they pick comes from our component
        st.plotly_chart(empty, key=key, config=options, on_select="rerun", selection_mode=selects)
    else:
        st.plotly_chart(empty, key=key, config=options)

    def pick() -> None:
        picked = list(st.session_state[f"contents-{key}"].picked or [])
        if on_pick:
            on_pick(picked)
        else:
            st.session_state[_picked(key)] = picked

    data = {"chart": key, "figure": as_json(figure), "alt": alt, "about": about, "selects": bool(selects)}
    with st.container(key=f"contents-place-{key}"):  # which takes no room on the page
        own_component("figure", Path(__file__), "<span></span>", calls_plotly=True)(
            key=f"contents-{key}", data=data, on_picked_change=pick, height=1
        )


def take_picked(key: str) -> list:
    """The ``customdata`` of the points of a chart that a person has just picked, in Plotly's order; once for each pick.

    Arguments:
        key: of the chart, as in :func:`show_figure`.
    """
    return st.session_state.pop(_picked(key), [])


def picked_rows(key: str) -> list[int]:
    """The same as numbers, such as the rows of test images; points without any, such as means, do not count."""
    return [int(row) for row in take_picked(key)]


def _picked(key: str) -> str:
    return f"{key}-picked"


@functools.cache
def _empty(height: int | None) -> go.Figure:
    """What Streamlit draws: nothing, but of the right height, and with the button by which scripts call Plotly."""
    return go.Figure(layout={"height": height, "meta": EMPTY, "xaxis": _UNSEEN, "yaxis": _UNSEEN, **_plotly_button()})


def as_json(figure: go.Figure) -> str:
    """The figure as Plotly reads it, but for its template: the page's own, of light or dark, stays."""
    parts = figure.to_dict()
    layout = {name: value for name, value in parts["layout"].items() if name != "template"}
    # Not by Plotly's own to_json(), which writes each < and > of the texts in six letters.
    return json.dumps({**parts, "layout": {**layout, **_plotly_button()}}, cls=PlotlyJSONEncoder, separators=(",", ":"))


def _plotly_button() -> dict[str, Any]:
    """The button, which nobody sees, by which ``plotly.js`` calls Plotly: Streamlit keeps it to itself."""
    clear = "rgba(0,0,0,0)"
    button = {"label": "", "method": "skip", "args": []}
    look = {"bgcolor": clear, "bordercolor": clear, "borderwidth": 0, "font": {"size": 1, "color": clear}}
    place = {"x": 0, "xanchor": "left", "y": 0, "yanchor": "bottom", "pad": {"l": 0, "r": 0, "t": 0, "b": 0}}
    return {"updatemenus": [{"type": "buttons", "showactive": False, "buttons": [button], **look, **place}]}
