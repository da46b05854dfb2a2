"""The paper's Table 1 with our own models: every number measured here, or said not to be.

A table is plain JSON values (``docs/table1.json``): ``columns``, ``rows`` of ``cells`` by the columns' keys,
the ``test_set`` and the ``sets`` of images. A cell holds ``ours`` (``None`` and ``why`` where it cannot be measured)
and ``paper``, as printed, both in the unit of the column. :mod:`.markdown` writes the same as Markdown. With a
table come the ``curves`` behind its detection scores (:mod:`.roc_curves`), which are written to a file of their own.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from ... import checkpoint as registry
from ...data import ood
from ...data.datasets import DEFAULT
from ...data.errors import DatasetNotFoundError
from ...models.kinds import OWN_FLOW
from ..measure import score_images
from . import paper
from .cache import Found, digest, file_bytes, program, read_cache, write_cache
from .cells import ABSENT, Cell, averaged_sets, measure_cells
from .columns import COLUMNS, SET_TITLES, Column
from .roc_curves import collect_curves, measure_curves

DATASET = DEFAULT
DIGITS = 6  # after the point; more of a float32 model's numbers mean nothing
_DECISIVE = (registry.WEIGHTS, registry.CONFIG, registry.LATENT)  # files that decide a model's numbers
NO_CHECKPOINT = "no checkpoint"


def load_sets(test_images: np.ndarray, say: Callable[[str], object] = print) -> dict[str, np.ndarray | None]:
    """Every set of :data:`ibinn_core.data.ood.SETS`, ``None`` where it is not on this machine.

    Raises:
        DatasetError: if one is there but damaged.
    """
    sets = {}
    for name in ood.SETS:
        try:
            sets[name] = ood.load(name, test_images)
        except DatasetNotFoundError as error:
            say(f"{name}: not measured. {error}")
            sets[name] = None
    return sets


def build_table(
    checkpoints: list[registry.Checkpoint],
    images: np.ndarray,
    labels: np.ndarray,
    sets: dict[str, np.ndarray | None],
    say: Callable[[str], object] = print,
    cache: Path | None = None,
) -> dict:
    """Measures checkpoints of CIFAR-10 and puts them beside the paper's Table 1; see the module for what comes out.

    The test set is uint8 ``(N, 32, 32, 3)``, ``sets`` are those of :func:`load_sets`. ``cache`` is a folder to keep
    each model's numbers in and take them from, where nothing at all has changed.
    """
    present = {name: pixels for name, pixels in sets.items() if pixels is not None}
    surroundings = digest(program(), images, labels, *present, *present.values())
    rows, curves = [], {}
    for number, entry in enumerate(checkpoints, 1):
        say(f"{entry.id}, {number} of {len(checkpoints)}")
        key = digest(surroundings, *(file_bytes(entry.path / name) for name in _DECISIVE))
        found = read_cache(cache, key)
        if found is None:
            found = measure_checkpoint(entry, images, labels, present, say)
            write_cache(cache, key, found)
        rows.append(_row(entry, found["cells"]))
        curves[entry.id] = found["curves"]
    named = {row["paper_row"] for row in rows}
    rows += [_paper_only(name) for name in paper.ROWS if name not in named]
    return {
        "source": paper.SOURCE,
        "bits_correction": paper.BITS_CORRECTION,
        "test_set": _set_entry(images, f"{DATASET} test images at hand"),
        "sets": {name: _set_entry(pixels, SET_TITLES[name]) for name, pixels in sets.items()},
        "averaged": averaged_sets(present),
        "columns": [column.description() for column in COLUMNS],
        "rows": rows,
        "curves": collect_curves(curves),
    }


def measure_checkpoint(
    entry: registry.Checkpoint,
    images: np.ndarray,
    labels: np.ndarray,
    sets: dict[str, np.ndarray],
    say: Callable[[str], object] = print,
) -> Found:
    """The cells of one model, by the keys of :data:`.columns.COLUMNS`, and the curves behind its detection scores."""
    model = registry.load(entry)
    say(f"  the test set, {len(images)} images")
    test, scores = score_images(model, images), {}
    for name, pixels in sets.items():
        say(f"  {name}, {len(pixels)} images")
        scores[name] = score_images(model, pixels)
    reference = entry.latent["reference"] if model.has_likelihood else None
    cells = measure_cells(test, labels, scores, reference, images[0].size, model.noise)
    return {"cells": cells, "curves": measure_curves(test, scores, reference)}


def _row(entry: registry.Checkpoint, cells: dict[str, Cell]) -> dict:
    name = paper.row_name(entry.objective, entry.gamma, entry.model)
    return {
        "id": entry.id,
        "title": (paper.TITLES[name] if name else _title(entry))
        + (", from scratch" if entry.learned_only_classes else ""),
        "objective": entry.objective,
        "gamma": "inf" if entry.gamma == float("inf") else entry.gamma,
        "paper_row": name,
        "cells": {column.key: _cell(cells[column.key], name, column) for column in COLUMNS},
    }


def _paper_only(name: str) -> dict:
    cells = {column.key: _cell(NO_CHECKPOINT, name, column) for column in COLUMNS}
    return {
        "id": None,
        "title": paper.TITLES[name],
        "objective": None,
        "gamma": None,
        "paper_row": name,
        "cells": cells,
    }


def _title(entry: registry.Checkpoint) -> str:
    names = {"ib": "IB-INN", "vib": "VIB", "cross-entropy": entry.model}
    name = names.get(entry.objective, entry.objective)
    if entry.model == OWN_FLOW:
        name = entry.config["training"]["architecture"]["builder"]
    return name if entry.gamma is None else f"{name}, γ = {entry.gamma:g}"


def _cell(ours: Cell, name: str | None, column: Column) -> dict:
    measured = not isinstance(ours, str)
    cell = {"ours": round(ours, DIGITS) if measured else None, "why": None if measured else ours}
    cell["paper"] = paper.printed(name, column.key)
    cell["in_paper"] = name is not None and column.in_paper  # a dash there, or no such row or column
    comparable = paper.comparable(name, column.key)
    if paper.is_corrected(column.key) and comparable is not None:
        cell["paper_corrected"] = round(comparable, 2)
    return cell


def _set_entry(pixels: np.ndarray | None, title: str) -> dict:
    if pixels is None:
        return {"title": title, "images": None, "why": ABSENT}
    return {"title": title, "images": len(pixels), "pixels": digest(pixels)[:16]}
