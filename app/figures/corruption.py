"""An image that is corrupted step by step (Fig. 12), as frames that play in the browser."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import plotly.graph_objects as go

from app.figures.bits_scale import BitsScale, number_text, scale_for
from app.figures.classes import Bars, bars_of, colors_of, with_number
from app.figures.draft import Draft
from app.figures.layout import TOOLBAR, as_rgb, png_uri
from app.figures.path_view import BAND, Departure, PathView, add_view
from app.figures.readings import CorruptedImages, Reading
from app.figures.text import plotly_text, plotly_texts
from app.palette import HALO, INK, NEUTRAL, rgba

HEIGHT = 585
SCALE = 4
GRID = rgba(NEUTRAL, 0.15)
BARS = 5  # largest number of classes in the panel of the posterior
APART = 0.15  # smallest distance between labels of the logarithmic axis, as a share of the panel's height
#: Each panel: the number that Plotly gives its axes, and its horizontal and vertical extent in the figure.
PANELS = {
    "path": ("", (0, 0.47), (0, 1)),
    "image": ("2", (0.52, 0.68), (0.54, 1)),
    "classes": ("3", (0.82, 0.965), (0.54, 1)),  # the class names are to their left
    "likelihood": ("4", (0.575, 0.965), (0, 0.44)),
}
BESIDE_NAMES = (0.575, 0.8)  # horizontal extent of the curves if model names are to their right


def corruption_figure(
    view: PathView,
    corrupted: CorruptedImages,
    readings: Sequence[Reading],
    shown: int,
    *,
    classes: Sequence[str],
) -> go.Figure:
    """Draws a model's view of the path, the image, its posterior, and its typicality under all models.

    Curves show how far bits/dim are from the middle of each model's typical band, in units of half its width. So all
    models share one band, from -1 to 1. If one value is very far from it, the scale outside the band is logarithmic.

    Arguments:
        view: the path under the shown model.
        corrupted: the T images.
        readings: the answers of the models with a likelihood.
        shown: the index in ``readings`` of the model whose view and posterior are shown.
        classes: names of the K classes.
    """
    draft = Draft()
    scale = scale_for(np.concatenate([r.offset for r in readings]))
    readings = [replace(r, offset=scale.place(r.offset)) for r in readings]
    classes = plotly_texts(classes)
    bars = bars_of(classes, _shown_bars(readings[shown].posterior, view.pair if isinstance(view, Departure) else ()))
    colors = colors_of(len(classes), bars.shown)
    _place_axes(draft)
    _add_head(draft, view.path[0])
    add_view(draft, view, corrupted.pixels, classes, colors)
    # The shown model is drawn last, on top of the others.
    ranks = [*(rank for rank in range(len(readings)) if rank != shown), shown]
    drawn = [readings[rank] for rank in ranks]
    for rank, reading in zip(ranks, drawn, strict=True):
        _add_curve(draft, corrupted, reading, rank, 4 if rank == shown else 2, classes)
    _dress_likelihood(draft, corrupted, readings, scale)
    side = corrupted.pixels.shape[1]
    first = len(draft.data)
    for panel, trace in zip(MOVING, _moving(corrupted, drawn, bars), strict=True):
        _add(draft, panel, trace)
    _add_strip(draft, corrupted.pixels)
    # Frames name all traces, though few move. A frame with the current range of yaxis2 changes no axis. Plotly then
    # draws only the traces that the frame names, and removes panels that have none of them.
    resting = [{"type": trace["type"]} for trace in draft.data]
    before, after = resting[:first], resting[first + len(MOVING) :]
    draft.frames = [
        {
            "data": [*before, *_places(step, corrupted, drawn, bars.shown), *after],
            "traces": list(range(len(draft.data))),
            "layout": {"yaxis2": {"range": _window(step, side)}, "shapes": [_head_at(view.path[step])]},
            "name": str(step),
        }
        for step in range(len(corrupted.pixels))
    ]
    legend: dict[str, Any] = {"x": BESIDE_NAMES[1] + 0.01, "y": PANELS["likelihood"][2][1], "yanchor": "top"}
    legend |= {"itemsizing": "constant", "itemclick": False, "itemdoubleclick": False}  # a click would not hide the dot
    if len(readings) > 1:
        _update(draft, "likelihood", {"domain": list(BESIDE_NAMES)})
    margin = {"l": 8, "r": TOOLBAR, "t": 8, "b": 50}
    return draft.finish(HEIGHT, margin=margin, dragmode="pan", legend=legend, showlegend=len(readings) > 1)


def _shown_bars(posterior: np.ndarray, also: Sequence[int]) -> list[int]:
    """The numbers of the classes with bars, ascending: ``also``, and the most probable by ``posterior``, ``(T, K)``."""
    highest = posterior.max(0).astype(np.float64)
    highest[list(also)] = np.inf
    return sorted(np.argsort(-highest, kind="stable")[:BARS].tolist())


def _place_axes(draft: Draft) -> None:
    line = {"zeroline": False, "gridcolor": GRID}
    for number, across, up in PANELS.values():
        x = {"domain": list(across), "anchor": f"y{number}", **line}
        draft.update_axes(number, x, {"domain": list(up), "anchor": f"x{number}", **line})


def _add(draft: Draft, panel: str, trace: dict) -> None:
    draft.add_trace(PANELS[panel][0], trace)


def _update(draft: Draft, panel: str, x: dict | None = None, y: dict | None = None) -> None:
    draft.update_axes(PANELS[panel][0], x, y)


# The path's head --------------------------------------------------------------------------------------


def _add_head(draft: Draft, point: np.ndarray) -> None:
    """Marks the image's position ``(2,)`` on the path with a shape, because the small images would hide a trace."""
    circle = {"type": "circle", "xref": "x", "yref": "y", "xsizemode": "pixel", "ysizemode": "pixel", "layer": "above"}
    size = {"x0": -8, "x1": 8, "y0": -8, "y1": 8}
    style = {"fillcolor": INK, "line": {"color": HALO, "width": 3}}
    draft.shapes.append({**style, **circle, **size, **_head_at(point)})


def _head_at(point: np.ndarray) -> dict:
    """The position of the head, which frames change; the head is the figure's first shape."""
    return dict(zip(("xanchor", "yanchor"), point.tolist(), strict=True))


# The curves -------------------------------------------------------------------------------------------


def _add_curve(
    draft: Draft,
    corrupted: CorruptedImages,
    reading: Reading,
    rank: int,
    width: float,
    classes: Sequence[str],
) -> None:
    """Draws the distance of a model's bits/dim from its typical values, at each step."""
    curve = {
        "type": "scatter",
        "x": corrupted.strengths,
        "y": reading.offset,
        "name": reading.name,
        "legendgroup": reading.name,
        "legendrank": 1000 + rank,
        "mode": "lines",
        "line": {"color": reading.color, "width": width},
        "text": _hover(corrupted, reading, classes),
        "hovertemplate": "%{text}<extra></extra>",
    }
    _add(draft, "likelihood", curve)


def _hover(corrupted: CorruptedImages, reading: Reading, classes: Sequence[str]) -> list[str]:
    """The text under the pointer for each step: the image's likelihood and posterior."""
    return [
        f"<b>{reading.name}</b> at {label}<br>"
        f"{number_text(bits)} bits/dim; {p:.1%} of held-out training images are less typical<br>"
        f"{with_number(classes[int(posterior.argmax())], f'{posterior.max():.0%}')}, entropy {entropy:.2f} nats"
        for label, bits, p, posterior, entropy in zip(
            corrupted.labels, reading.bits, reading.p_values, reading.posterior, reading.entropy, strict=True
        )
    ]


def _dress_likelihood(draft: Draft, corrupted: CorruptedImages, readings: Sequence[Reading], scale: BitsScale) -> None:
    """Sets the axes of the curves, and draws the band that all models share."""
    values = np.concatenate([[-1.0, 1.0], *(r.offset for r in readings)])
    low, high = float(values.min()), float(values.max())
    pad = 0.12 * (high - low)
    last = float(corrupted.strengths[-1])
    margin = 0.03 * last  # room for the dots: an automatic range would change with them
    across = {"title": {"text": plotly_text(corrupted.axis), "standoff": 4}, "range": [-margin, last + margin]}
    tick = 1 if high - low < 4 else None  # wider labels would touch the title
    title = {"text": "typical: −1 to 1", "standoff": 10}
    up: dict[str, Any] = {"range": [low - pad, high + pad], "dtick": tick, "title": title}
    if scale.is_log:
        places, texts = scale.ticks(low - pad, high + pad, APART)
        up |= {"tickvals": places, "ticktext": texts, "title": {"text": "typical: −1 to 1 (log)"}}
    _update(draft, "likelihood", {**across, **_ticks(corrupted)}, up)
    band = {"type": "rect", "fillcolor": BAND, "line": {"width": 0}, "layer": "below"}
    draft.shapes.append({**band, "xref": "x4 domain", "x0": 0, "x1": 1, "yref": "y4", "y0": -1, "y1": 1})


def _ticks(corrupted: CorruptedImages) -> dict:
    """Labelled ticks at each quarter of the strengths, or at each fifth if the quarters are not steps."""
    last = len(corrupted.strengths) - 1
    parts = 5 if last % 5 == 0 and last % 4 else 4
    every = np.linspace(0, last, parts + 1).round().astype(int)
    return {"tickvals": corrupted.strengths[every], "ticktext": [corrupted.labels[i] for i in every]}


# What moves -------------------------------------------------------------------------------------------

MOVING = ("likelihood", "classes")


def _moving(corrupted: CorruptedImages, readings: Sequence[Reading], bars: Bars) -> list[dict]:
    """The moving traces at the first step, one for each panel in MOVING; the bars show the last reading's posterior."""
    colors = [reading.color for reading in readings]
    dots = {
        "mode": "markers",
        "showlegend": False,
        "hoverinfo": "skip",
        "marker": {"size": 11, "color": colors, "line": {"color": "white", "width": 2}},
    }
    style = {
        "y": bars.names,
        "orientation": "h",
        "marker": {"color": bars.colors},
        "showlegend": False,
        "hovertemplate": "%{y} %{x:.1%}<extra></extra>",
    }
    places = _places(0, corrupted, readings, bars.shown)
    return [{**place, **style} for place, style in zip(places, (dots, style), strict=True)]


def _places(step: int, corrupted: CorruptedImages, readings: Sequence[Reading], shown: list[int]) -> list[dict]:
    """The parts of :func:`_moving` that change between frames, without the styles, which stay the same."""
    here = [float(corrupted.strengths[step])] * len(readings)
    return [
        {"type": "scatter", "x": here, "y": [float(reading.offset[step]) for reading in readings]},
        {"type": "bar", "x": readings[-1].posterior[step][shown]},
    ]


def _add_strip(draft: Draft, images: np.ndarray) -> None:
    """Draws all images as one strip. Each frame shows one part of the strip, since a new image would flicker."""
    side = images.shape[1]
    strip = png_uri(as_rgb(images).reshape(-1, images.shape[2], 3), SCALE)
    _add(draft, "image", {"type": "image", "source": strip, "dx": 1 / SCALE, "dy": 1 / SCALE, "hoverinfo": "skip"})
    hidden = {"visible": False, "constrain": "domain", "fixedrange": True}
    _update(
        draft,
        "image",
        {**hidden, "range": [0, images.shape[2]]},
        {**hidden, "range": _window(0, side), "scaleanchor": "x2", "constraintoward": "top"},
    )
    percent = {"range": [0, 1.02], "tickvals": [0, 1], "tickformat": ".0%", "tickangle": 0, "fixedrange": True}
    names = {"autorange": "reversed", "type": "category", "dtick": 1}  # class names may be numbers
    _update(draft, "classes", percent, {**names, "fixedrange": True})


def _window(step: int, side: int) -> list[int]:
    """The range of the strip's vertical axis for the image of a frame; the image's top comes last."""
    return [(step + 1) * side, step * side]
