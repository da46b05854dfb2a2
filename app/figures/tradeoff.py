"""The family's trade-off: what a model wins in accuracy it pays in likelihood (Fig. 6)."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from .layout import finish
from .palette import ACCENT, NEUTRAL


def tradeoff_figure(
    ids: Sequence[str],
    names: Sequence[str],
    error: np.ndarray,
    bits: np.ndarray,
    colors: Sequence[str],
    in_family: Sequence[bool],
    selected: int,
    height: int = 330,
) -> go.Figure:
    """Test error against bits/dim, one dot a model; a click returns the model's id.

    Arguments:
        ids, names, colors: of the M models.
        error: test error from 0 to 1, ``(M,)``.
        bits: bits/dim, ``(M,)``; above 14 a dot stands at the figure's edge, and says so.
        in_family: whether a model belongs to the line that γ draws; the others are drawn apart.
        selected: which model is ringed.
        height: in CSS pixels.
    """
    edge = 14.0
    shown = np.minimum(bits, edge)
    line = [i for i, member in enumerate(in_family) if member]
    figure = go.Figure(
        go.Scatter(
            x=shown[line],
            y=error[line],
            mode="lines",
            line={"color": NEUTRAL, "width": 1.5, "dash": "dot"},
            hoverinfo="skip",
            showlegend=False,
        )
    )
    figure.add_trace(
        go.Scatter(
            x=[shown[selected]],
            y=[error[selected]],
            mode="markers",
            marker={"symbol": "circle-open", "size": 26, "color": ACCENT, "line": {"width": 3}},
            hoverinfo="skip",
            showlegend=False,
        )
    )
    figure.add_trace(
        go.Scatter(
            x=shown,
            y=error,
            mode="markers+text",
            text=[
                f"\u2002\u2002<b>{name}</b>\u2002\u2002" if i == selected else f"\u2002{name}\u2002"
                for i, name in enumerate(names)
            ],
            textposition=_sides(shown, error),
            customdata=list(ids),
            marker={
                "size": 15,
                "color": list(colors),
                "symbol": ["circle" if member else "square" for member in in_family],
                "line": {"color": "white", "width": 1},
                "opacity": 1,
            },
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 1}},
            hovertemplate=[
                f"{name}<br>error {e:.1%}<br>{b:.2f} bits/dim"
                + (" (off the scale)" if b > edge else "")
                + "<extra></extra>"
                for name, e, b in zip(names, error, bits, strict=True)
            ],
            cliponaxis=False,
            showlegend=False,
        )
    )
    grid = {"zeroline": False, "gridcolor": "rgba(138,147,160,0.2)"}
    pad = 0.12 * max(0.5, float(np.ptp(shown)))
    figure.update_xaxes(
        title="bits/dim: worse likelihood →", range=[shown.min() - pad, shown.max() + 1.6 * pad], **grid
    )
    low, high = float(error.min()), float(error.max())
    room = 0.14 * max(0.05, high - low)
    figure.update_yaxes(title="test error", tickformat=".0%", range=[max(0, low - room), high + room], **grid)
    return finish(figure, height, dragmode=False)


def _sides(x: np.ndarray, y: np.ndarray) -> list[str]:
    """Where each name stands beside its dot: a dot with a close neighbour above or below gives way to it."""
    spans = np.maximum([np.ptp(x), np.ptp(y)], 1e-9)
    places = np.column_stack([x, y]) / spans
    sides = []
    for i, place in enumerate(places):
        near = [j for j in range(len(places)) if j != i and np.abs(places[j] - place).max() < 0.09]
        above = any(places[j][1] > place[1] for j in near)
        sides.append("middle right" if not near else ("bottom center" if above else "top center"))
    return sides
