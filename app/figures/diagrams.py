"""Diagrams of shares, both axes from 0 to 100 %: reliability (Appendix C) and ROC curves (Section 4.2)."""

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from ibinn_core.data import ood
from ibinn_core.measures.calibration import Reliability

from ..palette import NEUTRAL, SET_COLORS, TOO_SURE, TOO_UNSURE, rgba
from .layout import TOOLBAR, finish, heading

TEXT = 14  # pixels
FRAME = {"margin": {"l": 8, "r": TOOLBAR, "t": 32, "b": 8}, "hoverlabel": {"align": "left", "font_size": TEXT}}
HEIGHT, ROC_HEIGHT = 340, 380  # CSS pixels
#: Line styles, so that outlier sets do not differ by colour alone.
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot", "8px,3px", "2px,6px")


def square_axes(figure: go.Figure, across: str, upwards: str) -> None:
    """Gives both axes a title and the range from 0 to 100 %."""
    axis = {
        "range": [-0.02, 1.02],
        "tickvals": [0, 0.2, 0.4, 0.6, 0.8, 1],
        "tickformat": ".0%",
        "zeroline": False,
        "gridcolor": rgba(NEUTRAL, 0.2),
    }
    figure.update_xaxes(title_text=across, **axis)
    figure.update_yaxes(title_text=upwards, **axis)


def reliability_figure(name: str, bins: Reliability) -> go.Figure:
    """Draws observed frequency over predicted probability, for each bin that is not empty."""
    figure = go.Figure()
    diagonal = {"mode": "lines", "line": {"color": NEUTRAL, "dash": "dash", "width": 1.5}, "hoverinfo": "skip"}
    figure.add_scatter(x=[0, 1], y=[0, 1], **diagonal)
    used = bins.count > 0
    expected, observed = bins.expected[used], bins.observed[used]
    colors = np.where(observed < expected, TOO_SURE, TOO_UNSURE)
    _add_gaps(figure, expected, observed, colors)
    _add_dots(figure, bins, used, colors)
    square_axes(figure, "predicted probability", "observed frequency")
    return finish(
        figure, HEIGHT, **FRAME, title=heading(name, TEXT + 1), showlegend=False, dragmode=False, hovermode="closest"
    )


def _add_gaps(figure: go.Figure, expected: np.ndarray, observed: np.ndarray, colors: np.ndarray) -> None:
    """Draws a bar from the diagonal to each dot; calibration errors combine the lengths of these bars."""
    for color in (TOO_SURE, TOO_UNSURE):
        ends = [(x, y) for x, y, own in zip(expected, observed, colors, strict=True) if own == color]
        figure.add_scatter(
            x=[value for x, _ in ends for value in (x, x, None)],
            y=[value for x, y in ends for value in (x, y, None)],
            mode="lines",
            line={"color": color, "width": 4},
            opacity=0.55,
            hoverinfo="skip",
        )


def _add_dots(figure: go.Figure, bins: Reliability, used: np.ndarray, colors: np.ndarray) -> None:
    total, texts = bins.count.sum(), []
    for b in np.flatnonzero(used):
        gap, share = 100 * (bins.observed[b] - bins.expected[b]), bins.count[b] / total
        texts.append(
            f"predicted {bins.edges[b]:.0%} to {bins.edges[b + 1]:.0%}<br>"
            f"observed: {bins.observed[b]:.1%} of {bins.count[b]:,} predictions ({share:.1%} of all)"
            f"<br>expected: {bins.expected[b]:.1%}, {abs(gap):.1f} points too {'high' if gap < 0 else 'low'}"
        )
    figure.add_scatter(
        x=bins.expected[used],
        y=bins.observed[used],
        mode="lines+markers",
        line={"color": NEUTRAL, "width": 1},
        marker={
            "size": 6 + 14 * np.log10(1 + bins.count[used]) / np.log10(1 + total),
            "color": colors,
            "symbol": np.where(colors == TOO_SURE, "triangle-down", "triangle-up"),
            "line": {"color": "white", "width": 1},
            "opacity": 1,
        },
        hovertext=texts,
        hovertemplate="%{hovertext}<extra></extra>",
        cliponaxis=False,
    )


def roc_figure(
    name: str,
    grid: np.ndarray,
    curves: Mapping[str, np.ndarray],
    areas: Mapping[str, float],
    titles: Mapping[str, str],
    reason: str,
) -> go.Figure:
    """Draws a model's curve for each set: the true positive rate over the false positive rates ``grid``, ``(P,)``.

    A positive is an image that the test calls out of distribution. Positives of the test set are false, and
    positives of the other set are true. ``areas`` may lack sets; ``reason`` says why there is no curve at all.
    """
    figure = go.Figure()
    chance = {"mode": "lines", "line": {"color": NEUTRAL, "dash": "dash", "width": 1}, "hoverinfo": "skip"}
    figure.add_scatter(x=[0, 1], y=[0, 1], showlegend=False, **chance)
    for key, curve in curves.items():
        figure.add_trace(_curve(key, grid, curve, areas.get(key), titles))
    square_axes(figure, "false positive rate", "true positive rate")
    if reason:
        where = {"x": 0.05, "y": 0.9, "xref": "x domain", "yref": "y domain", "xanchor": "left", "align": "left"}
        figure.add_annotation(text=reason, showarrow=False, font={"size": TEXT}, **where)
    # The heading is the legend's title, so that the two never overlap, however many lines a phone needs.
    title = {"text": f"{name}: area under each curve", "side": "top", "font": {"size": TEXT + 1}}
    legend = {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "title": title, "font_size": TEXT}
    layout = {"dragmode": False, "hovermode": "closest", "showlegend": bool(curves)}
    return finish(
        figure, ROC_HEIGHT, **FRAME, title=None if curves else heading(name, TEXT + 1), legend=legend, **layout
    )


def _curve(name: str, grid: np.ndarray, curve: np.ndarray, area: float | None, titles: Mapping[str, str]) -> go.Scatter:
    color_index = ood.EVERY[name].color if name in ood.EVERY else None
    color, dash = (NEUTRAL, "solid") if color_index is None else (SET_COLORS[color_index], DASHES[color_index])
    title, rates = titles.get(name, name), "true positive rate %{y:.1%}<br>false positive rate %{x:.0%}"
    under = "" if area is None else f"<br>area under the curve: {100 * area:.1f} %"
    return go.Scatter(
        x=np.concatenate([[0], grid]),
        y=np.concatenate([[0], curve]),
        name=title if area is None else f"{title} {100 * area:.0f} %",
        mode="lines",
        line={"color": color, "dash": dash, "width": 2.5},
        hovertemplate=f"<b>{title}</b>{under}<br>{rates}<extra></extra>",
    )
