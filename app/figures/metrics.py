"""The measures of Table 1 over γ, a panel each (Figs. 6 and 11)."""

import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go

from app.figures.layout import finish, with_subscripts
from app.figures.text import plotly_text
from app.palette import ACCENT, KIND_COLORS, NEUTRAL, rgba
from ibinn_core.measures import UNITS, Measure

HEIGHT, TOP, LEFT = 218, 50, 42  # of a panel, of its title and of the ticks' names, in CSS pixels
TEXT = 14  # pixels
FAINT = 0.7  # opacity of the paper's marks
CLEAR = 0.8  # decades that a tick's name needs on a narrow page
HOVER = 52  # letters in a line of the hover
STEP = 1.1  # decades between the last γ and a limit, and from there to the models without γ
_SHAPES = {
    "ib": ("circle", "solid"),
    "ib-scratch": ("hexagon", "dot"),
    "class-nll": ("diamond", "dash"),
    "class-nll-regularized": ("diamond-tall", "longdash"),
    "own": ("star-diamond", "longdashdot"),
    "vib": ("square", "dot"),
    "resnet": ("triangle-up", "dashdot"),
    "i-revnet": ("triangle-down", "longdashdot"),
}
#: Decades by which families without γ are shifted.
_NUDGES = {"class-nll": -0.18, "class-nll-regularized": -0.06, "own": 0.3, "i-revnet": 0.06, "resnet": 0.18}
_LOWER = {"class-nll-regularized": "<br>"}  # the numbers of what is off the scale stand below one another
FAMILY_LOOKS = {family: (KIND_COLORS[family.removesuffix("-scratch")], *shape) for family, shape in _SHAPES.items()}


class Line(NamedTuple):
    """Models that belong together: a family along γ, or models without one."""

    name: str  # for the legend
    family: str  # "ib", "vib", or for a model without γ its row of Table 1 or its kind
    ids: list[str | None]  # of the M models; None where there is no checkpoint
    names: list[str]  # for people
    gammas: list[float]  # γ, 0 and infinity included; NaN where there is none
    values: dict[str, list[float]]  # by a measure's key, M numbers in the table's unit; NaN where it is not measured
    notes: dict[str, list[str]]  # by a measure's key, M remarks for the hover, empty where there is none
    is_paper: bool = False  # whether these are printed numbers


class Axis:
    """The logarithmic axis of γ with its ends: only L_X, only L_Y, and what has no γ.

    Of the γ that are drawn, 0, infinity and NaN have places of their own.
    """

    def __init__(self, gammas: Sequence[float]) -> None:
        finite = sorted({g for g in gammas if math.isfinite(g) and g > 0}) or [1.0]
        self.low, self.high = math.log10(finite[0]), math.log10(finite[-1])
        self.zero, self.infinity = self.low - STEP, self.high + STEP
        self.none = self.infinity + STEP
        self.breaks = [self.low - STEP / 2, self.high + STEP / 2, self.infinity + STEP / 2]
        self.range = [self.zero - STEP / 2, self.none + STEP / 2]

    def position(self, gamma: float, family: str = "") -> float:
        """Where a model is drawn; the families without γ lie side by side, since they may have the same values."""
        if math.isnan(gamma):
            return self.none + _NUDGES.get(family, 0.0)
        if gamma == 0:
            return self.zero
        return self.infinity if math.isinf(gamma) else math.log10(gamma)

    def ticks(self) -> tuple[list[float], list[str]]:
        """Places and names: the limits, the outermost γ, and the decades that keep clear of these."""
        ends = sorted({self.low, self.high})
        decades = range(math.ceil(self.low), math.floor(self.high) + 1)
        places = sorted({*ends, *(float(d) for d in decades if all(abs(d - end) > CLEAR for end in ends))})
        names = [np.format_float_positional(10**place, 4, unique=False, fractional=False, trim="-") for place in places]
        return [self.zero, *places, self.infinity, self.none], ["0", *names, "∞", "no γ"]


def panel_figure(measure: Measure, lines: Sequence[Line], selected: str | None, colors: Mapping[str, str]) -> go.Figure:
    """The panel of a measure, γ from left to right; a click on a dot returns the model's id.

    The ringed model is ``selected``; single ones of the IB family have ``colors``, by id, the others their family's.
    """
    axis = Axis([g for line in lines for g in line.gammas])
    dots = _dots(axis, measure, lines)
    ours, theirs = ([dot for dot in dots if dot.line.is_paper == flag] for flag in (False, True))
    of_lines = [(line, [dot for dot in ours if dot.line is line]) for line in lines]
    figure = go.Figure(
        [
            _marks(measure, theirs, {}, is_paper=True),  # behind
            *(trace for line, own in of_lines for trace in _connections(axis, line, own)),
            _marks(measure, ours, colors, is_paper=False),
            *(_ring(dot) for dot in ours if selected is not None and dot.id == selected),
        ]
    )
    places, names = axis.ticks()
    figure.update_xaxes(
        range=axis.range, tickvals=places, ticktext=names, tickangle=0, tickfont_size=TEXT, showgrid=False
    )
    figure.update_yaxes(gridcolor=rgba(NEUTRAL, 0.2), tickfont_size=TEXT, **_scale(measure, [dot.y for dot in dots]))
    figure.update_layout(xaxis_zeroline=False, yaxis_zeroline=False)
    figure.layout.shapes = _rules(axis, measure)
    figure.layout.annotations = [_title(measure)]
    hover = {"align": "left", "font_size": TEXT}
    return finish(
        figure,
        HEIGHT,
        margin={"l": LEFT, "r": 30, "t": TOP, "b": 8},
        hoverlabel=hover,
        dragmode=False,
        hovermode="closest",
        showlegend=False,
    )


def _title(measure: Measure) -> dict:
    """Name, and below it the unit and the good direction, from the left edge."""
    unit = UNITS[measure.unit].strip()
    arrow = "↓" if measure.better == "lower" else "↑"
    text = f"<b>{measure.name}</b><br>{arrow} {unit and f'{unit}, '}{measure.better} is better"
    where = {"x": 0, "y": 1, "xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom"}
    where |= {"align": "left", "xshift": 2 - LEFT, "yshift": 5}
    return {**where, "text": text, "showarrow": False, "font": {"size": TEXT}}


def look_of(family: str) -> tuple[str, str, str]:
    """Colour, symbol and dash of a family, as Plotly names them."""
    return FAMILY_LOOKS.get(family, (NEUTRAL, "x", "dash"))


class _Dot(NamedTuple):
    """A model of a line in a panel, with its value and where that is drawn."""

    line: Line
    place: int  # of the model in the line
    value: float
    x: float
    y: float

    @property
    def id(self) -> str | None:
        return self.line.ids[self.place]

    @property
    def is_off(self) -> bool:
        """Whether it is off the scale."""
        return self.y < self.value


def _dots(axis: Axis, measure: Measure, lines: Sequence[Line]) -> list[_Dot]:
    """The models that have a value."""
    cap = math.inf if measure.cap is None else measure.cap
    return [
        _Dot(line, i, value, axis.position(line.gammas[i], line.family), min(value, cap))
        for line in lines
        for i, value in enumerate(line.values[measure.key])
        if not math.isnan(value)
    ]


def _marks(measure: Measure, dots: Sequence[_Dot], colors: Mapping[str, str], is_paper: bool) -> go.Scatter:
    """Dots that are all ours, or all the paper's: filled, or open and faint."""
    looks = [look_of(dot.line.family) for dot in dots]
    fill = [colors.get(dot.id or "", color) for dot, (color, _, _) in zip(dots, looks, strict=True)]
    symbols = [f"{symbol}-open" if is_paper else symbol for _, symbol, _ in looks]
    edge = {"color": fill, "width": 1.5} if is_paper else {"color": "white", "width": 1}
    size, opacity = (9, FAINT) if is_paper else (11, 1.0)
    return go.Scatter(
        x=[dot.x for dot in dots],
        y=[dot.y for dot in dots],
        mode="markers+text",
        text=[f"{_LOWER.get(dot.line.family, '')}↑ {dot.value:.4g}" if dot.is_off else "" for dot in dots],
        textposition=["bottom left" if dot.line.family in _NUDGES else "bottom center" for dot in dots],
        textfont={"size": TEXT},
        marker={"size": size, "symbol": symbols, "color": fill, "opacity": opacity, "line": edge},
        customdata=None if is_paper else [dot.id for dot in dots],
        hovertext=[_hover(measure, dot) for dot in dots],
        hovertemplate="%{hovertext}<extra></extra>",
        cliponaxis=False,
        showlegend=False,
    )


def _connections(axis: Axis, line: Line, dots: Sequence[_Dot]) -> list[go.Scatter]:
    """A line through the finite γ; a model without γ is a line across the panel."""
    between = [(dot.x, dot.y) for dot in dots if 0 < line.gammas[dot.place] < math.inf]
    paths = [(*zip(*between, strict=True), 2.0)] if len(between) > 1 else []
    paths += [([axis.range[0], dot.x], [dot.y] * 2, 1.3) for dot in dots if math.isnan(line.gammas[dot.place])]
    color, _, dash = look_of(line.family)
    style = {"mode": "lines", "hoverinfo": "skip", "showlegend": False}
    return [go.Scatter(x=x, y=y, line={"color": color, "dash": dash, "width": width}, **style) for x, y, width in paths]


def _hover(measure: Measure, dot: _Dot) -> str:
    line, note = dot.line, dot.line.notes[measure.key][dot.place]
    whose = "the paper's " if line.is_paper else ""
    parts = [
        f"<b>{whose}{with_subscripts(plotly_text(line.names[dot.place]))}</b>",
        f"{measure.name}: {measure.text(dot.value)}{' (off the scale)' if dot.is_off else ''}",
        note,
        *(f"<i>{text}</i>" for text in textwrap.wrap(measure.explanation, HOVER)),
        "" if line.is_paper else "click to choose it",
    ]
    return "<br>".join(filter(None, parts))


def _ring(dot: _Dot) -> go.Scatter:
    """Around the chosen model."""
    marker = {"symbol": "circle-open", "size": 21, "color": ACCENT, "line": {"width": 3}}
    style = {"mode": "markers", "marker": marker, "hoverinfo": "skip", "cliponaxis": False, "showlegend": False}
    return go.Scatter(x=[dot.x], y=[dot.y], **style)


def _rules(axis: Axis, measure: Measure) -> list[dict]:
    """Dotted lines where the axis is broken, and one where chance is."""
    style = {"type": "line", "layer": "below", "line": {"color": NEUTRAL, "width": 1, "dash": "dot"}}
    rules = [{**style, "x0": at, "x1": at, "y0": 0, "y1": 1, "xref": "x", "yref": "y domain"} for at in axis.breaks]
    if measure.chance is not None:
        across = {"x0": 0, "x1": 1, "y0": measure.chance, "y1": measure.chance, "xref": "x domain", "yref": "y"}
        rules.append({**style, **across, "line": {"color": NEUTRAL, "width": 1}})
    return rules


def _scale(measure: Measure, values: Sequence[float]) -> dict:
    """The axis of a panel: from 0 where that is not far from the values, with room at the ends."""
    values = [*values, *([] if measure.chance is None else [measure.chance])]
    low, high = min(values), max(values)
    if measure.is_log and low > 0:
        room = 0.1 * max(math.log10(high / low), 0.1)
        ends = [math.log10(low) - room, math.log10(high) + room]
        of_a_decade = (1, 2, 5) if ends[1] - ends[0] < 1.5 else (1,)
        every = [m * 10.0**e for e in range(-3, 3) for m in of_a_decade]
        ticks = [tick for tick in every if ends[0] <= math.log10(tick) <= ends[1]]
        if len(ticks) < 2:
            return {"type": "log", "range": ends, "nticks": 4}
        return {"type": "log", "range": ends, "tickvals": ticks, "ticktext": [f"{t:g}" for t in ticks]}
    if low == high == 0:
        return {"range": [0, 1], "nticks": 3}
    room = 0.1 * max(high - low, 1e-3 * max(abs(high), 1e-9))
    return {"range": [0 if 0 <= low < 0.5 * high else low - room, high + room], "nticks": 6}


def legend_of(measures: Sequence[Measure], lines: Sequence[Line]) -> list[tuple[str, str, str]]:
    """Name, colour and Plotly symbol of each family that some panels draw, in the order of Table 1.

    The symbol is an open one, and the name says so, where only the paper has the family.
    """
    lines = [line for line in lines if not all(math.isnan(v) for m in measures for v in line.values[m.key])]
    ours = {line.family for line in lines if not line.is_paper}
    names = {line.family: line.name for line in lines}
    known = [family for family in FAMILY_LOOKS if family in names]
    entries = []
    for family in (*known, *(f for f in names if f not in FAMILY_LOOKS)):
        color, symbol, _ = look_of(family)
        is_here = family in ours
        name = names[family] if is_here else f"{names[family]} (paper)"
        entries.append((name, color, symbol if is_here else f"{symbol}-open"))
    return entries
