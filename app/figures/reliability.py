"""Reliability diagrams: does what a model believes come true as often as it says (Appendix C)?"""

import numpy as np
import plotly.graph_objects as go

from app.figures.diagram import FRAME, TEXT, square_axes
from app.figures.layout import finish, heading
from app.palette import NEUTRAL, TOO_SURE, TOO_UNSURE
from ibinn_core.evaluation import Reliability

HEIGHT = 340  # CSS pixels


def reliability_figure(name: str, bins: Reliability, height: int = HEIGHT) -> go.Figure:
    """What a model predicted from left to right, and what came true upwards.

    Arguments:
        name: of the model, above the diagram, with what sums it up.
        bins: of its predictions; empty ones are left out.
        height: in CSS pixels.
    """
    figure = go.Figure()
    _add_diagonal(figure)
    _add_gaps(figure, bins)
    _add_dots(figure, bins)
    square_axes(figure, "predicted probability", "observed frequency")
    return finish(
        figure, height, **FRAME, title=heading(name, TEXT + 1), showlegend=False, dragmode=False, hovermode="closest"
    )


def _add_diagonal(figure: go.Figure) -> None:
    style = {"mode": "lines", "line": {"color": NEUTRAL, "dash": "dash", "width": 1.5}, "hoverinfo": "skip"}
    figure.add_trace(go.Scatter(x=[0, 1], y=[0, 1], **style))


def _add_gaps(figure: go.Figure, found: Reliability) -> None:
    """A bar from the diagonal to each dot: the calibration errors are made of their lengths."""
    x, y, colors = [], [], []
    for expected, observed in zip(found.expected, found.observed, strict=True):
        if np.isnan(observed):
            continue
        x.append([expected, expected])
        y.append([expected, observed])
        colors.append(TOO_SURE if observed < expected else TOO_UNSURE)
    for color in (TOO_SURE, TOO_UNSURE):
        ends = [(a, b) for a, b, c in zip(x, y, colors, strict=True) if c == color]
        figure.add_trace(
            go.Scatter(
                x=[value for a, _ in ends for value in (*a, None)],
                y=[value for _, b in ends for value in (*b, None)],
                mode="lines",
                line={"color": color, "width": 4},
                opacity=0.55,
                hoverinfo="skip",
            )
        )


def _add_dots(figure: go.Figure, found: Reliability) -> None:
    used = np.flatnonzero(found.count)
    total = found.count.sum()
    texts = []
    for b in used:
        gap, share = 100 * (found.observed[b] - found.expected[b]), found.count[b] / total
        verdict = "too high" if gap < 0 else "too low"
        texts.append(
            f"predicted {found.edges[b]:.0%} to {found.edges[b + 1]:.0%}<br>"
            f"observed: {found.observed[b]:.1%} of {found.count[b]:,} predictions ({share:.1%} of all)"
            f"<br>expected: {found.expected[b]:.1%}, so {verdict} by {abs(gap):.1f} points"
        )
    sizes = 6 + 14 * np.log10(1 + found.count[used]) / np.log10(1 + total)
    figure.add_trace(
        go.Scatter(
            x=found.expected[used],
            y=found.observed[used],
            mode="lines+markers",
            line={"color": NEUTRAL, "width": 1},
            marker={
                "size": sizes,
                "color": [TOO_SURE if found.observed[b] < found.expected[b] else TOO_UNSURE for b in used],
                "symbol": ["triangle-down" if found.observed[b] < found.expected[b] else "triangle-up" for b in used],
                "line": {"color": "white", "width": 1},
                "opacity": 1,
            },
            hovertext=texts,
            hovertemplate="%{hovertext}<extra></extra>",
            cliponaxis=False,
        )
    )
