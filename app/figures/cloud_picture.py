"""Test images in a plane of latent space as a picture, and a figure on it: an image's star and its way."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from PIL import Image, ImageDraw

from app.figures.draft import Draft
from app.palette import ACCENT, CLASS_COLORS, HALO

FINE = 2  # drawn this much larger, so that dots are round
DOT = 2.2  # radius in pixels
LETTER = 18  # CSS pixels of a class's name
ALPHA = "a0"  # hexadecimal opacity of a dot
MARGIN = 0.04  # of the side, around what is framed
EDGE = 0.06  # of the side: a star from outside is held within the border


def frame(points: np.ndarray, means: np.ndarray) -> tuple[np.ndarray, float]:
    """The square that holds the class means and nearly all points, ``(N, 2)``: its lower left corner and side.

    A handful of outliers must not shrink the rest.
    """
    low, high = np.quantile(points, [0.002, 0.998], axis=0)
    low, high = np.minimum(low, means.min(0)), np.maximum(high, means.max(0))
    side = float((high - low).max()) / (1 - 2 * MARGIN)
    return (low + high - side) / 2, side


def within(points: np.ndarray, corner: np.ndarray, side: float) -> np.ndarray:
    """Shares of a frame's side, to the right and down, of points ``(N, 2)``; below 0 or above 1 outside of it."""
    shares = (np.asarray(points, np.float64) - corner) / side
    return np.stack([shares[:, 0], 1 - shares[:, 1]], 1)


def cloud_picture(places: np.ndarray, labels: np.ndarray, side: int) -> np.ndarray:
    """A dot a test image in the colour of its class, on a transparent ground, uint8 ``(side, side, 4)``.

    ``places`` are shares of the side, to the right and down, ``(N, 2)``.
    """
    picture = Image.new("RGBA", (side * FINE, side * FINE), "#00000000")
    pen, radius = ImageDraw.Draw(picture), DOT * FINE
    for (x, y), label in zip(places * side * FINE, labels, strict=True):
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=CLASS_COLORS[label] + ALPHA)
    return np.asarray(picture.resize((side, side), Image.Resampling.BOX))


def plane_figure(
    corner: np.ndarray, side: float, centres: np.ndarray, place: np.ndarray, *, classes: Sequence[str]
) -> go.Figure:
    """The names of classes at their centres ``(K, 2)``, and a star at a place ``(1, 2)``, or none, on the picture.

    The figure shows the square of :func:`frame`, which the star does not leave. A browser may add its way.
    """
    draft = Draft()
    for (x, y), name in zip(centres.tolist(), classes, strict=True):
        look = {"showarrow": False, "font": {"size": LETTER, "shadow": "auto"}}
        draft.annotations.append({"x": x, "y": y, "text": f"<b>{name}</b>", **look})
    way = {"type": "scatter", "uid": "way", "x": [], "y": [], "mode": "lines", "opacity": 0.6}
    draft.add_trace("", {**way, "line": {"color": ACCENT, "width": 3}, "hoverinfo": "skip"})
    low, high = edges(corner, side)
    x, y = place.clip(low, high).T
    look = {"symbol": "star", "color": ACCENT, "size": 18, "opacity": 1, "line": {"color": HALO, "width": 1.5}}
    star = {"type": "scatter", "uid": "star", "x": x, "y": y, "mode": "markers", "marker": look, "hoverinfo": "skip"}
    draft.add_trace("", star)
    axes = ({"visible": False, "fixedrange": True, "range": [at, at + side]} for at in corner.tolist())
    draft.update_axes("", *axes)
    clear = {"paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)", "showlegend": False}
    return draft.finish(400, margin={"l": 0, "r": 0, "t": 0, "b": 0, "pad": 0}, **clear)


def edges(corner: np.ndarray, side: float) -> tuple[np.ndarray, np.ndarray]:
    """The lower left and the upper right corner, ``(2,)`` each, between which the star stays in a frame."""
    return corner + EDGE * side, corner + (1 - EDGE) * side
