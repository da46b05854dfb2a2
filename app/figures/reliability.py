"""Reliability diagrams: does what a model believes come true as often as it says (Appendix C)?"""

import numpy as np
import plotly.graph_objects as go

from app.figures.diagram import FRAME, TEXT, square_axes
from app.figures.layout import finish, heading
from app.palette import NEUTRAL, TOO_SURE, TOO_UNSURE
from ibinn_core.evaluation import Reliability

HEIGHT = 340  # CSS pixels


def reliability_figure(name: str, bins: Reliability) -> go.Figure:
    """What a model predicted from left to right, and what came true upwards; empty bins are left out."""
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
    """A bar from the diagonal to each dot: the calibration errors are made of their lengths."""
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
            f"<br>expected: {bins.expected[b]:.1%}, so too {'high' if gap < 0 else 'low'} by {abs(gap):.1f} points"
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
