"""The paper's Tables 1 and 2 with our models; numbers are measured, or marked as not measured.

A table is plain JSON values (``docs/table1.json``). A cell has ``paper``, the printed number, and ``ours``. A number
that cannot be measured is ``None``; ``why`` is the reason. Rows of models outside the repository have ``elsewhere``.
"""

import numpy as np

from ... import checkpoint as registry
from ...data import ood
from ...data.datasets import DATASETS, DEFAULT
from ...measures import BY_KEY, Measure, on
from ...measures.scores import detection_curve
from ...places import CHECKPOINTS
from ..out_of_distribution import load_sets, score_sets
from . import paper
from .columns import SET_TITLES, columns_of

Cell = float | str  # a number in its column's unit, or the reason why there is none
Scores = dict[str, dict[str, np.ndarray]]  # scores of one model, from ``score_sets``
POINTS = 101  # number of false positive rates, from 0 to 1
CURVE_DIGITS = 4  # decimal places: 0.0001 is one of ten thousand test images
DIGITS = 6  # decimal places; more would mean nothing for a float32 model
ABSENT, NO_CHECKPOINT, NO_LIKELIHOOD = "not on this machine", "no checkpoint", "no likelihood"
NOT_FINITE, NEVER_SURE = "not finite", "none above 99.7 %"


def build_table(checkpoints: list[registry.Checkpoint], images: np.ndarray, dataset: str = DEFAULT) -> dict:
    """Measures checkpoints on out-of-distribution sets, and adds the paper's numbers.

    ``images`` are the test set, uint8 ``(N, 32, 32, 3)``. Raises a DatasetError for a damaged out-of-distribution set.
    """
    printed = paper.TABLES[dataset]
    rows, curves, sets = [], {}, load_sets(DATASETS[dataset], images)
    for number, entry in enumerate(checkpoints, 1):
        print(f"{entry.id}, {number} of {len(checkpoints)}")
        reference = entry.latent["reference"] if entry.has_likelihood else None
        scores = score_sets(registry.load(entry), images, sets, reference)
        rows.append(_row(entry, measure_cells(entry, scores, dataset), printed))
        curves[entry.id] = detection_curves(scores)
    named = {row["paper_row"] for row in rows}
    for name in printed.rows:
        if name not in named:
            cells = _cells({}, name, printed)
            rows.append({"id": None, "title": paper.TITLES[name], "paper_row": name, "cells": cells})
    return {
        "data_set": dataset,
        "custom_split": next((list(entry.custom_split) for entry in checkpoints if entry.custom_split), None),
        "source": printed.source,
        "bits_correction": paper.BITS_CORRECTION,
        "test_set": {"images": len(images)},
        "sets": {
            name: {"title": SET_TITLES[name], "images": len(sets[name]) if name in sets else None}
            for name in ood.sets_of(DATASETS[dataset])
        },
        "averaged": [name for name in ood.PAPER_SETS if name in sets],
        "columns": [
            {"key": one.key, "title": one.heading or one.name, "unit": one.unit, "better": one.better}
            for one in columns_of(dataset)
        ],
        "rows": rows,
        "curves": {"false_alarms": np.linspace(0, 1, POINTS).round(CURVE_DIGITS).tolist(), "models": curves},
    }


def measure_cells(entry: registry.Checkpoint, scores: Scores, dataset: str = DEFAULT) -> dict[str, Cell]:
    """Returns the cells of one model, by column key: numbers, or reasons why there is none."""
    cells: dict[str, Cell] = {}
    for measure in on("table"):
        value = measure.of_checkpoint(entry)
        missing = NEVER_SURE if measure.key == "overconfidence" else NO_LIKELIHOOD
        cells[measure.key] = missing if value is None else value
    broken = NOT_FINITE if entry.has_likelihood else NO_LIKELIHOOD
    for measure in on("sets"):
        found: dict[str, Cell] = dict.fromkeys(ood.sets_of(DATASETS[dataset]), ABSENT)
        for name, given in scores.items():
            value = measure.compute(given)
            found[name] = broken if value is None else measure.shown(value)
        cells[f"{measure.key}.average"] = _average(measure, found)
        cells |= {f"{measure.key}.{name}": cell for name, cell in found.items()}
    return cells


def _average(measure: Measure, cells: dict[str, Cell]) -> Cell:
    """Averages over the paper's sets: arithmetic mean of entropies, geometric mean of detection scores."""
    values = [cells[name] for name in ood.PAPER_SETS if cells[name] != ABSENT] or [ABSENT]
    if missing := next((value for value in values if isinstance(value, str)), None):
        return missing
    numbers = np.array(values, float)
    return float(numbers.prod() ** (1 / len(numbers)) if measure.key == "detection" else numbers.mean())


def detection_curves(scores: Scores) -> dict[str, list[float]]:
    """Computes the ROC curves of one model, by name of the set."""
    measure = BY_KEY["detection"]
    return {
        name: detection_curve(*(given[key] for key in measure.of), points=POINTS).round(CURVE_DIGITS).tolist()
        for name, given in scores.items()
        if given.keys() >= set(measure.of)
    }


def _row(entry: registry.Checkpoint, cells: dict[str, Cell], printed: paper.Table) -> dict:
    name = paper.row_name(entry.objective, entry.gamma, entry.model, printed.dataset)
    title = paper.TITLES[name] if name else _title(entry)
    return {
        "id": entry.id,
        "title": title + (", from scratch" if entry.learned_only_classes else ""),
        **({} if entry.power is None else {"power": entry.power}),
        **({} if entry.path.parent in CHECKPOINTS else {"elsewhere": True}),
        "paper_row": name,
        "cells": _cells(cells, name, printed),
    }


def _title(entry: registry.Checkpoint) -> str:
    name = {"ib": "IB-INN", "vib": "VIB"}.get(entry.objective, entry.id)
    return name if entry.gamma is None else f"{name}, γ = {entry.gamma:g}"


def _cells(found: dict[str, Cell], name: str | None, printed: paper.Table) -> dict[str, dict]:
    cells = {}
    for key in (column.key for column in columns_of(printed.dataset)):
        ours = found.get(key, NO_CHECKPOINT)
        measured = not isinstance(ours, str)
        cell = {"ours": round(ours, DIGITS) if measured else None, "why": None if measured else ours}
        cell["paper"] = paper.printed(name, key, printed.dataset)
        comparable = paper.comparable(name, key, printed.dataset)
        cell["in_paper"] = name is not None and key in printed.rows[name]  # true for a dash, false for an unknown cell
        cells[key] = cell if comparable == cell["paper"] else {**cell, "paper_corrected": comparable}
    return cells
