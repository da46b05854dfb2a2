"""The paper's Tables 1 and 2 with our own models: every number measured here, or said not to be.

A table is plain JSON values (``docs/table1.json``): its ``number`` in the paper, ``columns``, ``rows`` of ``cells`` by
the columns' keys, the ``test_set`` and the ``sets`` of images. A cell holds ``ours`` (``None`` and ``why`` where it
cannot be measured) and ``paper``, as printed. The row of a model whose weights are not in the repository's folder says
that it is from ``elsewhere``. The ``curves`` behind the detection scores are written to a file of their own.
"""

import hashlib
from collections.abc import Callable

import numpy as np

from ... import checkpoint as registry
from ...data import ood
from ...data.datasets import DATASETS, DEFAULT
from ...models.kinds import OWN_FLOW
from ...places import CHECKPOINTS
from ..measure import score_images
from ..out_of_distribution import sets_here
from . import paper
from .cells import ABSENT, CURVE_DIGITS, POINTS, Cell, Curves, averaged_sets, measure_cells, measure_curves
from .columns import SET_TITLES, Measure, columns_of

DIGITS = 6  # after the point; more of a float32 model's numbers mean nothing
NO_CHECKPOINT = "no checkpoint"


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
    printed, columns = paper.TABLES[dataset], columns_of(dataset)
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
        "columns": [column.description() for column in columns],
        "rows": rows,
        "curves": {"false_alarms": np.linspace(0, 1, POINTS).round(CURVE_DIGITS).tolist(), "models": curves},
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
    return {c.key: _cell(found.get(c.key, NO_CHECKPOINT), name, c, printed) for c in columns_of(printed.dataset)}


def _title(entry: registry.Checkpoint) -> str:
    names = {"ib": "IB-INN", "vib": "VIB", "cross-entropy": entry.model}
    name = names.get(entry.objective, entry.objective)
    if entry.model == OWN_FLOW:
        name = entry.config["training"]["architecture"]["builder"]
    return name if entry.gamma is None else f"{name}, γ = {entry.gamma:g}"


def _cell(ours: Cell, name: str | None, column: Measure, printed: paper.Table) -> dict:
    measured = not isinstance(ours, str)
    cell = {"ours": round(ours, DIGITS) if measured else None, "why": None if measured else ours}
    cell["paper"] = paper.printed(name, column.key, printed.dataset)
    cell["in_paper"] = name is not None and column.in_paper  # a dash there, or no such row or column
    comparable = paper.comparable(name, column.key, printed.dataset)
    if paper.is_corrected(column.key) and comparable is not None:
        cell["paper_corrected"] = round(comparable, 2)
    return cell


def _set_entry(pixels: np.ndarray | None, title: str) -> dict:
    if pixels is None:
        return {"title": title, "images": None, "why": ABSENT}
    return {"title": title, "images": len(pixels), "pixels": _digest(pixels)[:16]}


def _digest(pixels: np.ndarray) -> str:
    """A hash of the shape and the values."""
    data = f"{pixels.dtype}{pixels.shape}".encode() + np.ascontiguousarray(pixels).tobytes()
    return hashlib.sha256(len(data).to_bytes(8, "little") + data).hexdigest()
