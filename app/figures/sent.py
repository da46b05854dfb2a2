"""Figures for the browser: plain JSON that the element in ``app/static/figure/`` draws."""

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
    """The data of a figure for the element in ``app/static/figure/figure.js``, as plain JSON.

    Arguments:
        figure: the figure.
        key: the figure's key.
        alt: the text for screen readers.
        config: Plotly's settings of the toolbar.
        picks: whether clicks on points are reported.
        about: what the figure's axes show. The user's zoom is kept while this text stays the same.
        gamma: γ of the drawn model, if the figure follows γ (:func:`app.models.live.follow_live`).
        narrowest: least width in CSS pixels; in a narrower box, right panels go below others, or the figure scrolls.
        frames: frames of an animation; the figure then has a player.
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
    """The figure as JSON for Plotly, without its template, since the page sets a light or dark template."""
    parts = figure.to_dict()
    layout = {name: value for name, value in parts["layout"].items() if name != "template"}
    # Plotly's own to_json() writes each < and > in six characters.
    return json.dumps({**parts, "layout": layout}, cls=PlotlyJSONEncoder, separators=(",", ":"))
