"""Figures as a browser gets them: plain JSON that the element in ``app/static/figure/`` draws."""

import base64
import json
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.utils import PlotlyJSONEncoder

from ibinn_core.weight_space import plain_gamma

from .layout import Frames

LINE = "<br>"
MANY, MOST_WORDS = 200, 2**16  # texts from which on they are coded; different lines that a code can tell apart


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

    The arguments are those of :func:`app.widgets.figure.show_figure`.
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
        "frames": None if frames is None else {**frames._asdict(), "is_on_stage": False},
    }


def as_json(figure: go.Figure) -> str:
    """The figure as Plotly reads it, without its template: the page has its own, light or dark."""
    parts = figure.to_dict()
    layout = {name: value for name, value in parts["layout"].items() if name != "template"}
    for trace in parts["data"]:
        if isinstance(texts := trace.get("text"), list) and len(texts) >= MANY:
            trace["text"] = _coded(texts)
    # Not by Plotly's own to_json(), which writes each < and > of the texts in six letters.
    return json.dumps({**parts, "layout": layout}, cls=PlotlyJSONEncoder, separators=(",", ":"))


def _coded(texts: list[str]) -> list[str] | dict[str, Any]:
    """Texts of several lines as the browser puts them together: each line's different words, and which a text has.

    Ten thousand dots have some hundred different lines, and their texts would be three quarters of a figure.
    """
    lines = [text.split(LINE) if isinstance(text, str) else [] for text in texts]
    if len(set(map(len, lines))) != 1 or not lines[0]:
        return texts
    columns = []
    for column in zip(*lines, strict=True):
        numbers = {word: number for number, word in enumerate(dict.fromkeys(column))}
        if len(numbers) > MOST_WORDS:
            return texts
        codes = np.fromiter(map(numbers.__getitem__, column), "<u2", len(column))
        columns.append({"words": list(numbers), "codes": _packed(codes)})
    return {"join": LINE, "columns": columns}


def _packed(numbers: np.ndarray) -> dict[str, str]:
    """Numbers of 16 bits without a sign, as Plotly's Python library writes arrays."""
    return {"dtype": "u2", "bdata": base64.b64encode(numbers.astype("<u2").tobytes()).decode()}
