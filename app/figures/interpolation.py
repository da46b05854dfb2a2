"""How posterior and likelihood run along a path (under Fig. 9)."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from app.figures.classes import colors_of, shown_classes
from app.figures.layout import axes_of, finish
from app.figures.text import plotly_texts
from app.palette import NEUTRAL


def posterior_figure(
    t: np.ndarray, posteriors: np.ndarray, names: Sequence[str], *, classes: Sequence[str]
) -> go.Figure:
    """q(y | x) along a path as stacked areas, one row for each model.

    Of more than twenty classes the ten that matter most on the path have areas, and the others one together.

    Arguments:
        t: positions ``(T,)`` from 0 to 1.
        posteriors: ``(M, T, K)``.
        names: of the M models.
        classes: names of the K classes.
    """
    figure = make_subplots(rows=len(names), cols=1, shared_xaxes=True, vertical_spacing=0.06)
    shown, classes = shown_classes(posteriors.max((0, 1))), plotly_texts(classes)
    every = colors_of(len(classes), shown)
    names_shown, colors = [classes[k] for k in shown], [every[k] for k in shown]
    areas = posteriors[..., shown]
    if len(shown) < len(classes):
        areas = np.concatenate([areas, 1 - areas.sum(-1, keepdims=True)], axis=-1).clip(0, 1)
        names_shown, colors = [*names_shown, "all other classes"], [*colors, NEUTRAL]
    for row, posterior in enumerate(areas, start=1):
        for k, name in enumerate(names_shown):
            # A plain dictionary: Plotly would check an object once more when it takes it in.
            area = {
                "type": "scatter",
                "x": t,
                "y": posterior[:, k],
                "name": name,
                "showlegend": False,
                "stackgroup": str(row),
                "mode": "lines",
                "line": {"width": 0.5, "color": colors[k]},
                "fillcolor": colors[k],
                "hovertemplate": f"{name} %{{y:.1%}}<extra></extra>",
            }
            figure.add_trace(area, row=row, col=1)
    figure.update_yaxes(range=[0, 1], tickformat=".0%", nticks=3)
    for row, name in enumerate(names, start=1):
        axes_of(figure, row, 1)[1].title.text = name
    figure.update_xaxes(range=[0, 1], tickformat=".0%")
    axes_of(figure, len(names), 1)[0].title.text = "position on the path"
    return finish(figure, 60 + 130 * len(names), hovermode="x unified")


def bits_figure(
    t: np.ndarray,
    bits: np.ndarray,
    names: Sequence[str],
    colors: Sequence[str],
    typical: Sequence[float],
    axis: str,
    tick: str = "",
) -> go.Figure:
    """Bits/dim along a path, one line for each model.

    Arguments:
        t: positions ``(T,)``.
        bits: ``(M, T)``.
        names: of the M models.
        colors: of the models.
        typical: bits/dim of a typical test image under each, drawn as dotted lines.
        axis: title of the horizontal axis.
        tick: format of its numbers, as d3 has it.
    """
    figure = go.Figure()
    for index, (name, values) in enumerate(zip(names, bits, strict=True)):
        figure.add_trace(
            go.Scatter(
                x=t,
                y=values,
                name=name,
                mode="lines+markers",
                line={"color": colors[index], "width": 2.5},
                hovertemplate="%{y:.2f} bits/dim<extra>" + name + "</extra>",
            )
        )
        figure.add_hline(typical[index], line={"color": colors[index], "dash": "dot", "width": 1})
    figure.update_xaxes(title=axis, tickformat=tick)
    figure.update_yaxes(title="bits/dim")
    legend = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "title": ""}
    return finish(figure, 90 + 130 * max(2, min(len(names), 3)), hovermode="x unified", legend=legend)
