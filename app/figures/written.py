"""What a model makes of what a person writes: ten likelihoods, the posterior, and bits/dim among those of test images.

The axes stay where they are, so that from stroke to stroke nothing but the bars and the needle moves.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from app.figures.bits_scale import number_text
from app.figures.draft import Draft
from app.palette import ACCENT, BAND_COLOR, CLASS_COLORS, NEUTRAL, rgba

HEIGHT = 350
FLOOR = -12.0  # nats behind the largest, where a bar ends: the share of the posterior is 6e-6
ROOM = 1.6  # of the longest bar: behind it stands its number
STEPS = 60  # of a histogram
#: Of each panel: the number of its axes, and where it is, horizontally and vertically.
PANELS = (("", (0, 0.46), (0.37, 0.845)), ("2", (0.54, 1), (0.37, 0.845)), ("3", (0, 1), (0, 0.14)))
TOP = 1.7  # of the highest of a histogram: above it stands the number of the needle
QUIET = {"showgrid": False, "zeroline": False, "fixedrange": True}


def _named(color: str, text: str) -> str:
    return f'<span style="color:{color}">■</span> {text}'


LEGEND = f"<b>bits/dim</b> {_named(NEUTRAL, 'all test images')}"  # without an image


class Written(NamedTuple):
    """An image under a model."""

    log_likelihood: np.ndarray  # log q(x | y) in nats, (K,)
    posterior: np.ndarray  # q(y | x), (K,)
    bits: float  # bits/dim
    same_class: np.ndarray  # bits/dim of the test images that the model takes for the same class
    typical: tuple[float, float]  # lowest and highest bits/dim of what is typical among these


def written_figure(written: Written | None, test_bits: np.ndarray, *, classes: Sequence[str]) -> go.Figure:
    """Two columns of bars and a strip among the bits/dim of all test images; without an image, empty axes."""
    draft = Draft()
    for number, across, up in PANELS:
        axes = {"domain": list(across), "anchor": f"y{number}"}, {"domain": list(up), "anchor": f"x{number}"}
        draft.update_axes(number, *({**axis, **QUIET} for axis in axes))
    nothing = np.zeros(len(classes))
    relative = nothing if written is None else written.log_likelihood - written.log_likelihood.max()
    posterior = nothing if written is None else written.posterior
    behind = ["" if written is None else _in_nats(nats) for nats in relative]
    shares = [f"{p:.0%}" if p >= 0.005 else "" for p in posterior]
    _add_bars(draft, "", "likelihoods", np.maximum(relative, FLOOR), behind)
    _add_bars(draft, "2", "posterior", posterior, shares)
    names = {"tickvals": list(range(len(classes))), "ticktext": list(classes), "range": [len(classes) - 0.5, -0.5]}
    ticks = {"range": [ROOM * FLOOR, 0], "tickvals": [-10, 0], "ticktext": ["−10", "0"]}
    draft.update_axes("", ticks, names)
    percent = {"range": [0, ROOM], "tickvals": [0, 0.5, 1], "tickformat": ".0%"}
    draft.update_axes("2", percent, {**names, "showticklabels": False})
    _add_heading(draft, 0, 1, "<b>likelihood</b>, nats<br>log q(x | y)")
    _add_heading(draft, 0.54, 1, "<b>posterior</b><br>q(y | x)")
    _add_strip(draft, written, test_bits, classes)
    margin = {"l": 8, "r": 8, "t": 4, "b": 4}
    return draft.finish(HEIGHT, margin=margin, bargap=0.2, dragmode=False, showlegend=False)


def _add_bars(draft: Draft, number: str, name: str, lengths: np.ndarray, texts: Sequence[str]) -> None:
    look = {"uid": name, "orientation": "h", "marker": {"color": list(CLASS_COLORS)}, "hoverinfo": "skip"}
    text = {"text": texts, "textposition": "outside", "constraintext": "none", "cliponaxis": False}
    draft.add_trace(number, {"type": "bar", "x": lengths, "y": list(range(len(lengths))), **look, **text})


def _in_nats(relative: float) -> str:
    if relative == 0:
        return "0"
    return f"{'◀ ' if relative < FLOOR else ''}−{number_text(-relative, '.0f' if relative < -9.5 else '.1f')}"


def _add_heading(draft: Draft, x: float, y: float, text: str, name: str = "") -> None:
    place = {"x": x, "y": y, "xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "top", "align": "left"}
    named = {"name": name} if name else {}
    draft.annotations.append({**place, **named, "text": text, "showarrow": False})


def _add_strip(draft: Draft, written: Written | None, test_bits: np.ndarray, classes: Sequence[str]) -> None:
    """The histograms of all test images and of those taken for the same class, and the image as a needle.

    Where there is no image, what belongs to one is there unseen: the browser may show it as a person begins to write.
    """
    low, high = _range_of(test_bits)
    span = high - low
    draft.update_axes("3", {"range": [low - 0.35 * span, high + 0.6 * span]}, {"range": [0, TOP], "visible": False})
    _add_histogram(draft, "every", places_of(test_bits), heights_of(test_bits, test_bits), NEUTRAL)
    legend, seen = LEGEND, {"visible": written is not None}
    top = 0 if written is None else int(written.posterior.argmax())
    same_class = test_bits if written is None else written.same_class
    _add_histogram(draft, "alike", places_of(test_bits), heights_of(same_class, test_bits), CLASS_COLORS[top])
    draft.data[-1] |= seen
    typical = (low, high) if written is None else written.typical
    across = {"xref": "x3", "x0": typical[0], "x1": typical[1], "line": {"width": 0}}
    up = {"yref": "y3", "y0": 0, "y1": TOP, "fillcolor": rgba(BAND_COLOR, 0.2), "layer": "below"}
    draft.shapes.append({"type": "rect", "name": "typical", **across, **up, **seen})
    draft.add_trace("3", {**_needle(low if written is None else written.bits, *ends_of(test_bits)), **seen})
    if written is not None:
        legend += legend_of(classes[top], CLASS_COLORS[top])
    _add_heading(draft, 0, 0.29, legend, "legend")


def _range_of(test_bits: np.ndarray) -> tuple[float, float]:
    low, high = (float(value) for value in np.quantile(test_bits, [0.001, 0.999]))
    return low, high


def ends_of(test_bits: np.ndarray) -> tuple[float, float]:
    """Between which bits/dim the needle stands."""
    low, high = _range_of(test_bits)
    return low - 0.25 * (high - low), high + 0.45 * (high - low)


def places_of(test_bits: np.ndarray) -> np.ndarray:
    """Where the steps of a histogram begin, by the bits/dim of all test images, and once more the first."""
    edges = np.linspace(*_range_of(test_bits), STEPS + 1)
    return np.concatenate([edges[:1], edges])


def heights_of(bits: np.ndarray, test_bits: np.ndarray) -> np.ndarray:
    """The heights of these steps, 1 at the highest."""
    counts, _ = np.histogram(bits, places_of(test_bits)[1:])
    return np.concatenate([[0], counts / max(1, counts.max()), [0]])


def legend_of(name: str, color: str) -> str:
    """What the legend says of the class that an image is taken for."""
    return f"<br>{_named(color, f'those taken for {name}')} {_named(BAND_COLOR, 'typical of them')}"


def _add_histogram(draft: Draft, name: str, places: np.ndarray, heights: np.ndarray, color: str) -> None:
    look = {"mode": "lines", "line": {"color": color, "width": 1.5, "shape": "hv"}, "fillcolor": rgba(color, 0.3)}
    steps = {"type": "scatter", "uid": name, "x": places, "y": heights, "fill": "tozeroy", "hoverinfo": "skip"}
    draft.add_trace("3", {**steps, **look})


def _needle(bits: float, low: float, high: float) -> dict[str, Any]:
    """Where the image is, and its number; at the edge, with an arrow, if it is further out."""
    shown = float(np.clip(np.nan_to_num(bits, nan=high, posinf=high, neginf=low), low, high))
    number = number_text(bits).replace("-", "−")
    text = number if shown == bits else f"◀ {number}" if bits < low else f"{number} ▶"
    return {
        **{"type": "scatter", "uid": "needle", "x": [shown] * 2, "y": [0, 1.05], "mode": "lines+text"},
        "line": {"color": ACCENT, "width": 3},
        "text": ["", f"<b>{text}</b>"],
        "textposition": "top center",
        "textfont": {"color": ACCENT},
        "cliponaxis": False,
        "hoverinfo": "skip",
    }
