"""Posterior and likelihood along a path (below Fig. 9)."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from ..palette import NEUTRAL
from .classes import colors_of, shown_classes
from .draft import Draft, number_of
from .text import plotly_texts


def posterior_figure(
    t: np.ndarray, posteriors: np.ndarray, names: Sequence[str], *, classes: Sequence[str]
) -> go.Figure:
    """Draws q(y | x), ``(M, T, K)``, along M paths, ``t`` from 0 to 1, as stacked areas, a row for each path.

    If there are more than twenty classes, the ten most probable on any path have areas, and the others share one area.
    """
    draft = Draft()
    draft.add_panels(len(names), (1,), across=0, down=0.06)
    shown, key = shown_classes(posteriors.max((0, 1))), key_of(posteriors, plotly_texts(classes))
    areas = posteriors[..., shown]
    if len(shown) < len(classes):
        areas = np.concatenate([areas, 1 - areas.sum(-1, keepdims=True)], axis=-1).clip(0, 1)
    percent = {"range": [0, 1], "tickformat": ".0%"}
    for row, (title, posterior) in enumerate(zip(names, areas, strict=True)):
        number = number_of(row)
        for k, (name, color) in enumerate(key):
            area = {
                "type": "scatter",
                "x": t,
                "y": posterior[:, k],
                "name": name,
                "showlegend": False,
                "stackgroup": str(row + 1),
                "mode": "lines",
                "line": {"width": 0.5, "color": color},
                "fillcolor": color,
                "hovertemplate": f"{name} %{{y:.1%}}<extra></extra>",
            }
            draft.add_trace(number, area)
        draft.update_axes(number, percent, {**percent, "nticks": 3, "title": {"text": title}})
    last = number_of(len(names) - 1)
    for row in range(len(names) - 1):
        draft.update_axes(number_of(row), {"matches": f"x{last}", "showticklabels": False})
    draft.update_axes(last, {"title": {"text": "position on the path"}})
    return draft.finish(60 + 130 * len(names), hovermode="x unified")


def key_of(posteriors: np.ndarray, classes: Sequence[str]) -> list[tuple[str, str]]:
    """The name and colour of each area of :func:`posterior_figure`."""
    shown = shown_classes(posteriors.max((0, 1)))
    colors = colors_of(len(classes), shown)
    rest = [("all other classes", NEUTRAL)] if len(shown) < len(classes) else []
    return [*((classes[k], colors[k]) for k in shown), *rest]


def bits_figure(
    t: np.ndarray, bits: np.ndarray, names: Sequence[str], colors: Sequence[str], typical: Sequence[float]
) -> go.Figure:
    """Draws bits/dim ``(M, T)`` along M paths: a line for each, and a dotted line at its model's ``typical`` value."""
    draft = Draft()
    for name, values, color, middle in zip(names, bits, colors, typical, strict=True):
        draft.add_trace(
            "",
            {
                "type": "scatter",
                "x": t,
                "y": values,
                "name": name,
                "mode": "lines+markers",
                "line": {"color": color, "width": 2.5},
                "hovertemplate": "%{y:.2f} bits/dim<extra>" + name + "</extra>",
            },
        )
        across = {"xref": "x domain", "x0": 0, "x1": 1, "yref": "y", "y0": middle, "y1": middle}
        draft.shapes.append({"type": "line", "line": {"color": color, "dash": "dot", "width": 1}, **across})
    axis = "position on the path; dotted: median test image"
    draft.update_axes("", {"title": {"text": axis}, "tickformat": ".0%"}, {"title": {"text": "bits/dim"}})
    legend = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "title": {"text": ""}}
    return draft.finish(90 + 130 * max(2, min(len(names), 3)), hovermode="x unified", legend=legend)
