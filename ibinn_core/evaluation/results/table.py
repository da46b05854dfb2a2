"""The paper's Tables 1 and 2 with our own models: every number measured here, or said not to be.

A table is plain JSON values (``docs/table1.json``): ``columns``, ``rows`` of ``cells`` by the columns' keys, the
``test_set`` and the ``sets`` of images. A cell holds ``ours`` (``None`` and ``why`` where it
cannot be measured) and ``paper``, as printed. The row of a model whose weights are not in the repository's folder says
that it is from ``elsewhere``. The ``curves`` behind the detection scores are written to a file of their own.
"""

from collections.abc import Callable, Iterable, Mapping

import numpy as np

from ... import checkpoint as registry
from ...data import ood
from ...data.datasets import DATASETS, DEFAULT
from ...measures import Measure, on
from ...measures.scores import detection_curve
from ...models.preprocessing import bits_per_dim
from ...places import CHECKPOINTS
from ..metrics import Measured, score_images
from ..out_of_distribution import sets_here
from . import paper
from .columns import QUALITY, SET_TITLES, columns_of

Cell = float | str  # a number in the unit of its column, or why there is none
POINTS = 101  # rates of false alarms, from 0 to 1
CURVE_DIGITS = 4  # after the point: a ten thousandth is one of ten thousand test images
DIGITS = 6  # after the point; more of a float32 model's numbers mean nothing
ABSENT, NO_CHECKPOINT, NO_LIKELIHOOD = "not on this machine", "no checkpoint", "no likelihood"
NOT_FINITE, NEVER_SURE = "not finite", "none above 99.7 %"
OTHER_CIFAR = ("cifar100", "cifar10")  # of which a data set has one for an out-of-distribution set


def load_sets(
    test_images: np.ndarray, say: Callable[[str], object] = print, dataset: str = DEFAULT
) -> dict[str, np.ndarray | None]:
    """Every set out of the distribution of a data set, ``None`` where it is not on this machine.

    Raises:
        DatasetError: if one is there but damaged.
    """
    names = ood.sets_of(DATASETS[dataset])
    return dict.fromkeys(names) | dict(sets_here(DATASETS[dataset], test_images, say))


def build_table(
    checkpoints: list[registry.Checkpoint],
    images: np.ndarray,
    labels: np.ndarray,
    sets: dict[str, np.ndarray | None],
    say: Callable[[str], object] = print,
    dataset: str = DEFAULT,
) -> dict:
    """Measures checkpoints of a data set and puts them beside the paper's table of it; see the module.

    The test set is uint8 ``(N, 32, 32, 3)``, ``sets`` are those of :func:`load_sets`.
    """
    printed = paper.TABLES[dataset]
    rows, curves = [], {}
    for number, entry in enumerate(checkpoints, 1):
        say(f"{entry.id}, {number} of {len(checkpoints)}")
        given, seen = _scores(entry, images, labels, sets)
        cells = measure_cells(given, seen)
        curves[entry.id] = _curves(given, seen, cells)
        rows.append(_row(entry, cells, printed))
    named = {row["paper_row"] for row in rows}
    for name in printed.rows:
        if name not in named:
            cells = _cells({}, name, printed)
            rows.append({"id": None, "title": paper.TITLES[name], "paper_row": name, "cells": cells})
    return {
        "data_set": dataset,
        "own_split": next((list(entry.own_split) for entry in checkpoints if entry.own_split), None),
        "source": printed.source,
        "bits_correction": paper.BITS_CORRECTION,
        "test_set": {"images": len(images)},
        "sets": {
            name: {"title": SET_TITLES[name], "images": None if pixels is None else len(pixels)}
            for name, pixels in sets.items()
        },
        "averaged": averaged_sets([name for name, pixels in sets.items() if pixels is not None]),
        "columns": [
            {"key": one.key, "title": one.heading or one.name, "unit": one.unit, "better": one.better}
            for one in columns_of(dataset)
        ],
        "rows": rows,
        "curves": {"false_alarms": np.linspace(0, 1, POINTS).round(CURVE_DIGITS).tolist(), "models": curves},
    }


def averaged_sets(present: Iterable[str]) -> list[str]:
    """The sets that averages run over: those of the paper that are there, the other CIFAR in ImageNet's place."""
    other = next((name for name in OTHER_CIFAR if name in present), "imagenet")
    names = [name if name in present or name != "imagenet" else other for name in ood.PAPER_SETS]
    return [name for name in names if name in present]


def measure_cells(given: dict, sets: Mapping[str, Measured | None]) -> dict[str, Cell]:
    """The cells of one model, by the keys of :func:`.columns.columns_of`.

    Arguments:
        given: what the measures take of the test set, by name; ``None`` for what the model does not have.
        sets: what the model makes of the sets out of the distribution; ``None`` for one that is not here.
    """
    cells: dict[str, Cell] = {measure.key: _cell_of(measure, given) for measure in QUALITY}
    for measure in on("sets"):
        found: dict[str, Cell] = dict.fromkeys(sets, ABSENT)
        for name, seen in sets.items():
            if seen is not None:
                of_set = {"ood_posterior": seen.posterior, "ood_log_prob": seen.log_prob}
                found[name] = _cell_of(measure, given | of_set)
        cells[f"{measure.key}.average"] = _average(measure, found)
        cells |= {f"{measure.key}.{name}": cell for name, cell in found.items()}
    return cells


def _cell_of(measure: Measure, given: dict) -> Cell:
    """A model that breaks down on some images is no reason to give up: its cell says so."""
    values = [given[name] for name in measure.of]
    if any(value is None for value in values):
        return NO_LIKELIHOOD
    if not all(np.isfinite(value).all() for value in values):
        return NOT_FINITE
    found = measure.compute(given)
    return NEVER_SURE if found is None else measure.shown(found)


def _average(measure: Measure, cells: dict[str, Cell]) -> Cell:
    """Over the sets, as in the paper: the arithmetic mean of entropies, the geometric one of detection scores."""
    values = [cells[name] for name in averaged_sets([name for name, cell in cells.items() if cell != ABSENT])]
    numbers = [value for value in values if not isinstance(value, str)]
    if not numbers or len(numbers) < len(values):
        return next((value for value in values if isinstance(value, str)), ABSENT)
    return float(np.prod(numbers) ** (1 / len(numbers)) if measure.key == "detection" else np.mean(numbers))


def _scores(
    entry: registry.Checkpoint, images: np.ndarray, labels: np.ndarray, sets: dict[str, np.ndarray | None]
) -> tuple[dict, dict[str, Measured | None]]:
    """What :func:`measure_cells` takes of one model."""
    model = registry.load(entry)
    test = score_images(model, images)
    given = {"posterior": test.posterior, "labels": labels, "log_prob": test.log_prob, "reference": None, "bits": None}
    if test.log_prob is not None:
        given["reference"] = entry.latent["reference"]
        given["bits"] = bits_per_dim(test.log_prob.astype(np.float64), images[0].size, model.noise)
    return given, {name: None if some is None else score_images(model, some) for name, some in sets.items()}


def _curves(given: dict, sets: Mapping[str, Measured | None], cells: dict[str, Cell]) -> dict[str, list[float]]:
    """The ROC curves of one model where its cells have detection scores: the share of a set found at each rate."""
    return {
        name: detection_curve(given["log_prob"], seen.log_prob, given["reference"], POINTS).round(CURVE_DIGITS).tolist()
        for name, seen in sets.items()
        if seen is not None and seen.log_prob is not None and not isinstance(cells[f"detection.{name}"], str)
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


def _cells(found: dict[str, Cell], name: str | None, printed: paper.Table) -> dict[str, dict]:
    keys = [column.key for column in columns_of(printed.dataset)]
    return {key: _cell(found.get(key, NO_CHECKPOINT), name, key, printed) for key in keys}


def _title(entry: registry.Checkpoint) -> str:
    name = {"ib": "IB-INN", "vib": "VIB"}.get(entry.objective, entry.id)
    return name if entry.gamma is None else f"{name}, γ = {entry.gamma:g}"


def _cell(ours: Cell, name: str | None, key: str, printed: paper.Table) -> dict:
    measured = not isinstance(ours, str)
    cell = {"ours": round(ours, DIGITS) if measured else None, "why": None if measured else ours}
    cell["paper"], comparable = (of(name, key, printed.dataset) for of in (paper.printed, paper.comparable))
    cell["in_paper"] = name is not None and key in printed.rows[name]  # a dash there, or no such row or column
    if comparable != cell["paper"]:
        cell["paper_corrected"] = comparable
    return cell
