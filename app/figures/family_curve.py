"""The trade-off as one picture: test error over bits/dim, along a family and beside it (Fig. 6)."""

import math
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from ..palette import ACCENT, KIND_COLORS, NEUTRAL, rgba
from .layout import TOOLBAR, finish, heading
from .name_places import ALL_SIDES, DOT, place_names
from .text import character, plotly_text

HEIGHT = 446
TEXT = 15  # pixels
LETTER = 7.2  # width of a letter of that size, in pixels
#: Widths in pixels of the plot on a phone and on a projector. Names that only the second has room for are the last
#: trace, so that a page can hide them on the first by CSS.
NARROW, WIDE = 300, 1000
#: A model is off the scale whose bits/dim are this many times as far from the best as the next better model's are.
FAR = 2
MOST_FAR = 2  # places at the end of the axis
LEAST = 1.0  # bits/dim that the scale spans at least when that is judged
TICKS_ERROR = [m * 10.0**e for e in range(-4, 1) for m in (1, 2, 5) if m * 10.0**e <= 1]
STEPS_BITS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50)
ROOM = 0.17  # of the axis' length left of the best likelihood, where names of models without γ stand
CIRCLE = "circle"  # the symbol of the models on the curve
FLOOR = 1e-4  # where an error of 0 is drawn
NEAR = 34  # pixels between two lines that can each have a name of their own
ROW = 19  # pixels of a row of names
ABOVE = ("top center", "top right", "top left")
STAGGER = 0.035  # of the axis' length between the marks of lines that lie on one another


class Mark(NamedTuple):
    """A model that has a likelihood."""

    id: str | None  # of the checkpoint, or None if there is none to choose
    name: str  # beside the mark; empty if only hovering tells it
    title: str  # for the hover
    error: float  # of the test set, 0 to 1
    bits: float  # bits/dim, mean over the test set
    color: str  # of the mark
    symbol: str  # Plotly's; it ends in -open for a number that is only printed
    note: str = ""  # a remark for the hover, or an empty string
    gamma: float | None = None  # of the model; None for one without


class Level(NamedTuple):
    """A model without a likelihood: it has an error alone, so it is a line."""

    id: str  # of the checkpoint
    family: str  # for the name of the line, which models of one family share
    title: str  # for the hover
    error: float  # of the test set, 0 to 1
    color: str  # of the line and of the mark at its beginning
    symbol: str  # of that mark, Plotly's
    dash: str  # of the line, Plotly's


class Place(NamedTuple):
    """A place of the family's curve: a trained model, or one mixed from two."""

    error: float  # of the test set, 0 to 1
    bits: float  # bits/dim, mean over the test set
    text: str  # for the hover
    is_mixed: bool  # whether it is mixed, which gets a small dot


class Scale(NamedTuple):
    """The axis of bits/dim."""

    low: float  # where what is drawn to scale begins
    high: float  # and where it ends
    # Bits/dim of the models beyond, ascending, to two digits; each has a place of its own at the axis's end, but all
    # from the :data:`MOST_FAR`-th on, which share one
    far: tuple[float, ...] = ()

    @property
    def length(self) -> float:
        """Of what is drawn to scale."""
        return self.high - self.low

    @property
    def ends(self) -> tuple[float, float]:
        """Of the axis, with room at both."""
        last = [place + 0.1 * self.length for place, _ in self.edges[-1:]]
        return self.low - ROOM * self.length, max([self.high + 0.06 * self.length, *last])

    @property
    def line_end(self) -> float:
        """Where a line across ends: what is off the scale stands apart."""
        return self.gap if self.far else self.ends[1]

    @property
    def gap(self) -> float:
        """Where the axis is broken, if it is."""
        return self.high + 0.05 * self.length

    @property
    def edges(self) -> list[tuple[float, str]]:
        """Where the models beyond stand, and the numbers there."""
        alone, rest = self.far[: MOST_FAR - 1], self.far[MOST_FAR - 1 :]
        groups = [*((bits, bits) for bits in alone), *([(rest[0], rest[-1])] if rest else [])]
        texts = [" to ".join(dict.fromkeys(f"{bits:.2f}" for bits in group)) for group in groups]
        return [(self._edge(number), text) for number, text in enumerate(texts)]

    def shown(self, bits: float) -> float:
        """Where a model is drawn."""
        beyond = [number for number, far in enumerate(self.far) if bits > self.high and round(bits, 2) == far]
        return self._edge(min(beyond[0], MOST_FAR - 1)) if beyond else bits

    def _edge(self, number: int) -> float:
        return self.high + (0.16 + 0.2 * number) * self.length


def curve_figure(
    places: Sequence[Place],
    marks: Sequence[Mark],
    levels: Sequence[Level],
    selected: str | None,
    height: int = HEIGHT,
    width: int = WIDE,
) -> go.Figure:
    """Test error over bits/dim; a click on a mark returns the model's id.

    Arguments:
        places: of the curve, by γ.
        marks: models with a likelihood, at least one.
        levels: models without.
        selected: id of the model that is ringed.
        height: in CSS pixels.
        width: of the plot in CSS pixels, at least, where it is not a phone's: names stand where there is room then.
    """
    return _Picture(places, marks, levels, selected, (width, height)).draw()


def percent(share: float) -> str:
    """A share from 0 to 1 in percent; small ones with a digit more, which tells them apart."""
    return f"{100 * share:.{1 if share >= 0.02 else 2}f} %"


def scale_of(bits: Sequence[float]) -> Scale:
    """The axis for some bits/dim: what lies far from all others is off the scale, and stands at its end."""
    ordered = sorted(bits)
    low = high = ordered[0]
    for value in ordered[1:]:
        if value - low > FAR * max(high - low, LEAST):
            break
        high = value
    far = sorted({round(value, 2) for value in ordered if value > high})
    return Scale(low, max(high, low + 0.1), tuple(far))


def rows_of_names(cluster: Sequence[Level]) -> list[str]:
    """What stands beside lines that lie together: their families with their errors, at most two in a row."""
    errors: dict[str, list[float]] = {}
    for level in cluster:
        errors.setdefault(f"{character(level.symbol)} {level.family}", []).append(level.error)
    names = [f"{plotly_text(family)} {_span(found)}" for family, found in errors.items()]
    split = len(names) % 2 if len(names) > 2 else 0
    return ([names[0]] if split else []) + [", ".join(names[i : i + 2]) for i in range(split, len(names), 2)]


def _span(errors: Sequence[float]) -> str:
    low, high = percent(min(errors)), percent(max(errors))
    return high if low == high else f"{low.removesuffix(' %')} to {high}"


class _Picture:
    """The figure while it is drawn; its arguments are those of :func:`curve_figure`."""

    def __init__(
        self,
        places: Sequence[Place],
        marks: Sequence[Mark],
        levels: Sequence[Level],
        selected: str | None,
        size: tuple[int, int],
    ) -> None:
        self.places, self.marks, self.selected, (self.width, self.height) = places, marks, selected, size
        self.scale = scale_of([*(p.bits for p in places), *(m.bits for m in marks)])
        self.on_scale = [place for place in places if self.scale.shown(place.bits) == place.bits]
        errors = [max(item.error, FLOOR) for item in (*places, *marks, *levels)]
        self.ends = self._ends(errors, ROW * (1 + len(rows_of_names(levels))))
        self.clusters = self._clusters(levels)
        self.figure = go.Figure()

    def draw(self) -> go.Figure:
        """All of it."""
        for cluster in self.clusters:
            self._add_levels(cluster)
        self._add_path()
        self._add_ring()
        self._add_marks()
        self._add_names()
        for number in range(len(self.clusters)):
            self._add_label(number)
        axis = {"zeroline": False, "gridcolor": rgba(NEUTRAL, 0.2), "tickfont_size": TEXT}
        ticks = {tick: f"{tick:g}" for tick in self._ticks_bits()} | dict(self.scale.edges)
        self.figure.update_xaxes(
            title={"text": "<b>bits/dim &nbsp;← lower is better</b>", "font_size": TEXT + 1, "standoff": 8},
            range=self.scale.ends,
            tickvals=list(ticks),
            ticktext=list(ticks.values()),
            **axis,
        )
        shown = [tick for tick in TICKS_ERROR if self.ends[0] <= math.log10(tick) <= self.ends[1]]
        texts = [f"{100 * tick:g} %" for tick in shown]
        self.figure.update_yaxes(type="log", range=self.ends, tickvals=shown, ticktext=texts, **axis)
        if self.scale.far:  # the sign of a broken axis, on it
            sign = {"text": "<b>//</b>", "showarrow": False, "font": {"size": TEXT}}
            self.figure.add_annotation(x=self.scale.gap, y=0, yref="y domain", **sign)
        # The vertical axis has its title above it: nobody has to tilt the head, and a phone keeps the width.
        return finish(
            self.figure,
            self.height,
            title=heading("<b>test error &nbsp;↓ lower is better</b>", TEXT + 1),
            margin={"l": 8, "r": TOOLBAR, "t": 28, "b": 8},
            hoverlabel={"align": "left", "font_size": TEXT},
            dragmode=False,
            hovermode="closest",
            showlegend=False,
        )

    def _add(self, x: Sequence[float | None], y: Sequence[float], **trace: Any) -> None:  # Plotly's
        y = [max(error, FLOOR) for error in y]
        self.figure.add_scatter(x=x, y=y, showlegend=False, **{"cliponaxis": False, **trace})

    # The axes

    def _ends(self, errors: Sequence[float], below: float) -> list[float]:
        """The logarithmic axis of the error, with room at both ends, ``below`` pixels of it for names."""
        low, high = math.log10(min(errors)), math.log10(max(errors))
        room, above, below = self.height - 84, 30, below + 18
        axis = max(high - low, 0.3) / (1 - (above + below) / room)
        return [low - below / room * axis, high + above / room * axis]

    def _ticks_bits(self, most: int = 6) -> list[float]:
        scale = self.scale
        step = next((s for s in STEPS_BITS if (scale.high - scale.low) / s <= most), STEPS_BITS[-1])
        numbers = range(math.ceil(scale.ends[0] / step), math.floor(max(scale.high, scale.low) / step) + 1)
        return [round(number * step, 6) for number in numbers]

    def _up(self, error: float) -> float:
        """How many pixels above the axis an error is drawn."""
        low, high = self.ends
        return (math.log10(max(error, FLOOR)) - low) / (high - low) * (self.height - 84)

    # The models without a likelihood

    def _clusters(self, levels: Sequence[Level]) -> list[list[Level]]:
        """Lines that are too near to one another for a name each, together; from the largest error to the smallest."""
        clusters: list[list[Level]] = []
        for level in sorted(levels, key=lambda level: -level.error):
            if clusters and self._up(clusters[-1][-1].error) - self._up(level.error) < NEAR:
                clusters[-1].append(level)
            else:
                clusters.append([level])
        return clusters

    def _start(self, index: int) -> float:
        """Where the mark of a line stands: near the axis, beside the marks of other lines that lie there."""
        low, high = self.scale.ends
        return low + (index + 0.4) * STAGGER * (high - low)

    def _add_levels(self, cluster: Sequence[Level]) -> None:
        for index, level in enumerate(cluster):
            look = {"symbol": level.symbol, "size": [12, 0], "color": level.color, "opacity": 1}
            self._add(
                [self._start(index), self.scale.line_end],
                [level.error] * 2,
                mode="lines+markers",
                line={"color": level.color, "dash": level.dash, "width": 3 if level.id == self.selected else 1.5},
                marker={**look, "line": {"color": NEUTRAL, "width": 1}},
                customdata=[level.id] * 2,
                hovertemplate=f"<b>{plotly_text(level.title)}</b><br>test error {percent(level.error)}"
                "<br>no likelihood<br>click to choose it<extra></extra>",
            )

    def _rows(self, number: int) -> list[str]:
        """What stands beside some lines; above the first, that the marks near the axis have no bits/dim."""
        return [*([] if number else ["without a likelihood, so lines:"]), *rows_of_names(self.clusters[number])]

    def _is_last(self, number: int) -> bool:
        return number == len(self.clusters) - 1

    def _label_error(self, number: int) -> float:
        """Where the name of some lines begins: below the last of them, above all others."""
        errors = [level.error for level in self.clusters[number]]
        return max(min(errors) if self._is_last(number) else max(errors), FLOOR)

    def _add_label(self, number: int) -> None:
        is_last = self._is_last(number)
        self.figure.add_annotation(
            **{"x": 0, "xref": "x domain", "xanchor": "left", "xshift": 6, "showarrow": False},
            y=math.log10(self._label_error(number)),  # on a logarithmic axis, Plotly places by the logarithm
            yanchor="top" if is_last else "bottom",
            yshift=-5 if is_last else 3,
            text="<br>".join(self._rows(number)),
            align="left",
            font={"size": TEXT},
        )

    # The curve and its marks

    def _add_path(self) -> None:
        """The line through all places that are on the scale, and a small dot at each mixed model."""
        color, drawn = KIND_COLORS["ib"], self.on_scale
        line = {"color": color, "width": 2}
        self._add(
            [p.bits for p in drawn],
            [p.error for p in drawn],
            mode="lines",
            line=line,
            hoverinfo="skip",
            cliponaxis=True,
        )
        mixed = [place for place in drawn if place.is_mixed]  # at trained models, a click is for their marks
        self._add(
            [place.bits for place in mixed],
            [place.error for place in mixed],
            mode="markers",
            marker={"size": 6, "color": color, "opacity": 1},
            hovertemplate=[f"{place.text}<extra></extra>" for place in mixed],
        )

    def _add_marks(self) -> None:
        """The models with a likelihood: filled ones that can be clicked, and open ones."""
        for is_open in (True, False):
            some = [mark for mark in self.marks if (mark.id is None) == is_open]
            colors, symbols = [mark.color for mark in some], [mark.symbol for mark in some]
            edge = {"color": colors, "width": 2} if is_open else {"color": NEUTRAL, "width": 1.5}
            look = {"size": 12 if is_open else 15, "color": colors, "symbol": symbols, "opacity": 1, "line": edge}
            self._add(
                [self.scale.shown(mark.bits) for mark in some],
                [mark.error for mark in some],
                mode="markers",
                marker=look,
                customdata=None if is_open else [mark.id for mark in some],
                hovertemplate=[self._hover(mark) for mark in some],
            )

    def _hover(self, mark: Mark) -> str:
        off = "" if self.scale.shown(mark.bits) == mark.bits else " (off the scale)"
        lines = [f"<b>{plotly_text(mark.title)}</b>", f"test error {percent(mark.error)}"]
        lines += [f"{mark.bits:.2f} bits/dim{off}", mark.note, "click to choose it" if mark.id else ""]
        return "<br>".join(filter(None, lines)) + "<extra></extra>"

    def _add_ring(self) -> None:
        found = [(self.scale.shown(m.bits), m.error) for m in self.marks if m.id is not None and m.id == self.selected]
        for cluster in self.clusters:
            starts = ((self._start(index), level) for index, level in enumerate(cluster))
            found += [(x, level.error) for x, level in starts if level.id == self.selected]
        ring = {"symbol": "circle-open", "size": 27, "color": ACCENT, "line": {"width": 3.5}}
        for x, y in found:
            self._add([x], [y], uid="ring", mode="markers", marker=ring, hoverinfo="skip")

    # Their names

    def _add_names(self) -> None:
        """Names beside the marks, as far as there is room; those that only a wide figure has room for in a trace apart.

        At any width the chosen model and the ends of the curve have one. Then come the others, where it is wide, and of
        these the ones that keep clear of one another where it is narrow.
        """
        marks = self.marks
        chosen = next((i for i, mark in enumerate(marks) if mark.id is not None and mark.id == self.selected), -1)
        preferred = [_sides(mark) for mark in marks]
        first = [sides if i == chosen or _rank(marks[i]) == 0 else () for i, sides in enumerate(preferred)]
        fixed = self._placed(NARROW, first, chosen)
        sides = self._placed(
            self.width, [(one,) if one else all for one, all in zip(fixed, preferred, strict=True)], chosen
        )
        # A model of the curve without room beside its mark has its name farther above: beyond a line that lies near.
        far = [i for i, mark in enumerate(marks) if not sides[i] and _rank(mark) < 2]
        above = [ABOVE if i in far else (one,) if one else () for i, one in enumerate(sides)]
        sides = self._placed(self.width, above, chosen, far)
        narrow = self._placed(NARROW, [(one,) if one else () for one in sides], chosen, far, with_line=False)
        for some in (narrow, [a if not b else None for a, b in zip(sides, narrow, strict=True)]):
            new = [i for i, side in enumerate(some) if side]
            self._add(
                [self.scale.shown(marks[i].bits) for i in new] or [None],  # so that the trace is there
                [marks[i].error for i in new],
                mode="markers+text",  # the marks keep the names at a distance
                marker={"size": [26 if i == chosen else 44 if i in far else 14 for i in new], "opacity": 0},
                text=[_padded(plotly_text(marks[i].name), i == chosen) for i in new],
                textposition=[some[i] for i in new] or None,
                textfont={"size": TEXT},
                hoverinfo="skip",
            )

    def _placed(
        self,
        width: int,
        sides: Sequence[Sequence[str]],
        chosen: int,
        far: Collection[int] = (),
        with_line: bool = True,
    ) -> list[str | None]:
        """On which side of its mark each name stands in a figure of a width; ``None`` where there is no room."""
        low, high = self.scale.ends
        x = [(self.scale.shown(item.bits) - low) / (high - low) * width for item in (*self.marks, *self.on_scale)]
        y = [self._up(item.error) for item in (*self.marks, *self.on_scale)]
        count, line = len(self.marks), [""] * len(self.on_scale)
        stop = (self.scale.line_end - low) / (high - low) * width
        found = place_names(
            [plotly_text(mark.name) if sides[i] else "" for i, mark in enumerate(self.marks)] + line,
            np.column_stack([x, y]),
            chosen,
            range(count, len(x)) if with_line else (),
            letter=LETTER,
            sides=[*sides, *[()] * len(line)],
            obstacles=[(0.0, self.height - 82.0, width + TOOLBAR, math.inf), *self._boxes(stop)],
            ends=(0, width + TOOLBAR),
            halves=[2 * DOT if i == chosen else 3 * DOT if i in far else DOT for i in range(len(x))],
            ranks=[*map(_rank, self.marks), *[0] * len(line)],
        )
        return found[:count]

    def _boxes(self, stop: float) -> list[tuple[float, float, float, float]]:
        """Of the lines of models without a likelihood, which end at ``stop``, and of their names."""
        heights = [self._up(level.error) for cluster in self.clusters for level in cluster]
        boxes = [(0.0, at - 2, stop, at + 2) for at in heights]
        for number in range(len(self.clusters)):
            edge, rows = self._up(self._label_error(number)), self._rows(number)
            size = ROW * len(rows) + 5
            bottom = edge - size if self._is_last(number) else edge
            boxes.append((0.0, bottom, 20 + LETTER * max(map(len, rows)), bottom + size))
        return boxes


def _rank(mark: Mark) -> float:
    """Whose name comes first: the ends of the curve, its other models from left to right, the rest, the paper's."""
    if mark.id is None:
        return 3
    if mark.symbol != CIRCLE:
        return 2
    return 1 + 1e-3 * mark.bits if mark.name[-1:].isdigit() else 0


def _sides(mark: Mark) -> tuple[str, ...]:
    """Where a name may stand: those of models that are beside the curve on the side where the curve is not."""
    if mark.symbol == CIRCLE or mark.id is None:
        return tuple(ALL_SIDES)
    return ("middle left", "middle right", "bottom left", "top left", *ALL_SIDES)


def _padded(name: str, is_bold: bool) -> str:
    """A name with a little room beside the mark."""
    return f"\u2005<b>{name}</b>\u2005" if is_bold else f"\u2005{name}\u2005"
