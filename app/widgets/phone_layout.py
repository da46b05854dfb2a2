"""Another layout of a figure on a phone: the server does not know how wide a window is, the browser does."""

from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from app.figures.layout import PHONE, OnPhone, phone_style
from app.widgets.component import own_component


def lay_out_on_phones(chart: str, figure: go.Figure, on_phone: OnPhone) -> None:
    """Lays out a chart for a phone where the window is as narrow as one; before the chart, which measures its box.

    Arguments:
        chart: how the chart's key begins.
        figure: which it shows; it needs the button of :mod:`app.figures.remote`.
        on_phone: what is different there; what the figure's layout does not have is left out.
    """
    narrow = {path: value for path, value in on_phone.layout.items() if path in figure.layout}
    wide = {path: _plain(figure.layout[path]) for path in narrow}
    data = {"chart": chart, "narrow": narrow, "wide": wide, "widest": PHONE, "tiles": on_phone.turned}
    data["ranges"] = {name: list(figure.layout[name].range) for name in _of_one_scale(figure)}
    with st.container(key=f"phone-layout-place-{chart}"):  # which takes no room on the page
        st.html(phone_style(chart, on_phone))
        own_component("phone_layout", Path(__file__), "<span></span>", calls_plotly=True)(
            key=f"phone-layout-{chart}", data=data, height=1
        )


def _of_one_scale(figure: go.Figure) -> list[str]:
    """The axes that Plotly stretches so that a unit is as long up as across."""
    stretched = []
    for name in figure.layout:
        axis = figure.layout[name]
        if name.startswith("yaxis") and axis.scaleanchor and axis.constrain != "domain" and axis.range:
            stretched += [name, axis.scaleanchor.replace("x", "xaxis")]
    return stretched


def _plain(value: Any) -> Any:  # noqa: ANN401  # of any part of a layout
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return value.to_plotly_json() if hasattr(value, "to_plotly_json") else value
