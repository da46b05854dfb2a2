"""The test set among the Gaussians of its classes (Fig. 7)."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from ..palette import ACCENT, HALO, INK, NEUTRAL, rgba
from .classes import OTHER, OTHERS, colors_of, drawn_classes
from .draft import Draft
from .layout import BESIDE_LEGEND, BESIDE_LONG_LEGEND, LEGEND_BESIDE, as_rgb, long_legend, png_uri
from .text import plotly_texts

#: Radius of the circle that holds 90 % of a two-dimensional unit Gaussian.
NINE_TENTHS = math.sqrt(2 * math.log(10))
HEIGHT = 620
SUPERCLASS_TEXT, SUPERCLASS_TEXT_ON_STAGE = 12, 17  # CSS pixels: twenty names in a window of 720 pixels
MEAN, CENTRE = "μ", "centre of the images"  # what a diamond may be
RINGS = 3  # markers of which a diamond is drawn: black, white and coloured
Finer = tuple[np.ndarray, Sequence[str]]  # of each of M classes the superclass, integers (M,), and the name


def latent_figure(
    points: np.ndarray,
    groups: np.ndarray,
    hover: list[str],
    means: np.ndarray | None = None,
    selected: int | None = None,
    axes: tuple[str, str] = ("", ""),
    star: np.ndarray | None = None,
    diamond: float = 1.0,
    lasso: np.ndarray | None = None,
    frame: np.ndarray | None = None,
    *,
    classes: Sequence[str],
    finer: Finer | None = None,
) -> go.Figure:
    """A scatter of latents coloured by class; a click on the legend filters.

    Arguments:
        points: ``(N, 2)``.
        groups: the class that colours each point, integers ``(N,)``; -1 for one that is not drawn, and
            :data:`app.figures.classes.OTHER` for a grey one. Of more than twenty classes only the ten with most points
            have colours.
        hover: a text for each point.
        means: the class means in the same view, ``(K, 2)``, each drawn with the circle that holds nine
            tenths of its Gaussian; ``None`` where the view is not linear. Those of classes without a colour
            are left out.
        selected: row of a point to be marked.
        axes: titles.
        star: where a person's own image lies, ``(2,)``.
        diamond: size of the means, 1 in a figure of usual height.
        lasso: rows that stand out, the others being dimmed; ``None`` or empty if none does.
        frame: lower left and upper right corner of what is seen, ``(2, 2)``; that of nearly all points if not given.
        classes: names of the K classes.
        finer: where these are superclasses: the superclass of each of the M classes, integers ``(M,)``, and their
            names. The ``means`` are theirs then, ``(M, 2)``, small and without circles; the legend stands beside the
            dots.
    """
    draft = Draft()
    text, classes = np.asarray(hover, dtype=object), plotly_texts(classes)
    drawn = drawn_classes(groups, len(classes))
    colors = colors_of(len(classes), drawn)
    rest = np.flatnonzero((groups == OTHER) | ((groups >= 0) & ~np.isin(groups, drawn)))
    if len(rest):
        draft.add_trace("", dots_of(points[rest], rest, text[rest], OTHERS, NEUTRAL, lasso))
    for k in drawn:
        rows = np.flatnonzero(groups == k)
        dots = dots_of(points[rows], rows, text[rows], classes[k], colors[k], lasso)
        draft.add_trace("", {**dots, "uid": f"cloud-{k}"})
    if means is not None and finer is not None:
        for k in drawn:
            small = small_means(means, np.flatnonzero(finer[0] == k), finer[1], colors[k], classes[k])
            draft.add_trace("", {**small, "uid": f"means-{k}"})
    elif means is not None:
        _add_gaussians(draft, means, classes, drawn, diamond)
    _mark(draft, points, selected)
    _add_star(draft, star)
    figure = _finish(draft, points, means, axes, frame)
    if finer is not None:
        legend = long_legend(SUPERCLASS_TEXT)
        figure.update_layout(legend=legend, xaxis={"domain": BESIDE_LONG_LEGEND, "constrain": "domain"})
    return figure


def beside_its_legend(figure: go.Figure) -> go.Figure:
    """:func:`latent_figure`, changed for a room: the legend beside the cloud, which is square, and no axes."""
    has_legend, is_beside = figure.layout.showlegend is not False, figure.layout.legend.orientation == "v"
    beside = BESIDE_LONG_LEGEND if is_beside else BESIDE_LEGEND
    legend = long_legend(SUPERCLASS_TEXT_ON_STAGE) if is_beside else LEGEND_BESIDE
    figure.update_layout(legend=legend, margin={"l": 0, "t": 0, "b": 0})
    # The axes have the size of what they show: wider ones would show more of the plane, and all of it smaller.
    bare = {"showticklabels": False, "title": "", "constrain": "domain"}
    figure.update_xaxes(**bare, domain=beside if has_legend else (0, 1))
    figure.update_yaxes(**bare)
    return figure


def dots_of(
    points: np.ndarray, rows: np.ndarray, text: np.ndarray, name: str, color: str, lasso: np.ndarray | None
) -> dict[str, Any]:
    """The dots of the test images in ``rows`` of the latent file, ``(N, 2)``, with N texts."""
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
        "marker": {"size": 4, "color": color, "opacity": opacity(rows, lasso)},
        "selected": {"marker": {"opacity": 0.9}},
        "unselected": {"marker": {"opacity": 0.25}},
    }


def opacity(rows: np.ndarray, lasso: np.ndarray | None) -> float | np.ndarray:
    """Of the dots of the test images in ``rows``: those of a lasso stand out, if there is one.

    Not by Plotly's own selection, which a double click would lift without the page's knowledge.
    """
    if lasso is None or not len(lasso):
        return 0.6
    return np.where(np.isin(rows, lasso), 0.95, 0.12).astype(np.float32)


def _add_gaussians(
    draft: Draft, means: np.ndarray, classes: Sequence[str], drawn: Sequence[int], diamond: float = 1.0
) -> None:
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
        marker = mean_marker(means[k, 0], means[k, 1], colors[k], classes[k], "scattergl", diamond)
        draft.add_trace("", {**marker, "uid": f"mean-{k}"})


def small_means(means: np.ndarray, rows: np.ndarray, names: Sequence[str], color: str, group: str) -> dict[str, Any]:
    """The means in ``rows`` as small diamonds of one colour, which the legend shows and hides with their ``group``.

    ``means`` are ``(K, 2)`` and ``names`` those of the K classes. All black markers come first, then all white and all
    coloured ones.
    """
    rings, names = [(INK, 10), (HALO, 8.5), (color, 6.5)], plotly_texts(names)
    return {
        "type": "scattergl",
        "x": np.tile(means[rows, 0], len(rings)),
        "y": np.tile(means[rows, 1], len(rings)),
        "text": [f"{MEAN} of {names[k]}" for k in rows] * len(rings),
        "mode": "markers",
        "marker": {
            "symbol": "diamond",
            "color": [look for look, _ in rings for _ in rows],
            "size": [size for _, size in rings for _ in rows],
            "line": {"width": 0},  # Plotly would give markers of several sizes a white one
            "opacity": 1,
        },
        "legendgroup": group,
        "showlegend": False,
        "hovertemplate": "%{text}<extra></extra>",
    }


def circle_around(means: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The circle that holds 90 % of a Gaussian, x and y ``(..., 61)``, around means ``(..., 2, 1)``."""
    angle = np.linspace(0, 2 * np.pi, 61)
    x, y = np.moveaxis(means, -2, 0)
    return x + NINE_TENTHS * np.cos(angle), y + NINE_TENTHS * np.sin(angle)


def add_pictures(figure: go.Figure, places: np.ndarray, images: np.ndarray, share: float = 0.06) -> None:
    """Adds small images to :func:`latent_figure` where their latents ``(N, 2)`` lie, each ``share`` of the height."""
    low, high = figure.layout.yaxis.range
    size = share * (high - low)
    look = {"sizex": size, "sizey": size, "xref": "x", "yref": "y", "xanchor": "center", "yanchor": "middle"}
    figure.layout.images = [
        {**look, "name": f"picture-{i}", "source": png_uri(as_rgb(image)), "x": float(x), "y": float(y)}
        for i, (image, (x, y)) in enumerate(zip(images, places, strict=True))
    ]


def frame_of(points: np.ndarray, means: np.ndarray | None = None, radius: float = NINE_TENTHS) -> np.ndarray:
    """What a figure shows, ``(2, 2)``: nearly all points ``([M,] N, 2)``, a ``radius`` around means ``([M,] K, 2)``.

    A few far outliers must not shrink the rest to a dot. Of M models, the one with the widest cloud counts.
    """
    low, high = np.quantile(points, [0.002, 0.998], axis=-2).reshape(2, -1, 2)
    low, high = low.min(0), high.max(0)
    if means is not None:
        means = means.reshape(-1, 2)
        low = np.minimum(low, means.min(0) - radius)
        high = np.maximum(high, means.max(0) + radius)
    return np.stack([low, high])


def mean_marker(
    x: float, y: float, color: str, name: str, kind: str = "scatter", size: float = 1.0, what: str = MEAN
) -> dict[str, Any]:
    """``what`` of the class ``name``: a diamond, ringed white and black, so that it stands out on any ground."""
    rings = [(INK, 21 * size), (HALO, 18 * size), (color, 13 * size)]
    return {
        "type": kind,
        "x": [float(x)] * len(rings),
        "y": [float(y)] * len(rings),
        "mode": "markers",
        "marker": {"symbol": "diamond", "color": [c for c, _ in rings], "size": [s for _, s in rings], "opacity": 1},
        "legendgroup": name,
        "showlegend": False,
        "hovertemplate": f"{what} of {name}<extra></extra>",
    }


def _mark(draft: Draft, points: np.ndarray, selected: int | None) -> None:
    if selected is not None:
        draft.add_trace("", {**ring(points[selected]), "uid": "ring"})


def ring(point: np.ndarray) -> dict[str, Any]:
    """What marks the point ``(2,)`` that a page talks about."""
    x, y = point.tolist()
    return {
        "type": "scattergl",
        "x": [x],
        "y": [y],
        "mode": "markers",
        "marker": {"symbol": "circle-open", "size": 18, "color": ACCENT, "line": {"width": 3}},
        "showlegend": False,
        "hoverinfo": "skip",
    }


def _add_star(draft: Draft, star: np.ndarray | None) -> None:
    if star is not None:
        look = {"symbol": "star", "size": 20, "color": ACCENT, "line": {"width": 2, "color": HALO}}
        x, y = star.tolist()
        own = {"type": "scattergl", "uid": "star", "x": [x], "y": [y], "mode": "markers", "marker": look}
        draft.add_trace("", {**own, "showlegend": False, "hovertemplate": "your image<extra></extra>"})


def _finish(
    draft: Draft, points: np.ndarray, means: np.ndarray | None, axes: tuple[str, str], frame: np.ndarray | None
) -> go.Figure:
    low, high = frame_of(points, means) if frame is None else frame
    pad = 0.03 * (high - low)
    line = {"zeroline": False, "gridcolor": rgba(NEUTRAL, 0.15)}
    ranges = np.stack([low - pad, high + pad], axis=1).tolist()
    across, up = ({"range": ends, "title": {"text": text}, **line} for ends, text in zip(ranges, axes, strict=True))
    draft.update_axes("", across, {**up, "scaleanchor": "x"})
    legend = {"itemsizing": "constant", "orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0}
    legend["title"] = {"text": ""}
    return draft.finish(HEIGHT, dragmode="pan", legend=legend)
