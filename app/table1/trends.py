"""What γ does to the measures, in sentences that are true of the models at hand."""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from app.figures.metrics import Line, Measure
from app.table1.measures import sure_in_words
from app.widgets.markdown import markdown_text
from ibinn_core.evaluation.scores import SURE
from ibinn_core.models.kinds import gamma_text

#: What a measure may go back by while it rises or falls: this share of its range, and at least a unit of the last digit
#: that is shown.
TOLERANCE = 0.05
NEGLIGIBLE = 0.05  # of the larger end: a smaller range is no change
MOST = 2  # legs that a sentence can follow
FEWEST = 10  # wrong predictions of each model, below which chance decides on its overconfidence


class Trend(NamedTuple):
    """How a measure runs over the finite γ of a family."""

    directions: tuple[str, ...]  # "rises" and "falls" in turn, one for each leg; none where it hardly changes
    corners: list[tuple[str, float]]  # name and value where each leg begins, and where the last one ends
    best: tuple[str, float]  # name and value of the best model
    worst: tuple[str, float]  # of the worst


def trend_of(
    line: Line, measure: Measure, with_limits: bool = False, within: tuple[float, float] = (0, math.inf)
) -> Trend | None:
    """The trend, or ``None`` with fewer than two models whose γ count: those within two, and limits if asked for."""
    known = [
        (gamma, markdown_text(name), value)
        for gamma, name, value in zip(line.gammas, line.names, line.values[measure.key], strict=True)
        if not math.isnan(value) and (with_limits or 0 < gamma < math.inf) and within[0] <= gamma <= within[1]
    ]
    if len(known) < 2:
        return None
    known.sort(key=lambda entry: entry[0])
    pairs = [(name, value) for _, name, value in known]
    low, high = (choose(pairs, key=lambda pair: pair[1]) for choose in (min, max))
    best, worst = (low, high) if measure.better == "lower" else (high, low)
    values = [value for _, value in pairs]
    turns = corners_of(values, tolerance_of(values, measure.digits))
    directions = tuple("rises" if values[b] > values[a] else "falls" for a, b in pairwise(turns))
    return Trend(directions, [pairs[turn] for turn in turns], best, worst)


def tolerance_of(values: Sequence[float], digits: int) -> float:
    """By how much some values may go back on a leg: see :data:`TOLERANCE`; all of it where they hardly change."""
    low, high = min(values), max(values)
    if high - low <= NEGLIGIBLE * max(abs(low), abs(high)):
        return math.inf
    return max(TOLERANCE * (high - low), 10.0**-digits)


def corners_of(values: Sequence[float], tolerance: float) -> list[int]:
    """Where legs begin and end on which values, at least one, rise or fall, going back by ``tolerance`` at most.

    Of two neighbouring corners the values differ by more than that, and so does no value before the first or after the
    last from that of its corner. Empty if there is no such leg.
    """
    low = high = 0  # rows of the extremes since the last corner
    corners: list[int] = []
    sign = 0  # 1 on a leg that rises, -1 on one that falls
    for row, value in enumerate(values):
        low, high = (row if value < values[low] else low), (row if value > values[high] else high)
        if sign >= 0 and values[high] - value > tolerance:
            corners.append(high)
            low, sign = row, -1
        elif sign <= 0 and value - values[low] > tolerance:
            corners.append(low)
            high, sign = row, 1
    if not corners:
        return []
    corners.append(high if sign > 0 else low)
    # Both ends of the series rather than an extreme near to one, as far as they are a leg apart from the next corner.
    for end, row in ((-1, len(values) - 1), (0, 0)):
        neighbour = corners[-2 if end else 1]
        rises = values[corners[end]] > values[neighbour]
        if (values[row] - values[neighbour]) * (1 if rises else -1) > tolerance:
            corners[end] = row
    return corners


def sentences(measures: Sequence[Measure], lines: Sequence[Line]) -> list[str]:
    """A sentence for each measure: how it runs for the IB-INNs here, and whether it does so in the paper.

    Without lines of the paper, which has none of other data than CIFAR-10 and CIFAR-100, nothing is said about it.
    """
    ours = next((line for line in lines if line.family == "ib" and not line.is_paper), None)
    theirs = next((line for line in lines if line.family == "ib" and line.is_paper), None)
    found = []
    for measure in measures:
        trend = trend_of(ours, measure) if ours else None
        if ours and measure.key == "overconfidence" and (counts := _few_counts(ours)):
            found.append(
                f"**{measure.title}**: too few of the predictions above {SURE:.1%} are wrong to compare by: {counts}."
            )
        elif ours and trend:
            found.append(_sentence(measure, trend, _in_the_paper(measure, trend, ours, theirs) if theirs else ""))
    return found


def _few_counts(line: Line) -> str:
    """What the overconfidence of the finite γ rests on, in words; empty where that is enough to compare by."""
    counts = [
        (markdown_text(name), sure)
        for gamma, name, sure in zip(line.gammas, line.names, line.sure, strict=bool(line.sure))
        if 0 < gamma < math.inf
    ]
    if all(sure.wrong >= FEWEST for _, sure in counts):
        return ""
    return sure_in_words(counts)


def against_discriminative(lines: Sequence[Line], measures: Mapping[str, Measure]) -> str:
    """How classifiers without a likelihood compare with the best IB-INN, in sentences; empty if there are none."""
    ours = next((line for line in lines if line.family == "ib" and not line.is_paper), None)
    rivals = [line for line in lines if not line.is_paper and line.family in ("vib", "resnet", "i-revnet")]
    found = []
    for key, name in (
        ("error", "Test error"),
        ("calibration.geometric_mean", "Geometric mean of ECE, MCE and ICE over all classes"),
    ):
        measure = measures[key]
        trend = trend_of(ours, measure, with_limits=True) if ours else None
        theirs = [text for line in rivals if (text := _span(line, measure))]
        if theirs and trend:
            best = f"{measure.text(trend.best[1])} at best ({trend.best[0]})"
            found.append(f"{name} without a likelihood: {', '.join(theirs)}; of the IB-INNs {best}.")
    return " ".join(found)


def _span(line: Line, measure: Measure) -> str:
    """What a family without a likelihood has, from its best to its worst model; empty where it is not measured."""
    known = sorted(value for value in line.values[measure.key] if not math.isnan(value))
    if not known:
        return ""
    low, high = measure.text(known[0]), measure.text(known[-1])
    return f"{markdown_text(line.name)} {high if low == high else f'{low} to {high}'}"


AGREES = "as in the paper"


def _in_the_paper(measure: Measure, trend: Trend, ours: Line, theirs: Line) -> str:
    """Whether a measure runs there as here, in words; where it does not, over the γ that the paper has."""
    printed = trend_of(theirs, measure, with_limits=True)
    if printed is None or printed.directions == trend.directions:
        return AGREES if printed else ""
    values = zip(theirs.gammas, theirs.values[measure.key], strict=True)
    known = [gamma for gamma, value in values if not math.isnan(gamma + value)]
    ends = min(known), max(known)
    there = f"from γ = {gamma_text(ends[0])} to γ = {gamma_text(ends[1])}"
    words = _in_words(printed.directions)
    here = trend_of(ours, measure, with_limits=True, within=ends)
    is_alike = here is not None and here.directions == printed.directions
    return f"{there} it {words}, {AGREES}" if is_alike else f"in the paper, {there}, it {words}"


def _sentence(measure: Measure, ours: Trend, paper: str) -> str:
    """How a measure runs here, and then what :func:`_in_the_paper` says."""
    if len(ours.directions) != 1:
        return f"**{measure.title}**: it {_course(measure, ours)}{paper and f'; {paper}'}."
    (direction,) = ours.directions
    agrees = f", {AGREES}," if paper == AGREES else ""
    text = f"{direction}{agrees} from {_at(measure, ours.corners[0])} to {_at(measure, ours.corners[1])}"
    is_inner = ours.best not in ours.corners
    best = f"; of the finite γ, {ours.best[0]} is best, {measure.text(ours.best[1])}" if is_inner else ""
    other = f"; {paper}" if paper and not agrees else ""
    return f"**{measure.title}**: it {text}{best}{other}."


def _at(measure: Measure, pair: tuple[str, float]) -> str:
    return f"{measure.text(pair[1])} at {pair[0]}"


def _course(measure: Measure, trend: Trend) -> str:
    """What a measure does that neither rises nor falls throughout."""
    low, high = (_at(measure, pair) for pair in sorted((trend.best, trend.worst), key=lambda pair: pair[1]))
    if not trend.directions:
        is_flat = trend.best[1] == trend.worst[1]
        return "hardly changes" + ("" if is_flat else f", between {low} and {high}")
    if len(trend.directions) > MOST:
        return f"goes up and down between {low} and {high}"
    first, *rest = (_at(measure, pair) for pair in trend.corners)
    begins = [f" from {first}", *[""] * (len(rest) - 1)]
    legs = zip(trend.directions, begins, rest, strict=True)
    return ", then ".join(f"{direction}{begin} to {corner}" for direction, begin, corner in legs)


def _in_words(directions: Sequence[str]) -> str:
    if len(directions) > MOST:
        return "goes up and down"
    return ", then ".join(directions) or "hardly changes"
