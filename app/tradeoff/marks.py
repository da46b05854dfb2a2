"""What the picture of the trade-off shows of the models here and of the paper's: numbers in, marks out."""

import math
from collections.abc import Mapping, Sequence

from app.figures.family_curve import Level, Mark, Place
from app.figures.metrics import Line, look_of
from app.palette import KIND_COLORS, NEUTRAL
from app.table1.measures import FAMILIES, family_of
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.models.kinds import gamma_text
from ibinn_core.weight_space import Point

GAMMA = "γ = "
CLASS_NLL = "class-NLL, "
UNTAUGHT = "never saw a label: its error is that of a guess"


def marks_of(models: Sequence[Checkpoint], names: Mapping[str, str], colors: Mapping[str, str]) -> list[Mark]:
    """Those models that have a likelihood, with names and colours by id."""
    return [
        Mark(
            id=model.id,
            name=names[model.id].removeprefix(CLASS_NLL),  # that name stands beside it
            title=names[model.id],
            error=model.card["error"],
            bits=model.card["bits_per_dim"]["mean"],
            color=colors[model.id],
            symbol=look_of(family_of(model))[1],
            note=UNTAUGHT if model.gamma == 0 else "",
            gamma=model.gamma,
        )
        for model in models
        if model.has_likelihood
    ]


def key_of(marks: Sequence[Mark], has_curve: bool) -> list[tuple[str, str, str]]:
    """What the kinds of marks are, those that are there: name, colour and Plotly symbol of each."""
    own = {mark.symbol for mark in marks if mark.id is not None}
    ib = any(mark.symbol.removesuffix("-open") == "circle" for mark in marks)
    entries = [("IB-INN, named by γ", KIND_COLORS["ib"], "circle")] if ib else []
    entries += [("mixed from two neighbours", KIND_COLORS["ib"], "dot")] if has_curve else []
    looks = {family: look_of(family) for family in FAMILIES if family != "ib"}
    entries += [(FAMILIES[family], look[0], look[1]) for family, look in looks.items() if look[1] in own]
    return [*entries, *([("open: the paper's", NEUTRAL, "circle-open")] if any(m.id is None for m in marks) else [])]


def levels_of(models: Sequence[Checkpoint], names: Mapping[str, str]) -> list[Level]:
    """Those models that have no likelihood, with names by id."""
    return [
        Level(m.id, FAMILIES[family_of(m)], names[m.id], m.card["error"], *look_of(family_of(m)))
        for m in models
        if not m.has_likelihood
    ]


def paper_marks(lines: Sequence[Line]) -> list[Mark]:
    """Of some lines the paper's models that have an error and bits/dim, these by the common definition."""
    marks = []
    for line in (line for line in lines if line.is_paper):
        color, symbol, _ = look_of(line.family)
        for i, name in enumerate(line.names):
            error, bits = line.values["error"][i], line.values["bits_per_dim"][i]
            if not (math.isnan(error) or math.isnan(bits)):
                short, note = _gamma_in_words(line.gammas[i]) or line.name, line.notes["bits_per_dim"][i]
                mark = Mark(None, f"paper: {short}", f"the paper's {name}", error / 100, bits, color, f"{symbol}-open")
                gamma = None if math.isnan(line.gammas[i]) else line.gammas[i]
                marks.append(mark._replace(note=note, gamma=gamma))
    return marks


def places_of(curve: Sequence[Point], models: Sequence[Checkpoint], names: Mapping[str, str]) -> list[Place]:
    """The places of the measured curve, by γ; if that is empty, the trained models with a γ; names by id."""
    if not curve:
        family = sorted((m for m in models if m.has_likelihood and m.gamma is not None), key=lambda m: m.gamma or 0.0)
        return [Place(m.card["error"], m.card["bits_per_dim"]["mean"], names[m.id], False) for m in family]
    return [Place(p.error, p.bits_per_dim, _text_of(p, names), p.share > 0) for p in curve]


def _text_of(place: Point, names: Mapping[str, str]) -> str:
    if place.share == 0:
        return names.get(place.left, place.left)
    left, right = (names.get(i, i) for i in (place.left, place.right))
    return (
        f"<b>γ = {gamma_text(place.gamma)}</b>, mixed<br>from {left} and {right}"
        f"<br>test error {100 * place.error:.1f} %<br>{place.bits_per_dim:.2f} bits/dim"
    )


def _gamma_in_words(gamma: float) -> str:
    """What a γ of the paper is called beside its mark; empty without one."""
    if math.isnan(gamma):
        return ""
    return {0.0: "only likelihood", math.inf: "only classes"}.get(gamma, f"{GAMMA}{gamma_text(gamma)}")
