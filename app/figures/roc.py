"""ROC curves of out-of-distribution detection by the typicality test (Section 4.2)."""

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from app.figures.diagram import FRAME, TEXT, square_axes
from app.figures.layout import finish, heading
from app.palette import NEUTRAL, SET_COLORS
from ibinn_core.data import ood

HEIGHT = 380  # CSS pixels
#: Beside the colours, so that no two sets of a data set differ in colour alone.
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot", "8px,3px", "2px,6px")


def roc_figure(
    name: str,
    grid: np.ndarray,
    curves: Mapping[str, np.ndarray],
    areas: Mapping[str, float],
    titles: Mapping[str, str],
    reason: str,
) -> go.Figure:
    """A model's curve for each set: the true positive rate over the false positive rates ``grid``, ``(P,)``.

    Positive is what is called out of distribution: falsely of an image of the test set, truly of one of the set. A set
    may have no area; ``reason`` says why there is no curve at all.
    """
    figure = go.Figure()
    chance = {"mode": "lines", "line": {"color": NEUTRAL, "dash": "dash", "width": 1}, "hoverinfo": "skip"}
    figure.add_scatter(x=[0, 1], y=[0, 1], showlegend=False, **chance)
    for key, curve in curves.items():
        figure.add_trace(_curve(key, grid, curve, areas.get(key), titles))
    square_axes(figure, "false positive rate (of test images)", "true positive rate (of the set)")
    if reason:
        where = {"x": 0.05, "y": 0.9, "xref": "x domain", "yref": "y domain", "xanchor": "left", "align": "left"}
        figure.add_annotation(text=reason, showarrow=False, font={"size": TEXT}, **where)
    # The heading is the legend's title: so the one keeps clear of the other, however many lines a phone needs.
    title = {"text": f"{name}: area under each curve", "side": "top", "font": {"size": TEXT + 1}}
    legend = {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "title": title, "font_size": TEXT}
    layout = {"dragmode": False, "hovermode": "closest", "showlegend": bool(curves)}
    return finish(figure, HEIGHT, **FRAME, title=None if curves else heading(name, TEXT + 1), legend=legend, **layout)


def _curve(name: str, grid: np.ndarray, curve: np.ndarray, area: float | None, titles: Mapping[str, str]) -> go.Scatter:
    look = ood.EVERY[name].look if name in ood.EVERY else None
    color, dash = (NEUTRAL, "solid") if look is None else (SET_COLORS[look], DASHES[look])
    title, rates = titles.get(name, name), "true positive rate %{y:.1%}<br>false positive rate %{x:.0%}"
    under = "" if area is None else f"<br>area under the curve: {area:.1%}"
    return go.Scatter(
        x=np.concatenate([[0], grid]),
        y=np.concatenate([[0], curve]),
        name=title if area is None else f"{title} {100 * area:.0f} %",
        legendgroup=name,
        mode="lines",
        line={"color": color, "dash": dash, "width": 2.5},
        hovertemplate=f"<b>{title}</b>{under}<br>{rates}<extra></extra>",
    )
