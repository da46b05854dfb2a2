"""Another layout of a figure on a phone: the server does not know how wide a window is, the browser does."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from app.figures.layout import PHONE
from app.widgets.component import own_component


def lay_out_on_phones(chart: str, figure: go.Figure, narrow: Mapping[str, Any]) -> None:
    """Lays out a chart for a phone where the window is as narrow as one.

    Arguments:
        chart: how the chart's key begins.
        figure: which it shows; it needs the button of :mod:`app.figures.remote`.
        narrow: what is different on a phone: paths in the figure's layout such as ``"xaxis.domain"``, and values.
    """
    narrow = {path: value for path, value in narrow.items() if path in figure.layout}
    wide = {path: _plain(figure.layout[path]) for path in narrow}
    data = {"chart": chart, "narrow": narrow, "wide": wide, "widest": PHONE}
    with st.container(key="phone-layout-place"):  # which takes no room on the page
        own_component("phone_layout", Path(__file__), "<span></span>", calls_plotly=True)(
            key=f"phone-layout-{chart}", data=data, height=1
        )


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
