"""What a model makes of what a person writes, as plain values that a page draws anew with every stroke.

Bars to the left say how far each likelihood is behind the largest, bars to the right are the posterior; below them
bits/dim are a needle among those of test images. The axes stay where
they are, so that from stroke to stroke nothing but the bars and the needle moves. Not a Plotly figure,
which draws all of itself anew: here the browser moves a bar.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from app.palette import ACCENT, BAND_COLOR, CLASS_COLORS, NEUTRAL

FLOOR = -12.0  # nats behind the largest, where a bar ends: the share of the posterior is 6e-6
STEPS = 60  # of a histogram


class Written(NamedTuple):
    """An image under a model."""

    log_likelihood: np.ndarray  # log q(x | y) in nats, (K,)
    posterior: np.ndarray  # q(y | x), (K,)
    bits: float  # bits/dim
    same_class: np.ndarray  # bits/dim of the test images that the model takes for the same class
    typical: tuple[float, float]  # lowest and highest bits/dim of what is typical among these


def written_panel(written: Written | None, test_bits: np.ndarray, classes: Sequence[str]) -> dict[str, Any]:
    """Two columns of bars and a strip. Lengths and places are percent of the whole, to the right and up.

    Arguments:
        written: the image; ``None`` where there is none, for empty axes.
        test_bits: bits/dim of all test images, ``(N,)``.
        classes: names of the K classes.

    Returns:
        ``rows``, for each class its name, colour, and length and text of its two bars; ``histograms``, each with its
        colour and a line of points; ``legend``, colours and what they mean; ``ticks``, places and numbers; ``band`` and
        ``needle``, or ``None``: where they begin and end, and where it is, with its number and its colour.
    """
    low, high = (float(value) for value in np.quantile(test_bits, [0.001, 0.999]))
    span = high - low
    axis = _Axis(low - 0.35 * span, high + 0.6 * span)
    edges = np.linspace(low, high, STEPS + 1)
    panel: dict[str, Any] = {
        "rows": _rows(written, classes),
        "histograms": [[NEUTRAL, _outline(test_bits, edges, axis)]],
        "legend": [[NEUTRAL, "all test images"]],
        "ticks": [[axis.place(tick), f"{tick:g}"] for tick in np.arange(0, axis.high, 0.5) if tick >= axis.low],
        "band": None,
        "needle": None,
    }
    if written is not None:
        top = int(written.posterior.argmax())
        panel["histograms"].append([CLASS_COLORS[top], _outline(written.same_class, edges, axis)])
        panel["legend"] += [[CLASS_COLORS[top], f"those taken for {classes[top]}"], [BAND_COLOR, "typical of them"]]
        panel["band"] = [*(axis.place(value) for value in written.typical), BAND_COLOR]
        panel["needle"] = _needle(written.bits, axis, low - 0.25 * span, high + 0.45 * span)
    return panel


class _Axis(NamedTuple):
    """An axis from ``low`` to ``high``."""

    low: float
    high: float

    def place(self, value: float) -> float:
        """Percent of its length."""
        return round(100 * (value - self.low) / (self.high - self.low), 2)


def _rows(written: Written | None, classes: Sequence[str]) -> list[list]:
    if written is None:
        return [[name, color, 0, "", 0, ""] for name, color in zip(classes, CLASS_COLORS, strict=True)]
    relative = written.log_likelihood - written.log_likelihood.max()
    lengths = 100 * np.minimum(relative / FLOOR, 1)
    return [
        [
            name,
            color,
            round(float(length), 2),
            _in_nats(nats),
            round(100 * float(p), 2),
            f"{p:.0%}" if p >= 0.005 else "",
        ]
        for name, color, length, nats, p in zip(
            classes, CLASS_COLORS, lengths, relative, written.posterior, strict=True
        )
    ]


def _in_nats(relative: float) -> str:
    if relative == 0:
        return "0"
    return f"{'◀ ' if relative < FLOOR else ''}−{-relative:.{0 if relative < -9.5 else 1}f}"


def _outline(bits: np.ndarray, edges: np.ndarray, axis: _Axis) -> list[list[float]]:
    """A histogram as the corners of its steps, 100 at its highest."""
    counts, _ = np.histogram(bits, edges)
    heights = np.round(100 * counts / max(1, counts.max()), 1).repeat(2).tolist()
    places = [axis.place(float(edge)) for edge in edges.repeat(2)]
    return [list(point) for point in zip(places, [0, *heights, 0], strict=True)]


def _needle(bits: float, axis: _Axis, low: float, high: float) -> list:
    """Where the image is, and its number; at the edge, with an arrow, if it is further out."""
    shown = float(np.clip(np.nan_to_num(bits, nan=high, posinf=high, neginf=low), low, high))
    number = f"{bits:.2f}".replace("-", "−")
    text = number if shown == bits else f"◀ {number}" if bits < low else f"{number} ▶"
    return [axis.place(shown), text, ACCENT]
