"""What γ does to the measures, in sentences that are true of the models at hand."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from app.table1.measures import Line, Measure
from app.widgets.markdown import markdown_text

NEGLIGIBLE = 0.05  # of the larger end: less is no trend


class Trend(NamedTuple):
    """How a measure runs over the finite γ of a family.

    Attributes:
        direction: ``"rises"``, ``"falls"``, ``"hardly changes"`` or ``"goes up and down"``, from end to end.
        first, last: name and value at the smallest and the largest γ.
        best, worst: name and value of the best and of the worst model.
    """

    direction: str
    first: tuple[str, float]
    last: tuple[str, float]
    best: tuple[str, float]
    worst: tuple[str, float]


def trend_of(line: Line, measure: Measure, with_limits: bool = False) -> Trend | None:
    """The trend, or ``None`` with fewer than two models.

    Arguments:
        line: the models, in the order of γ.
        measure: whose values are compared.
        with_limits: whether γ = 0 and γ = ∞ count.
    """
    known = [
        (gamma, markdown_text(name), value)
        for gamma, name, value in zip(line.gammas, line.names, line.values[measure.key], strict=True)
        if not math.isnan(value) and not math.isnan(gamma) and (with_limits or 0 < gamma < math.inf)
    ]
    if len(known) < 2:
        return None
    known.sort(key=lambda entry: entry[0])
    pairs = [(name, value) for _, name, value in known]
    first, last = pairs[0], pairs[-1]
    low, high = (choose(pairs, key=lambda pair: pair[1]) for choose in (min, max))
    best, worst = (low, high) if measure.better == "lower" else (high, low)
    return Trend(_direction([value for _, value in pairs]), first, last, best, worst)


def sentences(measures: Sequence[Measure], lines: Sequence[Line]) -> list[str]:
    """A sentence for each measure: how it runs for the IB-INNs here, and whether it does so in the paper.

    Without lines of the paper, which are of CIFAR-10 alone, nothing is said about it.
    """
    ours = next((line for line in lines if line.family == "ib" and not line.is_paper), None)
    theirs = next((line for line in lines if line.family == "ib" and line.is_paper), None)
    found = []
    for measure in measures:
        trend = trend_of(ours, measure) if ours else None
        if trend:
            found.append(_sentence(measure, trend, trend_of(theirs, measure, with_limits=True) if theirs else None))
    return found


def against_discriminative(lines: Sequence[Line], measures: Mapping[str, Measure]) -> str:
    """How classifiers without a likelihood compare with the best IB-INN, in a sentence; empty if there are none."""
    parts = []
    for key, verb in (("error", "have a test error of"), ("calibration.geometric_mean", "have a calibration error of")):
        measure = measures[key]
        ib = next((line for line in lines if line.family == "ib" and not line.is_paper), None)
        trend = trend_of(ib, measure, with_limits=True) if ib else None
        values = [
            f"{measure.text(value)} ({markdown_text(name)})"
            for line in lines
            if not line.is_paper and line.family in ("vib", "resnet", "i-revnet")
            for name, value in zip(line.names, line.values[key], strict=True)
            if not math.isnan(value)
        ]
        if values and trend:
            parts.append(f"{verb} {', '.join(values)}, against {measure.text(trend.best[1])} ({trend.best[0]})")
    return f"The purely discriminative models {'; they '.join(parts)} for the best IB-INN." if parts else ""


def _direction(values: Sequence[float]) -> str:
    first, last = values[0], values[-1]
    if not _differ(first, last):
        return "goes up and down" if _differ(min(values), max(values)) else "hardly changes"
    return "rises" if last > first else "falls"


def _differ(a: float, b: float) -> bool:
    return abs(b - a) > NEGLIGIBLE * max(abs(a), abs(b))


def _sentence(measure: Measure, ours: Trend, theirs: Trend | None) -> str:
    ends = f"from {measure.text(ours.first[1])} at {ours.first[0]} to {measure.text(ours.last[1])} at {ours.last[0]}"
    inner = ours.best not in (ours.first, ours.last)
    best = f"; of the finite γ, {ours.best[0]} is best, {measure.text(ours.best[1])}" if inner else ""
    if ours.direction == "goes up and down":
        best += f"; {ours.worst[0]} is worst, {measure.text(ours.worst[1])}"
    if theirs is None:
        paper = ""
    elif theirs.direction == ours.direction:
        paper = ", as in the paper"
    else:
        paper = f", where in the paper it {theirs.direction}"
    return f"**{measure.title}**: it {ours.direction}{paper}, {ends}{best}."
