"""ROC curves of out-of-distribution detection by the typicality test (Section 4.2)."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from app.figures.layout import TOOLBAR, domain_of, finish
from app.palette import NEUTRAL, rgba

HEIGHT, SPACING = 400, 0.09
#: Colour and dash of each set, so that no two differ in colour alone.
LOOKS = {
    "rgb-rotation": ("#c0561f", "solid"),
    "drawings": ("#2f74c0", "dash"),
    "noise": ("#9560cc", "dot"),
    "imagenet": ("#0a8f86", "dashdot"),
    "gaussian-noise": ("#9a7b12", "longdash"),
    "cifar100": ("#c43d6b", "longdashdot"),
}


def roc_figure(
    headings: Sequence[str],
    grid: np.ndarray,
    curves: Sequence[Mapping[str, np.ndarray]],
    areas: Sequence[Mapping[str, float]],
    titles: Mapping[str, str],
    reasons: Sequence[str],
) -> go.Figure:
    """One diagram for each model, with a curve for each set: false alarms from left to right, images found upwards.

    Arguments:
        headings: above each of the M diagrams.
        grid: shares of the test set that raise a false alarm, ``(P,)``, from 0 to 1.
        curves: of each model, by set, the shares that are found, ``(P,)``.
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
    figure.update_xaxes(title="false alarms: test images called out of distribution", **axes)
    figure.update_yaxes(title="found: images of the set", **axes)
    margin = {"l": 8, "r": TOOLBAR, "t": 74, "b": 48}
    legend = {"orientation": "h", "x": 0, "y": 1.1, "yanchor": "bottom", "title": ""}
    return finish(
        figure, HEIGHT + 20, margin=margin, legend=legend, dragmode=False, hovermode="closest", showlegend=bool(named)
    )


def _curve(
    name: str, grid: np.ndarray, curve: np.ndarray, area: float | None, titles: Mapping[str, str], in_legend: bool
) -> go.Scatter:
    color, dash = LOOKS.get(name, (NEUTRAL, "solid"))
    title = titles.get(name, name)
    under = "" if area is None else f"<br>area under the curve: {area:.1%}"
    return go.Scatter(
        x=np.concatenate([[0], grid]),
        y=np.concatenate([[0], curve]),
        name=title,
        legendgroup=name,
        showlegend=in_legend,
        mode="lines",
        line={"color": color, "dash": dash, "width": 2.2},
        hovertemplate=f"<b>{title}</b>{under}<br>%{{y:.1%}} found at %{{x:.0%}} false alarms<extra></extra>",
    )


def _say(figure: go.Figure, reason: str, col: int) -> None:
    where = {"x": 0.05, "y": 0.9, "xanchor": "left", "align": "left", **domain_of(figure, 1, col)}
    figure.add_annotation(text=reason, showarrow=False, font={"size": 13}, **where)
