"""What the picture of the trade-off shows of the models here and of the paper's: numbers in, marks out."""

import math
from collections.abc import Mapping, Sequence

from app.figures.family_curve import Level, Mark, Place
from app.figures.metrics import look_of
from app.table1.measures import FAMILIES, Line, family_of
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.models.kinds import gamma_text
from ibinn_core.weight_space import Place as MeasuredPlace

GAMMA = "γ = "
CLASS_NLL = "class-NLL, "
UNTAUGHT = "never saw a label: its error is that of a guess"


def marks_of(
    models: Sequence[Checkpoint], names: Mapping[str, str], colors: Mapping[str, str], selected: str | None
) -> list[Mark]:
    """The models that have a likelihood; along the curve a number is γ, written out at its first and at the chosen one.

    Arguments:
        models: any; those without a likelihood are left out.
        names: for people, by id.
        colors: by id.
        selected: id of the chosen model.
    """
    marks = []
    is_first = True
    for model in (m for m in models if m.has_likelihood):
        name = title = names[model.id]
        if name.startswith(GAMMA):
            name = name if is_first or model.id == selected else name.removeprefix(GAMMA)
            is_first = False
        name = name.removeprefix(CLASS_NLL)  # that name stands beside it
        marks.append(
            Mark(
                id=model.id,
                name=name,
                title=title,
                error=model.card["error"],
                bits=model.card["bits_per_dim"]["mean"],
                color=colors[model.id],
                symbol=look_of(family_of(model))[1],
                note=UNTAUGHT if model.gamma == 0 else "",
                gamma=model.gamma,
            )
        )
    return marks


def levels_of(models: Sequence[Checkpoint], names: Mapping[str, str]) -> list[Level]:
    """The models without a likelihood.

    Arguments:
        models: any; those with a likelihood are left out.
        names: for people, by id.
    """
    return [
        Level(m.id, FAMILIES[family_of(m)], names[m.id], m.card["error"], *look_of(family_of(m)))
        for m in models
        if not m.has_likelihood
    ]


def paper_marks(lines: Sequence[Line]) -> list[Mark]:
    """The paper's models that have an error and bits/dim, these by the common definition.

    Arguments:
        lines: any; those of the models here are left out.
    """
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


def places_of(curve: Sequence[MeasuredPlace], models: Sequence[Checkpoint], names: Mapping[str, str]) -> list[Place]:
    """The places of the curve; without a measured one, the trained models with a γ.

    Arguments:
        curve: the measured places, by γ; may be empty.
        models: of the data set.
        names: for people, by id.
    """
    if not curve:
        family = sorted((m for m in models if m.has_likelihood and m.gamma is not None), key=lambda m: m.gamma or 0.0)
        return [Place(m.card["error"], m.card["bits_per_dim"]["mean"], names[m.id], False) for m in family]
    return [Place(p.error, p.bits_per_dim, _text_of(p, names), p.share > 0) for p in curve]


def _text_of(place: MeasuredPlace, names: Mapping[str, str]) -> str:
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
