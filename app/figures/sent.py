"""Figures as a browser gets them: plain JSON that the element in ``app/static/figure/`` draws."""

import json
from typing import Any

import plotly.graph_objects as go
from plotly.utils import PlotlyJSONEncoder

from ibinn_core.weight_space import plain_gamma

from .layout import Frames


def specification(
    figure: go.Figure,
    key: str,
    *,
    alt: str,
    config: dict[str, Any] | None = None,
    picks: bool = False,
    about: str = "",
    gamma: float | None = None,
    narrowest: int = 0,
    frames: Frames | None = None,
) -> dict[str, Any]:
    """A figure as the element of ours gets it (``app/static/figure/figure.js``), as plain JSON.

    Arguments:
        figure: the figure.
        key: of the figure.
        alt: the text for screen readers.
        config: Plotly's, of the toolbar.
        picks: whether clicks on points are reported.
        about: what the figure's axes show. A person's zoom is kept while this text stays.
        gamma: at which it is drawn, if it follows γ (:func:`app.models.live.follow_live`).
        narrowest: width in CSS pixels; on a phone, a wider figure than the page scrolls sideways in its own box.
        frames: of a figure that moves; it then has a player.
    """
    layout: Any = figure.layout
    return {
        "key": key,
        "gamma": None if gamma is None else plain_gamma(gamma),
        "figure": as_json(figure),
        "alt": alt,
        "about": about,
        "height": f"{layout.height or 450}px",
        "config": config or {},
        "picks": picks,
        "narrowest": narrowest,
        "frames": None if frames is None else frames._asdict(),
    }


def as_json(figure: go.Figure) -> str:
    """The figure as Plotly reads it, without its template: the page has its own, light or dark."""
    parts = figure.to_dict()
    layout = {name: value for name, value in parts["layout"].items() if name != "template"}
    # Not by Plotly's own to_json(), which writes each < and > of the texts in six letters.
    return json.dumps({**parts, "layout": layout}, cls=PlotlyJSONEncoder, separators=(",", ":"))
