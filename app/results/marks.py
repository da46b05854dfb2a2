"""Marks of the trade-off figure for our models and the paper's, computed from numbers alone."""

import math
from collections.abc import Mapping, Sequence

from app.figures.family_curve import CurvePoint, Level, Mark
from app.inference.slider import gamma_text
from app.palette import KIND_COLORS, NEUTRAL
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.evaluation.results import paper
from ibinn_core.weight_space import Point

CLASS_NLL = "class-NLL, "
#: Name, Plotly symbol and line dash of each kind of model.
KINDS = {
    "ib": ("IB-INN", "circle", "solid"),
    "ib-scratch": ("γ = ∞, from scratch", "hexagon", "dot"),
    "class-nll": ("class-NLL", "diamond", "dash"),
    "class-nll-regularized": ("class-NLL, fixed μ", "diamond-tall", "longdash"),
    "own": ("your flows", "star-diamond", "longdashdot"),
    "vib": ("VIB", "square", "dot"),
    "resnet": ("ResNet", "triangle-up", "dashdot"),
    "i-revnet": ("i-RevNet", "triangle-down", "longdashdot"),
}
_PAPER_GAMMAS = {"ib-0": 0.0, "ib-0.1": 0.1, "ib-1": 1.0, "ib-inf": math.inf}


def kind_of(checkpoint: Checkpoint) -> str:
    """Returns a model's kind, one of :data:`KINDS`."""
    if checkpoint.learned_only_classes:
        return "ib-scratch"
    if checkpoint.gamma is not None:
        return checkpoint.objective
    return checkpoint.model if checkpoint.objective == "cross-entropy" else checkpoint.objective


def color_of(kind: str) -> str:
    """Returns the colour of a kind of model."""
    return KIND_COLORS.get(kind.removesuffix("-scratch"), NEUTRAL)


def marks_of(models: Sequence[Checkpoint], names: Mapping[str, str], colors: Mapping[str, str]) -> list[Mark]:
    """Returns the marks of the models with a likelihood; the keys of ``names`` and ``colors`` are ids."""
    return [
        Mark(
            id=model.id,
            name=names[model.id].removeprefix(CLASS_NLL),  # beside the mark
            title=names[model.id],
            error=model.card["error"],
            bits=model.card["bits_per_dim"]["mean"],
            color=colors[model.id],
            symbol=KINDS[kind_of(model)][1],
            note="never saw a label:<br>its error is that of a guess" if model.gamma == 0 else "",
            gamma=model.gamma,
        )
        for model in models
        if model.has_likelihood
    ]


def key_of(marks: Sequence[Mark], has_curve: bool) -> list[tuple[str, str, str]]:
    """Returns the legend: name, colour and Plotly symbol of each kind that is present."""
    own = {mark.symbol for mark in marks if mark.id is not None}
    ib = any(mark.symbol.removesuffix("-open") == "circle" for mark in marks)
    entries = [("IB-INN, named by γ", KIND_COLORS["ib"], "circle")] if ib else []
    entries += [("mixed from two neighbours", KIND_COLORS["ib"], "dot")] if has_curve else []
    entries += [(n, color_of(kind), symbol) for kind, (n, symbol, _) in KINDS.items() if kind != "ib" and symbol in own]
    return [*entries, *([("open: the paper's", NEUTRAL, "circle-open")] if any(m.id is None for m in marks) else [])]


def levels_of(models: Sequence[Checkpoint], names: Mapping[str, str]) -> list[Level]:
    """Returns the levels of the models without a likelihood; the keys of ``names`` are ids."""
    levels = []
    for model in (one for one in models if not one.has_likelihood):
        (name, symbol, dash), color = KINDS[kind_of(model)], color_of(kind_of(model))
        levels.append(Level(model.id, name, names[model.id], model.card["error"], color, symbol, dash))
    return levels


def paper_marks(table: paper.Table) -> list[Mark]:
    """Returns the marks of the paper's models with an error and bits/dim, converted to the common definition."""
    marks = []
    for row in table.rows:
        error, bits = (paper.comparable(row, key, table.dataset) for key in ("error", "bits_per_dim.mean"))
        if error is None or bits is None:
            continue
        gamma = _PAPER_GAMMAS.get(row)
        kind = row if gamma is None else "ib"
        name, symbol, _ = KINDS[kind]
        marks.append(
            Mark(
                id=None,
                name=f"paper: {name if gamma is None else f'γ = {gamma_text(gamma)}'}",
                title=f"the paper's {paper.TITLES[row]}",
                error=error / 100,
                bits=bits,
                color=color_of(kind),
                symbol=f"{symbol}-open",
                note=_correction(row, table.dataset),
                gamma=gamma,
            )
        )
    return marks


def places_of(curve: Sequence[Point], models: Sequence[Checkpoint], names: Mapping[str, str]) -> list[CurvePoint]:
    """Returns the measured points of the curve, or else the trained models with a γ; the keys of ``names`` are ids."""
    if not curve:
        family = sorted((m for m in models if m.has_likelihood and m.gamma is not None), key=lambda m: m.gamma or 0.0)
        return [
            CurvePoint(m.card["error"], m.card["bits_per_dim"]["mean"], names[m.id], False, m.gamma) for m in family
        ]
    return [CurvePoint(p.error, p.bits_per_dim, _text_of(p, names), p.share > 0, p.gamma) for p in curve]


def _text_of(place: Point, names: Mapping[str, str]) -> str:
    if place.share == 0:
        return names.get(place.left, place.left)
    left, right = (names.get(i, i) for i in (place.left, place.right))
    return (
        f"<b>γ = {gamma_text(place.gamma)}</b>, mixed<br>from {left} and {right}"
        f"<br>test error {100 * place.error:.1f} %<br>{place.bits_per_dim:.2f} bits/dim"
    )


def _correction(row: str, dataset: str) -> str:
    printed = paper.printed(row, "bits_per_dim.mean", dataset)
    if printed is None or printed == paper.comparable(row, "bits_per_dim.mean", dataset):
        return ""
    return f"printed as {printed:.2f},<br>by another definition"
