"""Another layout of a figure on a phone: the server does not know how wide a window is, the browser does."""

import re
from contextlib import suppress
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
        figure: which it shows; it is shown by :func:`.show_figure`.
        on_phone: what is different there; what the figure's layout does not have is left out.
    """
    layout = figure.layout.to_plotly_json()  # plain dictionaries: Plotly takes longer to look at each path
    narrow, wide = {}, {}
    for path, value in on_phone.layout.items():
        with suppress(LookupError):
            wide[path] = _at(path, layout)
            narrow[path] = value
    if "margin.l" in narrow:
        # Where Plotly made room itself, too, a window that becomes narrow would keep it busy for ever.
        axes = [name for name in layout if re.fullmatch(r"[xy]axis\d*", name)]
        narrow |= {f"{name}.automargin": False for name in axes}
        wide |= {f"{name}.automargin": layout[name].get("automargin") for name in axes}
    data = {"chart": chart, "narrow": narrow, "wide": wide, "widest": PHONE, "tiles": on_phone.turned}
    data["ranges"] = {name: layout[name]["range"] for name in _of_one_scale(layout)}
    with st.container(key=f"phone-layout-place-{chart}"):  # which takes no room on the page
        st.html(phone_style(chart, on_phone))
        own_component("phone_layout", Path(__file__), "<span></span>", calls_plotly=True)(
            key=f"phone-layout-{chart}", data=data, height=1
        )


def _of_one_scale(layout: dict[str, Any]) -> list[str]:
    """The axes that Plotly stretches so that a unit is as long up as across."""
    return [
        stretched
        for name, axis in layout.items()
        if name.startswith("yaxis") and axis.get("scaleanchor") and axis.get("constrain") != "domain"
        for stretched in (name, axis["scaleanchor"].replace("x", "xaxis"))
        if axis.get("range")
    ]


def _at(path: str, layout: dict[str, Any]) -> Any:  # noqa: ANN401  # any part of a layout
    """What a layout has at a path such as ``"annotations[0].yshift"``, if only the last part of it may be missing."""
    *parents, last = re.findall(r"\w+", path)
    part: Any = layout
    for parent in parents:
        part = part[int(parent) if parent.isdigit() else parent]
    return part.get(last) if parents else part.get(last, [])  # of the layout itself only lists are other on a phone
