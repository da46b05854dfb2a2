"""The latent clouds of several models: side by side, or one morphing into the next while γ grows."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from app.figures.classes import OTHERS, colors_of, drawn_classes
from app.figures.latent import (
    MEAN,
    NINE_TENTHS,
    RINGS,
    dots_of,
    frame_of,
    mean_marker,
    ring,
)
from app.figures.layout import BESIDE_LEGEND, LEGEND_BESIDE, TOOLBAR, Frames, finish
from app.figures.text import plotly_texts
from app.palette import NEUTRAL, rgba

TWEENS = 4  # frames from one model to the next, where there are few
FRAMES = 60  # at least, of many
FRAME_MS = 90
GRID = rgba(NEUTRAL, 0.15)
DOT = 3.5  # CSS pixels
BESIDE_CAPTION = 4  # CSS pixels from the morph to its caption where no legend is between them
PANEL_HEIGHT = 400  # CSS pixels, as long as nothing gives it the height of the window


def panels_figure(
    clouds: Sequence[np.ndarray],
    groups: Sequence[np.ndarray],
    means: Sequence[np.ndarray | None],
    names: Sequence[str],
    marked: int | None,
    rows: np.ndarray,
    hover: Sequence[Sequence[str]],
    lasso: np.ndarray | None = None,
    *,
    classes: Sequence[str],
    diamond: str = MEAN,
) -> go.Figure:
    """One scatter plot for each model, side by side; a click on the legend filters a class in all of them.

    Arguments:
        clouds: of each of the M models, ``(N, 2)``.
        groups: the class that colours each point, M times integers ``(N,)``; -1 is not drawn.
        means: class means in the same views, ``(K, 2)``, or ``None`` where the view is not linear.
        names: titles, with the measured numbers if wanted.
        marked: position in ``clouds`` of the point that is ringed, if any.
        rows: of the latent file, ``(N,)``, which a click returns.
        hover: for each model, a text for each point.
        lasso: rows that stand out in all panels, the others being dimmed; ``None`` or empty if none does.
        classes: names of the K classes.
        diamond: what ``means`` are.
    """
    figure = make_subplots(cols=len(clouds), subplot_titles=list(names), horizontal_spacing=0.1 / len(clouds))
    ranges = [_range(cloud, mean) for cloud, mean in zip(clouds, means, strict=True)]
    low, high = np.min([r[0] for r in ranges], axis=0), np.max([r[1] for r in ranges], axis=0)
    for index, (cloud, group, mean) in enumerate(zip(clouds, groups, means, strict=True)):
        place: dict[str, Any] = {"row": 1, "col": index + 1}
        marks = _marks(group, classes, diamond)
        _add_panel(figure, cloud, group, mean, rows, hover[index], lasso, place, not index, marks)
        if marked is not None:
            figure.add_trace(ring(cloud[marked]), **place)
        line = {"zeroline": False, "gridcolor": GRID, "showticklabels": False}
        first = index + 1 if index else ""
        figure.update_xaxes(range=[low[0], high[0]], **line, **place)
        figure.update_yaxes(range=[low[1], high[1]], scaleanchor=f"x{first}", **line, **place)
    figure.update_xaxes(matches="x")  # a zoom into one panel shows the same part of all
    figure.update_yaxes(matches="y")
    legend = {"itemsizing": "constant", "orientation": "h", "x": 0, "title": "", "tracegroupgap": 0}
    legend |= {"yref": "container", "y": 1, "yanchor": "top"}
    lines = max(name.count("<br>") for name in names) + 1
    margin = {"l": 8, "r": TOOLBAR, "t": 36 + 22 * lines, "b": 8}
    return finish(figure, PANEL_HEIGHT, dragmode="pan", legend=legend, margin=margin)


def morph_figure(
    clouds: np.ndarray,
    labels: np.ndarray,
    means: np.ndarray,
    captions: Sequence[str],
    is_lassoed: np.ndarray | None = None,
    *,
    classes: Sequence[str],
    axes: tuple[str, str] = ("", ""),
    diamond: str = MEAN,
    rows: np.ndarray | None = None,
    marked: int | None = None,
) -> go.Figure:
    """The cloud of one model that turns into the next one's while its player plays, which needs :func:`frames_of`.

    Arguments:
        clouds: the same test images under M models in aligned views, ``(M, N, 2)``.
        labels: their classes, ``(N,)``; of more than twenty classes the ten with most images have colours.
        means: the class means, ``(M, K, 2)``.
        captions: what stands above the picture while a model is shown.
        is_lassoed: which images stand out in their classes' colours while the others are small and grey, ``(N,)``;
            ``None`` or all ``False`` if there is no lasso.
        classes: names of the K classes.
        axes: titles.
        diamond: what ``means`` are.
        rows: of the images in the latent file, ``(N,)``, by which scripts know the dots.
        marked: position in ``clouds`` of the image that is ringed, if any.
    """
    figure = go.Figure()
    marks = _marks(labels, classes, diamond)
    groups = groups_of(labels, is_lassoed, classes=marks.names)
    for trace in _morph_traces(clouds[0], groups, means[0], marks, rows):
        figure.add_trace(trace)
    if marked is not None:
        figure.add_trace(ring(clouds[0, marked]))
    members = [group.members for group in groups]
    # Plain dictionaries: Plotly would check each object once more when it takes it in.
    figure.frames = [
        {
            "data": _places(_between(clouds, t), members, _between(means, t), marks, marked),
            "layout": {"annotations": [{"text": captions[round(t)]}]},  # merged into the first one
            "name": f"{index}",
        }
        for index, t in enumerate(_positions(len(clouds)))
    ]
    low, high = _range(clouds, means)
    line = {"zeroline": False, "gridcolor": GRID, "showticklabels": False}
    figure.update_xaxes(range=[low[0], high[0]], title=axes[0], **line)
    figure.update_yaxes(range=[low[1], high[1]], title=axes[1], scaleanchor="x", **line)
    legend = {"itemsizing": "constant", "orientation": "h", "x": 0, "title": "", "tracegroupgap": 0}
    legend |= {"y": 1.0, "yanchor": "bottom"}
    margin = {"l": 8, "r": TOOLBAR, "t": 84, "b": 8}
    notes = [_headline(captions[0])]
    return finish(figure, 680, dragmode="pan", legend=legend, margin=margin, annotations=notes)


def for_a_room(figure: go.Figure) -> go.Figure:
    """:func:`morph_figure`, changed for a wide window: its legend lies beside the dots, not above them.

    Both axes have one scale, so that a wide window has room to the left and to the right of all dots.
    """
    size = figure.layout.font.size
    figure.update_xaxes(domain=BESIDE_LEGEND)
    figure.update_layout(legend=LEGEND_BESIDE, margin_t=round(1.8 * size), margin_b=8)
    figure.layout.annotations[0].yshift = BESIDE_CAPTION
    return figure


def frames_of(names: Sequence[str], first: str = "") -> Frames:
    """What the player of :func:`morph_figure` must know: the models' short names, empty for those between trained ones.

    ``first`` is the name that is always there, and says what the numbers of the others are.
    """
    pairs = [(int(t), float(t)) for t in _positions(len(names))]
    labels = [str(names[i]) if t == i and names[i] else " → ".join(_neighbours(names, t)) for i, t in pairs]
    stops = [
        (frame, names[i] if names[i] == first else names[i].removeprefix("γ = "))
        for frame, (i, t) in enumerate(pairs)
        if t == i and names[i]
    ]
    about = " ".join(map(str, names))
    return Frames(labels, stops, FRAME_MS, redraw=True, first=first, follows_clicker=True, about=about)


def _positions(count: int) -> np.ndarray:
    """Where the frames are between ``count`` models, which are at 0, 1, ..."""
    steps = count - 1
    tweens = min(TWEENS, max(1, -(-FRAMES // max(1, steps))))
    return np.linspace(0, steps, steps * tweens + 1)


def _add_panel(
    figure: go.Figure,
    cloud: np.ndarray,
    group: np.ndarray,
    mean: np.ndarray | None,
    rows: np.ndarray,
    hover: Sequence[str],
    lasso: np.ndarray | None,
    place: dict,
    legend: bool,
    marks: "_Marks",
) -> None:
    text = np.asarray(hover, dtype=object)
    rest = (group != -1) & ~np.isin(group, marks.shown)
    members = [(OTHERS, NEUTRAL, rest)] if rest.any() else []
    for name, color, is_member in (*members, *((marks.names[k], marks.colors[k], group == k) for k in marks.shown)):
        chosen = np.flatnonzero(is_member)
        dots = dots_of(cloud[chosen], rows[chosen], text[chosen], name, color, lasso)
        figure.add_trace({**dots, "showlegend": legend}, **place)
    if mean is not None:
        for trace in _mean_traces(mean, marks):
            figure.add_trace(trace, **place)


def _range(cloud: np.ndarray, means: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """The corners of what is shown: nearly all points, and the means with some of their Gaussians."""
    low, high = frame_of(cloud, means, NINE_TENTHS / 2)
    pad = 0.03 * (high - low)
    return low - pad, high + pad


def _between(stages: np.ndarray, t: float) -> np.ndarray:
    """Linear interpolation between the models around position ``t``, eased so that the motion slows at each model."""
    index = min(int(t), len(stages) - 2)
    step = t - index
    weight = step * step * (3 - 2 * step)
    return ((1 - weight) * stages[index] + weight * stages[index + 1]).astype(np.float32)


def _headline(text: str) -> dict:
    """The caption above the picture: no title, since Streamlit sets a figure's first title in bold, and only that."""
    place = {"x": 0, "y": 1, "yshift": 56, "xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom"}
    return {"text": text, "font": {"size": 16}, "showarrow": False, **place}


class Group(NamedTuple):
    """Dots of one colour."""

    name: str  # of a class, or of all that was not lassoed
    color: str  # as CSS
    members: np.ndarray  # Booleans (N,)
    size: float  # in CSS pixels


def groups_of(labels: np.ndarray, is_lassoed: np.ndarray | None = None, *, classes: Sequence[str]) -> list[Group]:
    """The dots by class ``(N,)``; with a lasso, what it left out comes first, small and grey."""
    shown = drawn_classes(labels, len(classes))
    colors = colors_of(len(classes), shown)
    rest = ~np.isin(labels, shown)
    if is_lassoed is None or not is_lassoed.any():
        others = [Group(OTHERS, NEUTRAL, rest, 0.6 * DOT)] if rest.any() else []
        return [*others, *(Group(classes[k], colors[k], labels == k, DOT) for k in shown)]
    others = [Group("not lassoed", NEUTRAL, ~is_lassoed, 0.6 * DOT)]
    others += [Group(OTHERS, NEUTRAL, is_lassoed & rest, 2 * DOT)] if rest.any() else []
    return [*others, *(Group(classes[k], colors[k], is_lassoed & (labels == k), 2 * DOT) for k in shown)]


class _Marks(NamedTuple):
    """The classes that have colours, and whose means are drawn."""

    shown: Sequence[int]  # their numbers
    colors: Sequence[str]  # of all K classes
    names: Sequence[str]  # of all K classes
    diamond: str  # what stands for a mean


def _marks(groups: np.ndarray, classes: Sequence[str], diamond: str) -> _Marks:
    """What is drawn of the K ``classes`` where dots are in ``groups``, integers ``(N,)``."""
    shown = drawn_classes(groups, len(classes))
    return _Marks(shown, colors_of(len(classes), shown), plotly_texts(classes), diamond)


def _mean_traces(means: np.ndarray, marks: _Marks) -> list[dict]:
    """A trace of the mean of each class that is shown; ``means`` are those of all classes, ``(K, 2)``."""
    return [
        mean_marker(means[k, 0], means[k, 1], marks.colors[k], marks.names[k], "scattergl", what=marks.diamond)
        for k in marks.shown
    ]


def _morph_traces(
    cloud: np.ndarray, groups: Sequence[Group], means: np.ndarray, marks: _Marks, rows: np.ndarray | None
) -> list[dict]:
    """A cloud for each group, and the means."""
    traces = []
    for name, color, members, size in groups:
        # Opaque: while frames play, Plotly draws each cloud of WebGL twice, and translucent dots would turn saturated.
        marker = {"color": color, "size": size, "opacity": 1}
        look = {"mode": "markers", "name": name, "legendgroup": name, "marker": marker, "hoverinfo": "skip"}
        known = {} if rows is None else {"customdata": rows[members]}
        traces.append({"type": "scattergl", "x": cloud[members, 0], "y": cloud[members, 1], **look, **known})
    return traces + _mean_traces(means, marks)


def _places(
    cloud: np.ndarray, members: Sequence[np.ndarray], means: np.ndarray, marks: _Marks, marked: int | None = None
) -> list[dict]:
    """What a frame changes of :func:`morph_figure`'s traces: where the points are. A mean is drawn as three rings."""
    points = [cloud[rows].T for rows in members]
    points += [np.tile(means[k][:, None], RINGS) for k in marks.shown]
    if marked is not None:
        points.append(cloud[marked][:, None])
    return [{"type": "scattergl", "x": x, "y": y} for x, y in points]


def _neighbours(names: Sequence[str], place: float) -> list[str]:
    """The nearest named models on both sides."""
    before = next((name for name in names[int(place) :: -1] if name), "")
    after = next((name for name in names[int(place) + 1 :] if name), "")
    return [before, after]
