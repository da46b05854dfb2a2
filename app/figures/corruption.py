"""An image that is corrupted step by step (Fig. 12), as frames that play in the browser."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import plotly.graph_objects as go

from app.figures.bits_scale import Scale, number_text, scale_for
from app.figures.classes import Bars, bars_of, colors_of, with_number
from app.figures.draft import Draft
from app.figures.layout import TOOLBAR, Frames, OnPhone, as_rgb, png_uri
from app.figures.path_view import BAND, Departure, PathView, add_view
from app.figures.readings import CorruptedImages, LikelihoodReading, Reading
from app.figures.text import plotly_text, plotly_texts
from app.palette import HALO, INK, NEUTRAL, rgba

HEIGHT = 585
SCALE = 4
FRAME_MS = 130  # and the picture keeps up on a slow machine
BINS = 40
GRID = rgba(NEUTRAL, 0.15)
BARS = 5  # classes that the panel of the posterior has room for
APART = 0.28  # of the height of the curves' panels: how far apart labels of a logarithmic axis must be
DASHES = ("dash", "dot", "dashdot", "longdash")  # of models without a likelihood
ROW = 4  # names of models beside one another in the legend, as many as fit on a narrow page
ROW_HEIGHT = 0.04
#: Panels: the number of their axes, and where they are in the figure, horizontally and vertically. The legend of the
#: models lies above their curves, which leaves two rows for it.
PANELS = {
    "path": ("", (0, 0.47), (0, 1)),
    "image": ("2", (0.52, 0.62), (0.72, 1)),
    "classes": ("3", (0.82, 0.965), (0.72, 1)),  # the names of classes stand before them, on a phone too
    "likelihood": ("4", (0.575, 0.87), (0.3, 0.55)),
    "test likelihood": ("5", (0.88, 0.965), (0.3, 0.55)),
    "entropy": ("6", (0.575, 0.87), (0, 0.25)),
    "test entropy": ("7", (0.88, 0.965), (0, 0.25)),
}
#: Where the image and the posterior are on stage, vertically, and the curves, horizontally.
HIGH, CURVES = (0.64, 1), (0.575, 0.845)
NARROW = (0.88, 0.94)  # the test set where an axis is logarithmic
#: On a phone: between which shares of the width the panels are, and their upper and lower edges in CSS pixels. The rows
#: of the legend stand between the path and the likelihood.
ON_PHONE = {
    "image": ((0, 0.36), (0, 110)),
    "classes": ((0.7, 1), (0, 110)),
    "path": ((0, 1), (146, 486)),
    "likelihood": ((0, 0.8), (570, 690)),
    "test likelihood": ((0.83, 1), (570, 690)),
    "entropy": ((0, 0.8), (716, 836)),
    "test entropy": ((0.83, 1), (716, 836)),
}
PHONE_ROW, PHONE_ROW_HEIGHT = 2, 24  # names of models beside one another there, and how high such a row is


def corruption_figure(
    view: PathView,
    corrupted: CorruptedImages,
    readings: Sequence[LikelihoodReading],
    shown: int,
    *,
    others: Sequence[Reading] = (),
    classes: Sequence[str],
) -> go.Figure:
    """One model's view of the path; the image and that model's posterior; the curves of all models.

    Likelihoods are drawn as bits/dim from the middle of each model's typical band in units of half its
    width, so that one band, from -1 to 1, is everybody's; where one is very far away, on a logarithmic scale
    outside the band. A model without a likelihood has one curve, dashed.

    Arguments:
        view: of the shown model.
        corrupted: the T images.
        readings: of the models with a likelihood.
        shown: which of them the view, the posterior and the test set's histograms belong to.
        others: of models without a likelihood.
        classes: names of the K classes.
    """
    draft = Draft()
    scale = scale_for(np.concatenate([r.offset for r in readings]))
    readings = [replace(r, offset=scale.place(r.offset), test_offset=scale.place(r.test_offset)) for r in readings]
    classes = plotly_texts(classes)
    bars = bars_of(classes, _shown_bars(readings[shown].posterior, view.pair if isinstance(view, Departure) else ()))
    colors = colors_of(len(classes), bars.shown)
    _place_axes(draft)
    _add_head(draft, view.path[0])
    add_view(draft, view, corrupted.images, classes, colors)
    # The shown model is drawn last, on top of the others.
    behind = [reading for rank, reading in enumerate(readings) if rank != shown]
    able = [*behind, readings[shown]]
    drawn = [*behind, *others, readings[shown]]
    for rank, reading in enumerate(readings):
        if rank != shown:
            _add_curves(draft, corrupted, reading, rank, 2, classes)
    for rank, reading in enumerate(others, len(readings)):
        _add_dashed_curve(draft, corrupted, reading, rank, classes)
    _add_curves(draft, corrupted, readings[shown], shown, 4, classes)
    _dress_likelihood(draft, corrupted, readings, readings[shown], scale)
    _dress_entropy(draft, corrupted, readings[shown], classes)
    side = corrupted.images.shape[1]
    first = len(draft.data)
    for panel, trace in zip(MOVING, _moving(0, corrupted, able, drawn, bars), strict=True):
        _add(draft, panel, trace)
    _add_strip(draft, corrupted.images)
    # All traces, though few of them move: of a frame that changes no axis, Plotly draws those that it names, and
    # where none of a panel's is among them it takes the whole panel away.
    resting = [{"type": trace["type"]} for trace in draft.data]
    before, after = resting[:first], resting[first + len(MOVING) :]
    draft.frames = [
        {
            "data": [*before, *_places(step, corrupted, able, drawn, bars.shown), *after],
            "traces": list(range(len(draft.data))),
            "layout": {"yaxis2": {"range": _window(step, side)}, "shapes": [_head_at(view.path[step])]},
            "name": str(step),
        }
        for step in range(len(corrupted.images))
    ]
    margin = {"l": 8, "r": TOOLBAR, "t": 8, "b": 50}
    return draft.finish(HEIGHT, margin=margin, dragmode="pan", **_legends(len(drawn)))


def for_a_room(figure: go.Figure) -> go.Figure:
    """:func:`corruption_figure`, changed for large letters: fewer numbers, more room for the names of bars."""
    up: dict[str, Any] = {panel: figure.layout[f"yaxis{number}"] for panel, (number, _, _) in PANELS.items()}
    up["image"].domain = up["classes"].domain = HIGH
    for panel in ("likelihood", "entropy"):  # whose last label would run into the title of the test set's axis
        figure.layout[f"xaxis{PANELS[panel][0]}"].domain = CURVES
    up["likelihood"].nticks = 3
    up["entropy"].title.text = "entropy"  # with its unit it would be longer than the axis
    thinned = ("test likelihood", "entropy", "test entropy")
    for panel in (*thinned, "likelihood") if up["likelihood"].tickvals is not None else thinned:
        _keep_ticks(up[panel], range(0, len(up[panel].tickvals), 2))
    low, high = up["likelihood"].range
    beside = up["test likelihood"]  # whose highest label would touch the one that ends the bars' axis above
    _keep_ticks(beside, [at for at, value in enumerate(beside.tickvals) if value < high - 0.15 * (high - low)])
    return figure


def _keep_ticks(axis: Any, places: Iterable[int]) -> None:  # an axis of Plotly
    for name in ("tickvals", "ticktext"):
        if axis[name] is not None:
            axis[name] = [axis[name][place] for place in places]


def on_a_phone(figure: go.Figure) -> OnPhone:
    """How :func:`corruption_figure` looks on a phone: its panels below one another."""
    traces: Any = figure.data
    lines = [trace for trace in traces if trace.type == "scatter" and trace.legendgroup]
    names = Counter(trace.legend for trace in lines if trace.showlegend is not False)
    rows = {legend: -(-count // PHONE_ROW) for legend, count in names.items()}
    more = PHONE_ROW_HEIGHT * sum(rows.values())  # pixels that the names take between the path and the likelihood
    below = ON_PHONE["path"][1][1]
    high = max(bottom for _, (_, bottom) in ON_PHONE.values()) + more

    def height_of(pixels: float) -> float:
        return 1 - (pixels + (more if pixels > below else 0)) / high

    margin = {"l": 60, "r": 48, "t": 8, "b": 50}
    layout: dict[str, Any] = {f"margin.{side}": size for side, size in margin.items()}
    for panel, (across, (top, bottom)) in ON_PHONE.items():
        number = PANELS[panel][0]
        layout |= {f"xaxis{number}.domain": list(across), f"yaxis{number}.domain": [height_of(bottom), height_of(top)]}
    y = height_of(ON_PHONE["likelihood"][1][0])
    for legend in sorted(rows, reverse=True):
        layout |= {f"{legend}.x": 0, f"{legend}.y": y}
        y += PHONE_ROW_HEIGHT * rows[legend] / high
    return OnPhone(high + margin["t"] + margin["b"], layout, has_toolbar=True)


def _shown_bars(posterior: np.ndarray, also: Sequence[int]) -> list[int]:
    """The classes that have bars, by their numbers: those of a path ``(T, K)`` that matter most, and some others."""
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
    """The image's place on the path ``(2,)``: a shape, since only shapes lie above the small images."""
    circle = {"type": "circle", "xref": "x", "yref": "y", "xsizemode": "pixel", "ysizemode": "pixel", "layer": "above"}
    size = {"x0": -8, "x1": 8, "y0": -8, "y1": 8}
    look = {"fillcolor": INK, "line": {"color": HALO, "width": 3}}
    draft.shapes.append({**look, **circle, **size, **_head_at(point)})


def _head_at(point: np.ndarray) -> dict:
    """What a frame changes of the head, which is the figure's first shape."""
    return dict(zip(("xanchor", "yanchor"), point.tolist(), strict=True))


# The curves -------------------------------------------------------------------------------------------


def _legends(count: int) -> dict:
    """The layout's legends for so many models: a row each, above the curves. One that wraps would start at the left."""
    look: dict[str, Any] = {"itemsizing": "constant", "orientation": "h", "title": {"text": ""}}
    look |= {"x": PANELS["image"][1][0], "yanchor": "bottom"}
    look["itemclick"] = look["itemdoubleclick"] = False  # a line would vanish and its dot stay
    look["bgcolor"] = "rgba(0,0,0,0)"  # a second row reaches up to the labels of the bars
    rows = -(-count // ROW)
    bottom = PANELS["likelihood"][2][1]
    return {_legend(row * ROW): {**look, "y": bottom + ROW_HEIGHT * (rows - 1 - row)} for row in range(rows)}


def _legend(rank: int) -> str:
    """Which legend names the model of a rank."""
    row = rank // ROW
    return f"legend{row + 1}" if row else "legend"


def _add_curves(
    draft: Draft,
    corrupted: CorruptedImages,
    reading: LikelihoodReading,
    rank: int,
    width: float,
    classes: Sequence[str],
) -> None:
    """Likelihood and entropy of a model that has both."""
    likelihoods = [
        f"{number_text(bits)} bits/dim; {p:.1%} of held-out training images are less typical"
        for bits, p in zip(reading.bits, reading.p_values, strict=True)
    ]
    about = _curve(corrupted, reading, rank, _hover(corrupted, reading, likelihoods, classes))
    about["line"] = {"color": reading.color, "width": width}
    _add(draft, "likelihood", {"y": reading.offset, **about})
    _add(draft, "entropy", {"y": reading.entropy, "showlegend": False, **about})


def _add_dashed_curve(
    draft: Draft, corrupted: CorruptedImages, reading: Reading, rank: int, classes: Sequence[str]
) -> None:
    """The entropy of a model without a likelihood."""
    likelihoods = ["no likelihood"] * len(corrupted.labels)
    about = _curve(corrupted, reading, rank, _hover(corrupted, reading, likelihoods, classes))
    about["line"] = {"color": reading.color, "width": 2, "dash": DASHES[rank % len(DASHES)]}
    _add(draft, "entropy", {"y": reading.entropy, **about})


def _curve(corrupted: CorruptedImages, reading: Reading, rank: int, hover: list[str]) -> dict:
    """What the curves of a model have in common."""
    return {
        "type": "scatter",
        "x": corrupted.strengths,
        "name": reading.name,
        "legendgroup": reading.name,
        "legendrank": 1000 + rank,
        "legend": _legend(rank),
        "mode": "lines",
        "text": hover,
        "hovertemplate": "%{text}<extra></extra>",
    }


def _hover(
    corrupted: CorruptedImages, reading: Reading, likelihoods: Sequence[str], classes: Sequence[str]
) -> list[str]:
    """What is said of each step: of the likelihood, T texts, and of the posterior."""
    answers = reading.posterior.argmax(1)
    return [
        f"<b>{reading.name}</b> at {label}<br>{likelihood}<br>"
        f"{with_number(classes[int(k)], f'{posterior[k]:.0%}')}, entropy {entropy:.2f} nats"
        for label, likelihood, k, posterior, entropy in zip(
            corrupted.labels, likelihoods, answers, reading.posterior, reading.entropy, strict=True
        )
    ]


def _dress_likelihood(
    draft: Draft,
    corrupted: CorruptedImages,
    readings: Sequence[LikelihoodReading],
    shown: LikelihoodReading,
    scale: Scale,
) -> None:
    """The band of all models, and the test set of the shown one with its bits/dim on an axis."""
    values = np.concatenate([[-1.0, 1.0], *(r.offset for r in readings)])
    low, high = float(values.min()), float(values.max())
    pad = 0.12 * (high - low)
    _update(
        draft,
        "likelihood",
        {"showticklabels": False, "matches": "x6", **_ticks(corrupted)},
        {"range": [low - pad, high + pad], "title": {"text": "distance", "standoff": 4}},
    )
    if scale.is_log:
        places, texts = scale.ticks(low - pad, high + pad, APART)
        _update(draft, "likelihood", y={"tickvals": places, "ticktext": texts, "title": {"text": "distance (log)"}})
    for number in "45":
        _add_across(draft, number, -1, 1, type="rect", fillcolor=BAND, line={"width": 0})
    _add(draft, "test likelihood", _histogram(shown.test_offset, shown.color))
    middle, half = sum(shown.band) / 2, (shown.band[1] - shown.band[0]) / 2
    bottom, top = middle + half * (low - pad), middle + half * (high + pad)
    if scale.is_log:
        for panel in ("test likelihood", "test entropy"):  # longer labels need room beside the toolbar
            _update(draft, panel, {"domain": NARROW})
        ticks, texts = Scale(shown.band, is_log=True).ticks(bottom, top, APART)
    else:
        ticks = _round_numbers(bottom, top)
        texts = [f"{tick:g}" for tick in ticks]
    _update(
        draft,
        "test likelihood",
        {"visible": False, "autorange": True},
        {
            "matches": "y4",
            "side": "right",
            "showgrid": False,
            "tickvals": (np.array(ticks) - middle) / half,
            "ticktext": texts,
            "title": {"text": "bits/dim", "standoff": 4},
        },
    )


def _dress_entropy(draft: Draft, corrupted: CorruptedImages, shown: Reading, classes: Sequence[str]) -> None:
    most = math.log(len(classes))
    nats = list(range(0, int(most) + 1, 1 if most < 5 else 2))
    title = {"text": "entropy in nats", "standoff": 4}
    last = float(corrupted.strengths[-1])
    margin = 0.03 * last  # room for the dots; an automatic range would change with them
    across = {
        "title": {"text": plotly_text(corrupted.axis), "standoff": 4},
        "range": [-margin, last + margin],
    }
    _update(
        draft,
        "entropy",
        {**across, **_ticks(corrupted)},
        {"range": [-0.1, most + 0.2], "tickvals": nats, "title": title},
    )
    for value in (math.log(2), most):
        _add_across(draft, "6", value, value, line={"color": NEUTRAL, "dash": "dot", "width": 1})
    _add(draft, "test entropy", _histogram(shown.test_entropy, shown.color))
    across = {"title": {"text": "test set", "standoff": 4}, "showticklabels": False, "showgrid": False}
    # So many equally probable classes have that entropy.
    counts = np.array([*_counts(len(classes)), len(classes)])
    up = {"matches": "y6", "side": "right", "showgrid": False, "tickvals": np.log(counts), "ticktext": counts}
    _update(draft, "test entropy", across, {**up, "title": {"text": "classes", "standoff": 4}})


def _counts(count: int) -> list[int]:
    """Powers of two up to ``count``; the last one keeps clear of it."""
    powers = [2**bits for bits in range(count.bit_length()) if 1.5 * 2**bits < count]
    return powers if len(powers) < 5 else [power for power in powers[::2] if 2.5 * power < count]


def _add_across(draft: Draft, number: str, low: float, high: float, **shape: object) -> None:
    """A line or a band over the whole width of a panel, behind what it shows."""
    across = {"xref": f"x{number} domain", "x0": 0, "x1": 1, "yref": f"y{number}", "y0": low, "y1": high}
    draft.shapes.append({**across, "layer": "below", **shape})


def _histogram(values: np.ndarray, color: str) -> dict:
    """How the test set's values are distributed, lying on its side."""
    counts, edges = np.histogram(values, BINS)
    return {
        "type": "bar",
        "x": counts / len(values),
        "y": (edges[:-1] + edges[1:]) / 2,
        "width": np.diff(edges),
        "orientation": "h",
        "marker": {"color": color, "opacity": 0.75, "line": {"width": 0}},
        "showlegend": False,
        "hovertemplate": "%{x:.1%} of the test images<extra></extra>",
    }


def _ticks(corrupted: CorruptedImages) -> dict:
    """A label at each quarter of the strengths, or at each fifth if those are steps, as the corrupted words them."""
    last = len(corrupted.strengths) - 1
    parts = 5 if last % 5 == 0 and last % 4 else 4
    every = np.linspace(0, last, parts + 1).round().astype(int)
    return {"tickvals": corrupted.strengths[every], "ticktext": [corrupted.labels[i] for i in every]}


def _round_numbers(low: float, high: float) -> np.ndarray:
    """A few round numbers in a range."""
    largest = max(3, int(np.ceil(np.log10(high - low))) + 1)  # a corrupted image may have thousands of bits/dim
    steps = np.outer(10.0 ** np.arange(-3, largest), [1, 2, 5]).ravel()
    step = steps[(high - low) / steps <= 5][0]
    return np.round(np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step, 6)


# What moves -------------------------------------------------------------------------------------------

MOVING = ("likelihood", "entropy", "classes")


def _moving(
    step: int,
    corrupted: CorruptedImages,
    able: Sequence[LikelihoodReading],
    readings: Sequence[Reading],
    bars: Bars,
) -> list[dict]:
    """What moves, a trace for each panel of MOVING, where it is at a step; of the readings, the last one is shown."""
    quiet = {"mode": "markers", "showlegend": False, "hoverinfo": "skip"}
    look = {
        "y": bars.names,
        "orientation": "h",
        "marker": {"color": bars.colors},
        "showlegend": False,
        "hovertemplate": "%{y} %{x:.1%}<extra></extra>",
    }
    looks = ({**quiet, **_dots(able)}, {**quiet, **_dots(readings)}, look)
    places = _places(step, corrupted, able, readings, bars.shown)
    return [{**place, **look} for place, look in zip(places, looks, strict=True)]


def _dots(readings: Sequence[Reading]) -> dict:
    line = {"color": "white", "width": 2}
    return {"marker": {"size": 11, "color": [reading.color for reading in readings], "line": line}}


def _places(
    step: int,
    corrupted: CorruptedImages,
    able: Sequence[LikelihoodReading],
    readings: Sequence[Reading],
    shown: list[int],
) -> list[dict]:
    """What of :func:`_moving` changes from frame to frame, and nothing else: the looks need not travel with each."""
    here = [float(corrupted.strengths[step])] * len(readings)
    return [
        {"type": "scatter", "x": here[: len(able)], "y": [float(reading.offset[step]) for reading in able]},
        {"type": "scatter", "x": here, "y": [float(reading.entropy[step]) for reading in readings]},
        {"type": "bar", "x": readings[-1].posterior[step][shown]},
    ]


def _add_strip(draft: Draft, images: np.ndarray) -> None:
    """All images as one strip; a frame shows a part of it. A picture replaced at every frame would flicker."""
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
    names = {"autorange": "reversed", "type": "category", "dtick": 1}  # digits are names here
    _update(draft, "classes", percent, {**names, "fixedrange": True})


def _window(step: int, side: int) -> list[int]:
    """The part of the strip's vertical axis that holds the image of a frame, top last."""
    return [(step + 1) * side, step * side]


def frames_of(corrupted: CorruptedImages) -> Frames:
    """What the player of :func:`corruption_figure` must know."""
    # Dots, bars, the head and the window on the strip need no redraw of the whole figure.
    labels = list(corrupted.labels)
    return Frames(labels, [], FRAME_MS, redraw=False, about=f"{len(labels)} {labels[-1]}")
