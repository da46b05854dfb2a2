"""What a model makes of what a person writes: likelihoods, the posterior, and bits/dim among those of test images.

The axes stay where they are, so that from stroke to stroke nothing but the bars and the needle moves.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go

from app.figures.layout import HIDDEN, finish
from app.palette import ACCENT, CLASS_COLORS, NEUTRAL, TYPICAL, rgba

HEIGHT = 350
FLOOR = -12.0  # nats below the most likely class, where a bar ends: its share of the posterior is 6e-6
LEFT, RIGHT = 0.465, 0.535  # where the left panel ends and the right one begins, as shares of the figure
BARS, STRIP = 0.42, 0.21  # where the bars end below and the strip above
INK = 13  # size of the text, in CSS pixels


class Written(NamedTuple):
    """An image under a model.

    Attributes:
        log_likelihood: log q(x | y) in nats, ``(K,)``.
        posterior: q(y | x), ``(K,)``.
        bits: bits/dim.
        same_class: bits/dim of the test images that the model takes for the same class.
        typical: lowest and highest bits/dim of what is typical among these.
    """

    log_likelihood: np.ndarray
    posterior: np.ndarray
    bits: float
    same_class: np.ndarray
    typical: tuple[float, float]


def written_figure(written: Written | None, test_bits: np.ndarray, classes: Sequence[str]) -> go.Figure:
    """Likelihoods and posterior as bars, and below them the bits/dim.

    Arguments:
        written: the image; ``None`` where there is none, for empty axes.
        test_bits: bits/dim of all test images, ``(N,)``.
        classes: names of the K classes.
    """
    low, high = (float(value) for value in np.quantile(test_bits, [0.001, 0.999]))
    span, edges = high - low, np.linspace(low, high, 61)
    traces = [_likelihoods(written, classes), _posterior(written, classes), _outline(test_bits, edges, NEUTRAL, "")]
    shapes, notes = (
        [],
        [
            _heading(0, 1, "<b>likelihood</b> log q(x | y)"),
            _heading(RIGHT, 1, "<b>posterior</b> q(y | x)"),
            _heading(0, STRIP, _legend(written, classes)),
        ],
    )
    if written is not None:
        top = int(written.posterior.argmax())
        taken = f" taken for {classes[top]}"
        needle, number = _needle(written.bits, low - 0.28 * span, high + 0.55 * span)
        traces += [_outline(written.same_class, edges, CLASS_COLORS[top], taken), needle]
        shapes.append(_band(*written.typical))
        notes.append(number)
    # With margins of its own, Plotly does not draw all of it twice to find out how much room the numbers need.
    names = {
        "type": "category",
        "range": [len(classes) - 0.5, -0.5],
        "dtick": 1,
        "showgrid": False,
        "automargin": False,
    }
    plain = {"zeroline": False, "showgrid": False, "tickfont": {"size": INK}, "automargin": False}
    in_nats = {"tickvals": [-10, -5, 0], "ticktext": ["−10", "−5", "0 nats"]}
    layout = {
        "xaxis": {"domain": [0, LEFT], "range": [FLOOR, -0.35 * FLOOR], **in_nats, **plain},
        "yaxis": {"domain": [BARS, 1], "tickfont": {"size": INK + 1}, **names},
        "xaxis2": {"domain": [RIGHT, 1], "range": [0, 1.35], "tickvals": [0, 0.5, 1], "tickformat": ".0%", **plain},
        "yaxis2": {"domain": [BARS, 1], "anchor": "x2", "showticklabels": False, **names},
        "xaxis3": {"anchor": "y3", "range": [low - 0.35 * span, high + 0.6 * span], "nticks": 7, **plain},
        "yaxis3": {"domain": [0, STRIP], "anchor": "x3", "range": [0, 1.5], "automargin": False, **HIDDEN},
        "annotations": notes,
        "shapes": shapes,
    }
    for axis in ("xaxis2", "xaxis"):
        layout[axis]["anchor"] = axis.replace("xaxis", "y")
    # All at once: each update of a figure that is there would cost milliseconds.
    figure = go.Figure(traces, {**layout, "bargap": 0.2, "barmode": "overlay", "showlegend": False})
    return finish(figure, HEIGHT, margin={"l": 22, "r": 8, "t": 24, "b": 24})


def _heading(x: float, y: float, text: str) -> dict:
    """What stands above a panel whose upper left corner is there."""
    place = {"x": x, "y": y, "xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom"}
    return {"text": text, "showarrow": False, "font": {"size": INK}, **place}


def _legend(written: Written | None, classes: Sequence[str]) -> str:
    """Heading of the strip, with what the colours mean."""
    parts = [_inked(NEUTRAL, "all test images")]
    if written is not None:
        top = int(written.posterior.argmax())
        parts += [_inked(CLASS_COLORS[top], f"those taken for {classes[top]}"), _inked(TYPICAL, "typical of them")]
    return "<b>bits/dim</b>: " + ", ".join(parts)


def _inked(color: str, text: str) -> str:
    return f"<span style='color:{color}'>■</span> {text}"


def _likelihoods(written: Written | None, classes: Sequence[str]) -> dict:
    if written is None:
        return _bars(np.zeros(len(classes)), classes, FLOOR)
    relative = written.log_likelihood - written.log_likelihood.max()
    text = ["0" if r == 0 else f"−{-r:.0f}" if r < -9.5 else f"−{-r:.1f}" for r in relative]
    hover = [f"log q(x | {c}) = {v:,.1f} nats" for c, v in zip(classes, written.log_likelihood, strict=True)]
    return _bars(np.maximum(relative - FLOOR, 0), classes, FLOOR, text, hover)


def _posterior(written: Written | None, classes: Sequence[str]) -> dict:
    if written is None:
        return {**_bars(np.zeros(len(classes)), classes, 0), "xaxis": "x2", "yaxis": "y2"}
    shares = written.posterior
    text = [f"{p:.0%}" if p >= 0.005 else "" for p in shares]
    hover = [f"q({c} | x) = {p:.2%}" for c, p in zip(classes, shares, strict=True)]
    return {**_bars(shares, classes, 0, text, hover), "xaxis": "x2", "yaxis": "y2"}


def _bars(
    lengths: np.ndarray, classes: Sequence[str], base: float, text: Sequence[str] = (), hover: Sequence[str] = ()
) -> dict:
    return {
        "type": "bar",
        "x": lengths,
        "y": list(classes),
        "base": base,
        "orientation": "h",
        "marker": {"color": list(CLASS_COLORS)},
        "text": text,
        "textposition": "outside",
        "textfont": {"size": INK},
        "constraintext": "none",
        "cliponaxis": False,
        "hovertext": hover,
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _outline(bits: np.ndarray, edges: np.ndarray, color: str, which: str) -> dict:
    """A histogram of test images as an area, 1 at its highest."""
    counts, _ = np.histogram(bits, edges)
    return {
        "type": "scatter",
        "x": (edges[:-1] + edges[1:]) / 2,
        "y": counts / max(1, counts.max()),
        "customdata": counts,
        "mode": "lines",
        "line": {"color": color, "width": 1.5, "shape": "hvh"},
        "fill": "tozeroy",
        "fillcolor": rgba(color, 0.3),
        "hovertemplate": f"%{{x:.2f}} bits/dim: %{{customdata}} test images{which}<extra></extra>",
        "xaxis": "x3",
        "yaxis": "y3",
    }


def _band(low: float, high: float) -> dict:
    """What is typical."""
    place = {"x0": low, "x1": high, "y0": 0, "y1": 1, "xref": "x3", "yref": "y3 domain"}
    return {"type": "rect", "fillcolor": rgba(TYPICAL, 0.22), "line": {"width": 0}, "layer": "below", **place}


def _needle(bits: float, low: float, high: float) -> tuple[dict, dict]:
    """Where the image is, and the number above it; at the edge, with an arrow, if it is further out."""
    shown = float(np.clip(np.nan_to_num(bits, nan=high, posinf=high, neginf=low), low, high))
    number = f"{bits:.2f}".replace("-", "−")
    text = number if shown == bits else f"◀ {number}" if bits < low else f"{number} ▶"
    line = {
        "type": "scatter",
        "x": [shown, shown],
        "y": [0, 1.08],
        "mode": "lines",
        "line": {"color": ACCENT, "width": 3},
        "hovertemplate": f"what is written: {number} bits/dim<extra></extra>",
        "xaxis": "x3",
        "yaxis": "y3",
    }
    place = {"x": shown, "y": 1.1, "xref": "x3", "yref": "y3", "yanchor": "bottom"}
    note = {"text": f"<b>{text}</b>", "showarrow": False, "font": {"color": ACCENT, "size": INK}, **place}
    return line, note
