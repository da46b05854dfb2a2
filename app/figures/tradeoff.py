"""The family's trade-off: what a model gains in accuracy it loses in likelihood (Fig. 6)."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from app.figures.layout import TOOLBAR, finish
from app.figures.name_places import place_names
from app.palette import ACCENT, NEUTRAL, rgba

EDGE = 14.0  # bits/dim; beyond it a dot stands at the figure's edge
TICKS_ERROR = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.9)
TICKS_BITS = (3.6, 3.8, 4, 4.2, 4.5, 5, 5.5, 6, 7, 8, 10, 14)
FINE_BITS = np.arange(4, 36) / 10  # below those, as far as there is room
PHONE_WIDTH = 280  # CSS pixels between the figure's axes on a phone


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
    """Test error against bits/dim on logarithmic axes, one dot for each model; a click returns the model's id.

    Arguments:
        ids: of the M models.
        names: of the models.
        colors: of the models.
        error: test error from 0 to 1, ``(M,)``.
        bits: bits/dim, ``(M,)``; above 14 a dot stands at the figure's edge, and says so.
        in_family: whether a model belongs to the line that γ draws; the others are drawn apart.
        selected: which model is ringed.
        height: in CSS pixels.
    """
    shown = np.minimum(bits, EDGE)
    ranges = _range(shown, 0.08, 0.16), _range(error, 0.12, 0.12)
    line = [i for i, member in enumerate(in_family) if member]
    ends = (-TOOLBAR, PHONE_WIDTH + TOOLBAR)  # the ticks' and the toolbar's room
    sides = place_names(names, _pixels(shown, error, ranges, height), selected, line, ends=ends)
    figure = go.Figure([_line(shown, error, in_family), _ring(shown[selected], error[selected])])
    figure.add_trace(
        go.Scatter(
            x=shown,
            y=error,
            mode="markers+text",
            text=[_label(name, i == selected) if sides[i] else "" for i, name in enumerate(names)],
            textposition=[side or "middle right" for side in sides],
            customdata=list(ids),
            marker={
                "size": 15,
                "color": list(colors),
                "symbol": ["circle" if member else "square" for member in in_family],
                "line": {"color": "white", "width": 1},
                "opacity": 1,
            },
            hovertemplate=[
                f"{name}<br>error {e:.1%}<br>{b:.2f} bits/dim"
                + (" (off the scale)" if b > EDGE else "")
                + "<extra></extra>"
                for name, e, b in zip(names, error, bits, strict=True)
            ],
            cliponaxis=False,
            showlegend=False,
        )
    )
    axis = {"type": "log", "zeroline": False, "gridcolor": rgba(NEUTRAL, 0.2)}
    figure.update_xaxes(title="bits/dim: worse likelihood →", range=ranges[0], tickvals=_ticks_bits(ranges[0]), **axis)
    figure.update_yaxes(title="test error", tickformat=".1~%", range=ranges[1], tickvals=TICKS_ERROR, **axis)
    return finish(figure, height, dragmode=False)


def _range(values: np.ndarray, before: float, after: float) -> list[float]:
    """A logarithmic axis' ends, with room in shares of its length."""
    low, high = np.log10(max(values.min(), 1e-3)), np.log10(max(values.max(), 1e-3))
    length = max(high - low, 0.1)
    return [low - before * length, high + after * length]


def _ticks_bits(ends: list[float], room: float = 0.11) -> list[float]:
    """Ticks on an axis between two logarithms, the usual ones first, with at least ``room`` of its length between."""
    chosen: list[float] = []
    for tick in (*TICKS_BITS, *FINE_BITS):
        is_free = all(abs(np.log10(tick / other)) >= room * (ends[1] - ends[0]) for other in chosen)
        if is_free and ends[0] <= np.log10(tick) <= ends[1]:
            chosen.append(float(tick))
    return sorted(chosen)


def _pixels(x: np.ndarray, y: np.ndarray, ranges: tuple, height: int) -> np.ndarray:
    """About where the dots stand on a phone: on a wider page, names keep clear all the more."""
    logs = np.log10(np.maximum(np.column_stack([x, y]), 1e-3))
    low, high = np.array(ranges).T
    return (logs - low) / (high - low) * (PHONE_WIDTH, height - 60)


def _label(name: str, bold: bool) -> str:
    return f"\u2002\u2002<b>{name}</b>\u2002\u2002" if bold else f"\u2002{name}\u2002"


def _line(bits: np.ndarray, error: np.ndarray, in_family: Sequence[bool]) -> go.Scatter:
    line = [i for i, member in enumerate(in_family) if member]
    return go.Scatter(
        x=bits[line],
        y=error[line],
        mode="lines",
        line={"color": NEUTRAL, "width": 1.5, "dash": "dot"},
        hoverinfo="skip",
        showlegend=False,
    )


def _ring(bits: float, error: float) -> go.Scatter:
    return go.Scatter(
        uid="ring",
        x=[bits],
        y=[error],
        mode="markers",
        marker={"symbol": "circle-open", "size": 26, "color": ACCENT, "line": {"width": 3}},
        hoverinfo="skip",
        showlegend=False,
    )
