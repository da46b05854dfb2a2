"""The paper's Tables 1 and 2 with our own models: every number measured here, or said not to be.

A table is plain JSON values (``docs/table1.json``): its ``number`` in the paper, ``columns``, ``rows`` of ``cells`` by
the columns' keys, the ``test_set`` and the ``sets`` of images. A cell holds ``ours`` (``None`` and ``why`` where it
cannot be measured) and ``paper``, as printed. The row of a model whose weights are not in the repository's folder says
that it is from ``elsewhere``. The ``curves`` behind the detection scores are written to a file of their own.
"""

import hashlib
from collections.abc import Callable, Iterable

import numpy as np

from ... import checkpoint as registry
from ...data import ood
from ...data.datasets import DATASETS, DEFAULT
from ...measures import Measure, on
from ...measures.scores import detection_curve
from ...models.kinds import OWN_FLOW
from ...models.preprocessing import Noise, bits_per_dim
from ...places import CHECKPOINTS
from ..metrics import Measured, score_images
from ..out_of_distribution import sets_here
from . import paper
from .columns import QUALITY, SET_TITLES, columns_of

Cell = float | str  # a number in the unit of its column, or why there is none
Curves = dict[str, list[float]]  # ROC curves by the name of the set: the share of its images found at each rate
POINTS = 101  # rates of false alarms, from 0 to 1
CURVE_DIGITS = 4  # after the point: a ten thousandth is one of ten thousand test images
DIGITS = 6  # after the point; more of a float32 model's numbers mean nothing
ABSENT, NO_CHECKPOINT, NO_LIKELIHOOD = "not on this machine", "no checkpoint", "no likelihood"
NEVER_SURE = "none above 99.7 %"
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
        cells, curves[entry.id] = _measured(entry, images, labels, sets, say)
        rows.append(_row(entry, cells, printed))
    named = {row["paper_row"] for row in rows}
    rows += [_paper_only(name, printed) for name in printed.rows if name not in named]
    return {
        "number": printed.number,
        "data_set": dataset,
        "own_split": next((list(entry.own_split) for entry in checkpoints if entry.own_split), None),
        "source": printed.source,
        "bits_correction": paper.BITS_CORRECTION,
        "test_set": _set_entry(images, f"{dataset} test images at hand"),
        "sets": {name: _set_entry(pixels, SET_TITLES[name]) for name, pixels in sets.items()},
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


def measure_cells(
    test: Measured,
    labels: np.ndarray,
    sets: dict[str, Measured],
    reference: np.ndarray | None,
    dims: int,
    noise: Noise,
    every: Iterable[str] = tuple(ood.SETS),
) -> dict[str, Cell]:
    """The cells of one model, by how it sees the test set with its ``labels`` and the sets out of the distribution.

    ``reference`` is log q(x) of held-out training images; ``every`` are the names of the sets that have cells, on this
    machine or not.
    """
    given = {"posterior": test.posterior, "labels": labels, "log_prob": test.log_prob, "reference": reference}
    given["bits"] = None if test.log_prob is None else bits_per_dim(test.log_prob.astype(np.float64), dims, noise)
    cells: dict[str, Cell] = {measure.key: _cell_of(measure, given) for measure in QUALITY}
    for measure in on("sets"):
        found: dict[str, Cell] = dict.fromkeys(every, ABSENT)
        for name, seen in sets.items():
            of_set = {"ood_posterior": seen.posterior, "ood_log_prob": seen.log_prob}
            found[name] = _cell_of(measure, given | of_set)
        cells[f"{measure.key}.average"] = _average(measure, found)
        cells |= {f"{measure.key}.{name}": cell for name, cell in found.items()}
    return cells


def _cell_of(measure: Measure, given: dict) -> Cell:
    """A model that breaks down on some images is no reason to give up: its cell says so in a few words."""
    values = [given[name] for name in measure.of]
    if any(value is None for value in values):
        return NO_LIKELIHOOD
    for value in values:
        bad = ~np.isfinite(value.reshape(len(value), -1)).all(1)
        if bad.any():
            return f"not finite on {bad.sum()} images"
    found = measure.compute(given)
    if found is None:
        return NEVER_SURE
    return measure.shown(found) if np.isfinite(found) else "not finite"


def _average(measure: Measure, cells: dict[str, Cell]) -> Cell:
    """Over the sets, as in the paper: the arithmetic mean of entropies, the geometric one of detection scores."""
    values = [cells[name] for name in averaged_sets([name for name, cell in cells.items() if cell != ABSENT])]
    numbers = [value for value in values if not isinstance(value, str)]
    if len(numbers) < len(values):
        return next(value for value in values if isinstance(value, str))
    if not numbers:
        return ABSENT
    return float(np.prod(numbers) ** (1 / len(numbers)) if measure.key == "detection" else np.mean(numbers))


def measure_curves(test: Measured, sets: dict[str, Measured], reference: np.ndarray | None) -> Curves:
    """The curves of one model; none without a likelihood, and none where one is not finite."""
    if test.log_prob is None or reference is None or not np.isfinite(test.log_prob).all():
        return {}
    return {
        name: detection_curve(test.log_prob, found.log_prob, reference, POINTS).round(CURVE_DIGITS).tolist()
        for name, found in sets.items()
        if found.log_prob is not None and np.isfinite(found.log_prob).all()
    }


def _measured(
    entry: registry.Checkpoint,
    images: np.ndarray,
    labels: np.ndarray,
    sets: dict[str, np.ndarray | None],
    say: Callable[[str], object],
) -> tuple[dict[str, Cell], Curves]:
    """The cells of one model, by the keys of :func:`.columns.columns_of`, and the curves of its detection."""
    model = registry.load(entry)
    say(f"  the test set, {len(images)} images")
    test, scores = score_images(model, images), {}
    for name, pixels in sets.items():
        if pixels is not None:
            say(f"  {name}, {len(pixels)} images")
            scores[name] = score_images(model, pixels)
    reference = entry.latent["reference"] if model.has_likelihood else None
    cells = measure_cells(test, labels, scores, reference, images[0].size, model.noise, sets)
    return cells, measure_curves(test, scores, reference)


def _row(entry: registry.Checkpoint, cells: dict[str, Cell], printed: paper.Table) -> dict:
    name = paper.row_name(entry.objective, entry.gamma, entry.model, printed.dataset)
    return {
        "id": entry.id,
        "title": (paper.TITLES[name] if name else _title(entry))
        + (", from scratch" if entry.learned_only_classes else ""),
        "objective": entry.objective,
        "gamma": "inf" if entry.gamma == float("inf") else entry.gamma,
        **({} if entry.power is None else {"power": entry.power}),
        **({} if entry.path.parent in CHECKPOINTS else {"elsewhere": True}),
        "paper_row": name,
        "cells": _cells(cells, name, printed),
    }


def _paper_only(name: str, printed: paper.Table) -> dict:
    nothing = dict.fromkeys(("objective", "gamma"))
    return {"id": None, "title": paper.TITLES[name], **nothing, "paper_row": name, "cells": _cells({}, name, printed)}


def _cells(found: dict[str, Cell], name: str | None, printed: paper.Table) -> dict[str, dict]:
    keys = [column.key for column in columns_of(printed.dataset)]
    return {key: _cell(found.get(key, NO_CHECKPOINT), name, key, printed) for key in keys}


def _title(entry: registry.Checkpoint) -> str:
    names = {"ib": "IB-INN", "vib": "VIB", "cross-entropy": entry.model}
    name = names.get(entry.objective, entry.objective)
    if entry.model == OWN_FLOW:
        name = entry.config["training"]["architecture"]["builder"]
    return name if entry.gamma is None else f"{name}, γ = {entry.gamma:g}"


def _cell(ours: Cell, name: str | None, key: str, printed: paper.Table) -> dict:
    measured = not isinstance(ours, str)
    cell = {"ours": round(ours, DIGITS) if measured else None, "why": None if measured else ours}
    cell["paper"] = paper.printed(name, key, printed.dataset)
    cell["in_paper"] = name is not None and key in printed.rows[name]  # a dash there, or no such row or column
    comparable = paper.comparable(name, key, printed.dataset)
    if paper.is_corrected(key) and comparable is not None:
        cell["paper_corrected"] = comparable
    return cell


def _set_entry(pixels: np.ndarray | None, title: str) -> dict:
    if pixels is None:
        return {"title": title, "images": None, "why": ABSENT}
    data = f"{pixels.dtype}{pixels.shape}".encode() + np.ascontiguousarray(pixels).tobytes()
    digest = hashlib.sha256(len(data).to_bytes(8, "little") + data).hexdigest()
    return {"title": title, "images": len(pixels), "pixels": digest[:16]}
