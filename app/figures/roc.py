"""ROC curves of out-of-distribution detection by the typicality test (Section 4.2)."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from app.figures.layout import TOOLBAR, domain_of, finish
from app.palette import NEUTRAL, SET_COLORS, rgba

HEIGHT, SPACING = 400, 0.09
#: The dash of each set, so that no two of a data set differ in colour alone.
DASHES = {
    "rgb-rotation": "solid",
    "drawings": "dash",
    "noise": "dot",
    "imagenet": "dashdot",
    "gaussian-noise": "longdash",
    "cifar100": "longdashdot",
    "rotation-45": "solid",
    "rotation-90": "longdashdot",
    "rotation-180": "8px,3px",
    "inverted": "dash",
    "fashion-mnist": "dashdot",
    "cifar10-grey": "2px,6px",
}


def roc_figure(
    headings: Sequence[str],
    grid: np.ndarray,
    curves: Sequence[Mapping[str, np.ndarray]],
    areas: Sequence[Mapping[str, float]],
    titles: Mapping[str, str],
    reasons: Sequence[str],
) -> go.Figure:
    """One diagram for each model, with a curve for each set: the true positive rate over the false positive rate.

    Positive is what is called out of distribution: falsely of an image of the test set, truly of one of the set.

    Arguments:
        headings: above each of the M diagrams.
        grid: false positive rates, ``(P,)``, from 0 to 1.
        curves: of each model, by set, the true positive rates, ``(P,)``.
        areas: under them, from 0 to 1; a set may be missing.
        titles: of the sets.
        reasons: of each model, why it has no curve; empty if it has.
    """
    figure = make_subplots(rows=1, cols=len(curves), subplot_titles=list(headings), horizontal_spacing=SPACING)
    named: set[str] = set()
    for col, (of_model, area, reason) in enumerate(zip(curves, areas, reasons, strict=True), start=1):
        chance = {"mode": "lines", "line": {"color": NEUTRAL, "dash": "dash", "width": 1}, "hoverinfo": "skip"}
        figure.add_trace(go.Scatter(x=[0, 1], y=[0, 1], showlegend=False, **chance), row=1, col=col)
        for name, curve in of_model.items():
            figure.add_trace(_curve(name, grid, curve, area.get(name), titles, name not in named), row=1, col=col)
            named.add(name)
        if reason:
            _say(figure, reason, col)
    axes = {"range": [-0.02, 1.02], "tickformat": ".0%", "zeroline": False, "gridcolor": rgba(NEUTRAL, 0.2)}
    figure.update_xaxes(title=_title("false positive rate", "of test images, called out of distribution"), **axes)
    figure.update_yaxes(title=_title("true positive rate", "of the set's images"), **axes)
    margin = {"l": 8, "r": TOOLBAR, "t": 74, "b": 62}
    legend = {"orientation": "h", "x": 0, "y": 1.1, "yanchor": "bottom", "title": ""}
    return finish(
        figure, HEIGHT + 20, margin=margin, legend=legend, dragmode=False, hovermode="closest", showlegend=bool(named)
    )


def _title(name: str, meaning: str) -> str:
    """Of an axis: its name, and below it, smaller, what that means here."""
    return f"{name}<br><span style='font-size:0.85em'>{meaning}</span>"


def _curve(
    name: str, grid: np.ndarray, curve: np.ndarray, area: float | None, titles: Mapping[str, str], in_legend: bool
) -> go.Scatter:
    color, dash = SET_COLORS.get(name, NEUTRAL), DASHES.get(name, "solid")
    title, rates = titles.get(name, name), "true positive rate %{y:.1%}<br>false positive rate %{x:.0%}"
    under = "" if area is None else f"<br>area under the curve: {area:.1%}"
    return go.Scatter(
        x=np.concatenate([[0], grid]),
        y=np.concatenate([[0], curve]),
        name=title,
        legendgroup=name,
        showlegend=in_legend,
        mode="lines",
        line={"color": color, "dash": dash, "width": 2.2},
        hovertemplate=f"<b>{title}</b>{under}<br>{rates}<extra></extra>",
    )


def _say(figure: go.Figure, reason: str, col: int) -> None:
    where = {"x": 0.05, "y": 0.9, "xanchor": "left", "align": "left", **domain_of(figure, 1, col)}
    figure.add_annotation(text=reason, showarrow=False, font={"size": 13}, **where)
