"""The trade-off in one figure: test error over bits/dim, of a family and of other models (Fig. 6)."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import plotly.graph_objects as go

from ..palette import ACCENT, KIND_COLORS, NEUTRAL, rgba
from .layout import TOOLBAR, finish, heading
from .text import character, plotly_text

HEIGHT = 446
TEXT = 15  # pixels
#: The font of labels: a shadow in the colour of the page hides lines behind the letters.
LABEL = {"size": TEXT, "shadow": ", ".join(12 * ["0 0 4px var(--st-background-color)"])}
#: A model is off the scale if its distance from the best bits/dim is more than this multiple of the next better one's.
FAR = 2
MIN_SPAN = 1.0  # the next better model counts as at least this far from the best, in bits/dim
TICKS_ERROR = [m * 10.0**e for e in range(-4, 1) for m in (1, 2, 5) if m * 10.0**e <= 1]
CIRCLE = "circle"  # the symbol of the models on the curve
RING = "ring"  # uid of the ring around the chosen mark
FLOOR = 1e-4  # where an error of 0 is drawn
NEAR = 0.08  # lines closer than this fraction of the axis get one label for all
STAGGER = 0.03  # distance between the marks of these lines, as a share of the axis


class Mark(NamedTuple):
    """A model that has a likelihood."""

    id: str | None  # the checkpoint's id; None if the mark cannot be chosen
    name: str  # text beside the mark; empty if only the pointer shows it
    title: str  # shown under the pointer
    error: float  # error on the test set, 0 to 1
    bits: float  # bits/dim, mean over the test set
    color: str  # colour of the mark
    symbol: str  # Plotly symbol; it ends in -open if only the paper has the number
    note: str = ""  # a remark shown under the pointer; may be empty
    gamma: float | None = None  # None for a model without γ


class Level(NamedTuple):
    """A model without a likelihood. It has only an error, so it is drawn as a horizontal line."""

    id: str  # id of the checkpoint
    family: str  # name of the line; the models of a family share this name
    title: str  # shown under the pointer
    error: float  # error on the test set, 0 to 1
    color: str  # colour of the line and of the mark at its start
    symbol: str  # Plotly symbol of this mark
    dash: str  # Plotly dash of the line


class CurvePoint(NamedTuple):
    """A point of the family's curve: a trained model, or a model mixed from two trained models."""

    error: float  # error on the test set, 0 to 1
    bits: float  # bits/dim, mean over the test set
    text: str  # shown under the pointer
    is_mixed: bool  # mixed models get a small dot
    gamma: float | None = None


class BitsAxis(NamedTuple):
    """The axis of bits/dim."""

    low: float  # bits/dim of the best model
    high: float  # bits/dim of the worst model on the scale; worse models are drawn at the right edge

    @property
    def edge(self) -> float:
        """The position of models that are off the scale."""
        return self.high + 0.6 * (self.high - self.low)

    @property
    def ends(self) -> tuple[float, float]:
        """The ends of the axis, with a margin."""
        return self.low - 0.12 * (self.high - self.low), self.edge + 0.03 * (self.high - self.low)

    def shown(self, bits: float) -> float:
        """The position of a model with these bits/dim."""
        return bits if bits <= self.high else self.edge


def bits_axis(bits: Sequence[float]) -> BitsAxis:
    """The axis for these bits/dim; values far above all others are off the scale."""
    low, *rest = sorted(bits)
    high = low
    for value in rest:
        if value - low > FAR * max(high - low, MIN_SPAN):
            break
        high = value
    return BitsAxis(low, max(high, low + 0.1))


def percent(share: float) -> str:
    """A share from 0 to 1 in percent; small shares have one more digit to distinguish them."""
    return f"{100 * share:.{1 if share >= 0.02 else 2}f} %"


def curve_figure(
    places: Sequence[CurvePoint], marks: Sequence[Mark], levels: Sequence[Level], selected: str | None
) -> go.Figure:
    """Draws test error over bits/dim; a click on a mark returns the model's id.

    Names are beside the trained models of the curve, the selected model and the lines of models without a likelihood.
    The other models show their name under the pointer.

    Arguments:
        places: points of the curve, sorted by γ.
        marks: models with a likelihood, at least one.
        levels: models without a likelihood.
        selected: id of the ringed model.
    """
    scale = bits_axis([*(place.bits for place in places), *(mark.bits for mark in marks)])
    logs = [math.log10(max(item.error, FLOOR)) for item in (*places, *marks, *levels)]
    length = max(max(logs) - min(logs), 0.3)
    ends = [min(logs) - (0.24 if levels else 0.1) * length, max(logs) + 0.08 * length]
    figure = go.Figure()
    starts = _add_levels(figure, levels, scale, NEAR * length, selected)
    _add_path(figure, [place for place in places if scale.shown(place.bits) == place.bits])
    starts |= {mark.id: (scale.shown(mark.bits), mark.error) for mark in marks if mark.id is not None}
    if selected in starts:
        x, y = starts[selected]
        ring = {"symbol": "circle-open", "size": 27, "color": ACCENT, "line": {"width": 3.5}}
        _add(figure, [x], [y], uid=RING, mode="markers", marker=ring, hoverinfo="skip")
    is_mixed = {(place.bits, place.error): place.is_mixed for place in places}
    mixed = next((m.id for m in marks if m.id == selected and is_mixed.get((m.bits, m.error))), None)
    _add_marks(figure, marks, scale, selected, mixed)
    axis = {"zeroline": False, "gridcolor": rgba(NEUTRAL, 0.2), "tickfont_size": TEXT}
    figure.update_xaxes(
        title={"text": "<b>bits/dim &nbsp;← lower is better</b>", "font_size": TEXT + 1, "standoff": 8},
        range=scale.ends,
        nticks=8,
        **axis,
    )
    shown = [tick for tick in TICKS_ERROR if ends[0] <= math.log10(tick) <= ends[1]]
    texts = [f"{100 * tick:g} %" for tick in shown]
    figure.update_yaxes(type="log", range=ends, tickvals=shown, ticktext=texts, **axis)
    # The title of the vertical axis is above the axis: horizontal text reads better, and saves width on a phone.
    return finish(
        figure,
        HEIGHT,
        title=heading("<b>test error &nbsp;↓ lower is better</b>", TEXT + 1),
        margin={"l": 8, "r": TOOLBAR, "t": 28, "b": 8},
        hoverlabel={"align": "left", "font_size": TEXT},
        dragmode=False,
        hovermode="closest",
        showlegend=False,
    )


def _add(figure: go.Figure, x: Sequence[float], y: Sequence[float], **trace: Any) -> None:  # Any: Plotly's settings
    y = [max(error, FLOOR) for error in y]
    figure.add_scatter(x=x, y=y, showlegend=False, **{"cliponaxis": False, **trace})


def _add_levels(
    figure: go.Figure, levels: Sequence[Level], scale: BitsAxis, near: float, selected: str | None
) -> dict[str | None, tuple[float, float]]:
    """Draws the models without a likelihood as horizontal lines; returns the positions of their marks, by id.

    Lines closer together than ``near``, in decades of the error, share a label.
    """
    clusters: list[list[Level]] = []
    for level in sorted(levels, key=lambda level: -level.error):
        if clusters and math.log10(max(clusters[-1][-1].error, FLOOR) / max(level.error, FLOOR)) < near:
            clusters[-1].append(level)
        else:
            clusters.append([level])
    found: dict[str | None, tuple[float, float]] = {}
    left, right = scale.ends
    for cluster in clusters:
        for index, level in enumerate(cluster):
            start = left + (0.5 + index) * STAGGER * (right - left)
            found[level.id] = start, level.error
            style = {"symbol": level.symbol, "size": [12, 0], "color": level.color, "opacity": 1}
            _add(
                figure,
                [start, (scale.low + scale.high) / 2],  # right of it, the line would cross names
                [level.error] * 2,
                mode="lines+markers",
                line={"color": level.color, "dash": level.dash, "width": 3 if level.id == selected else 1.5},
                marker={**style, "line": {"color": NEUTRAL, "width": 1}},
                customdata=[level.id] * 2,
                hovertemplate=f"<b>{plotly_text(level.title)}</b><br>test error {percent(level.error)}"
                "<br>no likelihood<extra></extra>",
            )
        is_last = cluster is clusters[-1]  # there is room for text below this line
        families = dict.fromkeys(f"{character(level.symbol)} {plotly_text(level.family)}" for level in cluster)
        figure.add_annotation(
            **{"x": 0, "xref": "x domain", "xanchor": "left", "xshift": 6, "showarrow": False, "align": "left"},
            y=math.log10(max(cluster[-1 if is_last else 0].error, FLOOR)),
            yanchor="top" if is_last else "bottom",
            yshift=-6 if is_last else 6,
            text=", ".join(families) + (":<br>no likelihood, so no bits/dim" if is_last else ""),
            font=LABEL,
        )
    return found


def _add_path(figure: go.Figure, places: Sequence[CurvePoint]) -> None:
    """Draws the line through all points that are on the scale, and a small dot at each mixed model."""
    color = KIND_COLORS["ib"]
    line = {"mode": "lines", "line": {"color": color, "width": 2}, "hoverinfo": "skip", "cliponaxis": True}
    _add(figure, [place.bits for place in places], [place.error for place in places], **line)
    mixed = [place for place in places if place.is_mixed]  # a trained model has a mark, which takes clicks
    _add(
        figure,
        [place.bits for place in mixed],
        [place.error for place in mixed],
        mode="markers",
        marker={"size": 6, "color": color, "opacity": 1},
        hovertemplate=[f"{place.text}<extra></extra>" for place in mixed],
    )


def _add_marks(
    figure: go.Figure, marks: Sequence[Mark], scale: BitsAxis, selected: str | None, mixed: str | None
) -> None:
    """Draws the models with a likelihood: filled marks, which can be clicked, and open marks."""
    for is_open in (False, True):
        some = [mark for mark in marks if (mark.id is None) == is_open]
        colors, symbols = [mark.color for mark in some], [mark.symbol for mark in some]
        edge = {"color": colors, "width": 2} if is_open else {"color": NEUTRAL, "width": 1.5}
        _add(
            figure,
            [scale.shown(mark.bits) for mark in some],
            [mark.error for mark in some],
            mode="markers+text",
            marker={"size": 12 if is_open else 15, "color": colors, "symbol": symbols, "opacity": 1, "line": edge},
            text=[_label(mark, scale, mark.id is not None and mark.id == selected) for mark in some],
            textposition=[_side(mark, scale, mark.id is not None and mark.id == mixed) for mark in some] or None,
            textfont=LABEL,
            customdata=None if is_open else [mark.id for mark in some],
            hovertemplate=[_hover(mark, scale) for mark in some],
        )


def _label(mark: Mark, scale: BitsAxis, is_selected: bool) -> str:
    """The text beside a mark: its γ, its name or nothing; off the scale, its bits/dim and an arrow."""
    if mark.bits > scale.high:
        return f"{mark.bits:.2f} →"
    is_named = is_selected or (mark.symbol == CIRCLE and mark.id is not None)
    name = f"\u2002{plotly_text(mark.name.removeprefix('γ = '))}\u2002" if is_named else ""
    return f"<b>{name}</b>" if is_selected else name


def _side(mark: Mark, scale: BitsAxis, is_mixed: bool) -> str:
    """The side of a mark's label: above the falling curve for trained models, below it for mixed models."""
    if mark.bits > scale.high:
        return "top center"  # beside the mark are the names of others
    if mark.symbol != CIRCLE or mark.gamma == math.inf:
        return "middle right"
    return "bottom left" if is_mixed else "top right"


def _hover(mark: Mark, scale: BitsAxis) -> str:
    off = "" if mark.bits <= scale.high else " (off the scale)"
    lines = [f"<b>{plotly_text(mark.title)}</b>", f"test error {percent(mark.error)}"]
    lines += [f"{mark.bits:.2f} bits/dim{off}", mark.note]
    return "<br>".join(filter(None, lines)) + "<extra></extra>"
