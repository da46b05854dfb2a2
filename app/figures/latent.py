"""The test set among the Gaussians of its classes (Fig. 7)."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from ..palette import HALO, INK, NEUTRAL, rgba
from .classes import OTHERS, colors_of, drawn_classes
from .draft import Draft
from .layout import as_rgb, png_uri
from .text import plotly_texts

#: Radius of the circle that holds 90 % of a two-dimensional unit Gaussian.
NINE_TENTHS = math.sqrt(2 * math.log(10))
HEIGHT = 620


def latent_figure(
    points: np.ndarray,
    groups: np.ndarray,
    hover: list[str],
    means: np.ndarray | None = None,
    axes: tuple[str, str] = ("", ""),
    *,
    classes: Sequence[str],
) -> go.Figure:
    """A scatter of latents coloured by class; a click on the legend filters.

    Arguments:
        points: ``(N, 2)``.
        groups: the class that colours each point, integers ``(N,)``; -1 for one that is not drawn. Of more than
            twenty classes only the ten with most points have colours.
        hover: a text for each point.
        means: the class means in the same view, ``(K, 2)``, each drawn with the circle that holds nine
            tenths of its Gaussian; ``None`` where the view is not linear. Those of classes without a colour
            are left out.
        axes: titles.
        classes: names of the K classes.
    """
    draft = Draft()
    text, classes = np.asarray(hover, dtype=object), plotly_texts(classes)
    drawn = drawn_classes(groups, len(classes))
    colors = colors_of(len(classes), drawn)
    rest = np.flatnonzero((groups >= 0) & ~np.isin(groups, drawn))
    if len(rest):
        draft.add_trace("", _dots(points[rest], rest, text[rest], OTHERS, NEUTRAL))
    for k in drawn:
        rows = np.flatnonzero(groups == k)
        dots = _dots(points[rows], rows, text[rows], classes[k], colors[k])
        draft.add_trace("", {**dots, "uid": f"cloud-{k}"})
    if means is not None:
        _add_gaussians(draft, means, classes, drawn)
    return _finish(draft, points, means, axes)


def _dots(points: np.ndarray, rows: np.ndarray, text: np.ndarray, name: str, color: str) -> dict[str, Any]:
    """The dots of some ``rows`` at their ``points``, ``(N, 2)``, with N texts."""
    return {
        "type": "scattergl",
        "x": points[:, 0],
        "y": points[:, 1],
        "customdata": rows,
        "text": text.tolist(),
        "hovertemplate": "%{text}<extra></extra>",
        "mode": "markers",
        "name": name,
        "legendgroup": name,
        "marker": {"size": 4, "color": color, "opacity": 0.6},
    }


def _add_gaussians(draft: Draft, means: np.ndarray, classes: Sequence[str], drawn: Sequence[int]) -> None:
    """The means of the classes that are ``drawn``, each with its circle."""
    colors = colors_of(len(classes), drawn)
    for k in drawn:
        x, y = circle_around(means[k][:, None])
        circle = {
            "type": "scatter",
            "uid": f"circle-{k}",
            "x": x,
            "y": y,
            "mode": "lines",
            "line": {"color": colors[k], "width": 1.5, "dash": "dot"},
            "legendgroup": classes[k],
            "showlegend": False,
            "hoverinfo": "skip",
        }
        draft.add_trace("", circle)
    for k in drawn:  # WebGL, or the dots would lie on top
        marker = mean_marker(means[k, 0], means[k, 1], colors[k], classes[k], "scattergl")
        draft.add_trace("", {**marker, "uid": f"mean-{k}"})


def circle_around(means: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The circle that holds 90 % of a Gaussian, x and y ``(..., 61)``, around means ``(..., 2, 1)``."""
    angle = np.linspace(0, 2 * np.pi, 61)
    x, y = np.moveaxis(means, -2, 0)
    return x + NINE_TENTHS * np.cos(angle), y + NINE_TENTHS * np.sin(angle)


def add_pictures(figure: go.Figure, places: np.ndarray, images: np.ndarray, share: float = 0.06) -> None:
    """Adds small images to :func:`latent_figure` where their latents ``(N, 2)`` lie, each ``share`` of the height."""
    layout: Any = figure.layout
    low, high = layout.yaxis.range
    size = share * (high - low)
    look = {"sizex": size, "sizey": size, "xref": "x", "yref": "y", "xanchor": "center", "yanchor": "middle"}
    layout.images = [
        {**look, "name": f"picture-{i}", "source": png_uri(as_rgb(image)), "x": float(x), "y": float(y)}
        for i, (image, (x, y)) in enumerate(zip(images, places, strict=True))
    ]


def frame_of(points: np.ndarray, means: np.ndarray | None = None) -> np.ndarray:
    """What a figure shows, ``(2, 2)``: 99 % of all points ``([M,] N, 2)`` each way, and the means ``([M,] K, 2)``."""
    low, high = np.quantile(points.reshape(-1, 2), [0.005, 0.995], axis=0)
    if means is not None:
        means = means.reshape(-1, 2)
        low, high = np.minimum(low, means.min(0)), np.maximum(high, means.max(0))
    return np.stack([low, high])


def mean_marker(x: float, y: float, color: str, name: str, kind: str = "scatter") -> dict[str, Any]:
    """The mean μ of the class ``name``: a diamond with a white and a black ring, which stands out on any ground."""
    rings = [(INK, 21), (HALO, 18), (color, 13)]
    return {
        "type": kind,
        "x": [float(x)] * len(rings),
        "y": [float(y)] * len(rings),
        "mode": "markers",
        "marker": {"symbol": "diamond", "color": [c for c, _ in rings], "size": [s for _, s in rings], "opacity": 1},
        "legendgroup": name,
        "showlegend": False,
        "hovertemplate": f"μ of {name}<extra></extra>",
    }


def _finish(draft: Draft, points: np.ndarray, means: np.ndarray | None, axes: tuple[str, str]) -> go.Figure:
    low, high = frame_of(points, means)
    pad = 0.03 * (high - low)
    line = {"zeroline": False, "gridcolor": rgba(NEUTRAL, 0.15)}
    ranges = np.stack([low - pad, high + pad], axis=1).tolist()
    across, up = ({"range": ends, "title": {"text": text}, **line} for ends, text in zip(ranges, axes, strict=True))
    draft.update_axes("", across, {**up, "scaleanchor": "x"})
    legend = {"itemsizing": "constant", "orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0}
    legend["title"] = {"text": ""}
    return draft.finish(HEIGHT, dragmode="pan", legend=legend)
