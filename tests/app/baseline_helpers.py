"""A registry with the committed models and small baselines, and a table of results, for tests."""

import json
import os
from pathlib import Path

import numpy as np
from checkpoint_helpers import SMALL, colourful_images, fake_umap

from ibinn_core import checkpoint
from ibinn_core.checkpoint import folders
from ibinn_core.data.datasets import DATASETS, DEFAULT
from ibinn_core.data.images import to_unit
from ibinn_core.evaluation import encode_images, latent_views
from ibinn_core.evaluation.latent_views import latent_arrays, posterior_arrays
from ibinn_core.evaluation.results import paper
from ibinn_core.evaluation.results.columns import SET_TITLES, columns_of
from ibinn_core.models.objectives import Objective
from ibinn_core.training import TrainingConfig
from ibinn_core.training.export import card_of

COLUMNS = columns_of(DEFAULT)
BASELINES = {
    "vib-1": ("vib", Objective("vib", 1.0)),
    "resnet": ("resnet", Objective("cross-entropy", None)),
    "i-revnet": ("i-revnet", Objective("cross-entropy", None)),
}
#: Members of the family that borrow the weights of a committed one.
BORROWED = {
    "only-lx": ("gamma-0.02", "ib", 0.0),
    "gamma-35": ("gamma-1", "ib", 35.0),
    "only-ly": ("gamma-1", "ib", "inf"),
    "class-nll": ("gamma-0.02", "class-nll", None),
}


def build_registry(folder: Path, monkeypatch) -> None:
    """Two committed models, the competitors that are borrowed for them, and untrained baselines, in ``folder``."""
    folder.mkdir()
    for name in ("gamma-0.02", "gamma-1"):
        os.symlink(folders()[0] / name, folder / name)
    for name, (weights, kind, gamma) in BORROWED.items():
        borrow(folder / name, weights, {"kind": kind, "gamma": gamma})
    monkeypatch.setattr(latent_views, "_umap", fake_umap)
    for name, (kind, objective) in BASELINES.items():
        build_baseline(folder / name, kind, objective)


def borrow(target: Path, name: str, objective: dict | None = None, **training) -> None:
    """A committed checkpoint in the folder ``target``, described as if it had another training."""
    target.mkdir(parents=True)
    for file in (folders()[0] / name).iterdir():
        if file.name != checkpoint.MANIFEST:  # its config will be another
            os.symlink(file, target / file.name)
    config = json.loads((target / "config.json").read_text())
    if objective:  # what γ = 1 was taught, and on which images, would not fit every objective
        config["training"] |= {"cutout": 0, "teachers": []}
    config["training"].update(training)
    config["training"]["objective"].update(objective or {})
    (target / "config.json").unlink()
    (target / "config.json").write_text(json.dumps(config))
    checkpoint.write_manifest(target)


def build_baseline(target: Path, kind: str, objective: Objective) -> checkpoint.Checkpoint:
    """An untrained model of a kind, measured on 120 random images of ten classes and saved."""
    images, labels = colourful_images(120)
    training = TrainingConfig(model=kind, objective=objective, architecture=SMALL)
    model = training.new_model(10)
    model.fit(to_unit(images))
    model.requires_grad_(False).eval()
    seen = encode_images(model, images)
    arrays = posterior_arrays(images, labels, seen.posterior)
    if model.has_latents:
        arrays = latent_arrays(None, images, labels, seen, seen, labels, None)
    config = {
        "training": training.to_dict(),
        "num_classes": 10,
        "budget": {},
        "ancestry": [],
        "data": {"name": "cifar10", "training_images": 120, "test_images": 120},
    }
    return checkpoint.write_checkpoint(target, model, config, card_of(model, images, labels, seen), arrays)


def write_results(folder: Path, entries: list[checkpoint.Checkpoint], absent: str = "imagenet") -> dict:
    """``table1.json`` and ``curves.json`` as the command writes them, with numbers that only a test would believe."""
    folder.mkdir(exist_ok=True)
    rows = [_row(entry, number, absent) for number, entry in enumerate(entries)]
    named = {row["paper_row"] for row in rows}
    rows += [_paper_row(name) for name in paper.TABLES["cifar10"].rows if name not in named]
    averaged = ["rgb-rotation", "drawings", "noise", "cifar100"]
    sets = {name: {"title": SET_TITLES[name], "images": 9975} for name in DATASETS[DEFAULT].outliers}
    sets[absent] = {"title": SET_TITLES[absent], "images": None}
    table = {
        "source": paper.TABLES["cifar10"].source,
        "bits_correction": paper.BITS_CORRECTION,
        "test_set": {"images": 9975},
        "sets": sets,
        "averaged": averaged,
        "columns": [{"key": c.key, "title": c.heading or c.name, "unit": c.unit, "better": c.better} for c in COLUMNS],
        "rows": rows,
    }
    (folder / "table1.json").write_text(json.dumps(table))
    grid = np.linspace(0, 1, 101)
    curves = {
        entry.id: {name: (grid ** (0.2 + 0.2 * k)).round(4).tolist() for k, name in enumerate(sets) if name != absent}
        for entry in entries
        if entry.has_likelihood
    }
    for entry in entries:
        curves.setdefault(entry.id, {})
    (folder / "curves.json").write_text(json.dumps({"false_alarms": grid.round(4).tolist(), "models": curves}))
    return table


def _row(entry: checkpoint.Checkpoint, number: int, absent: str) -> dict:
    name = paper.row_name(entry.objective, entry.gamma, entry.model)
    cells = {}
    for place, column in enumerate(COLUMNS):
        kind, _, part = column.key.partition(".")
        value = 100 * entry.card["error"] if kind == "error" else 1 + 0.1 * number + 0.01 * place
        value = 40 + 5 * number + place / 10 if kind == "detection" else value
        missing = (kind in ("bits_per_dim", "detection") and not entry.has_likelihood) or part == absent
        why = ("not on this machine" if part == absent else "no likelihood") if missing else None
        cells[column.key] = {"ours": None if missing else round(value, 6), "why": why, **_printed(name, column.key)}
    return {"id": entry.id, "title": entry.id, "paper_row": name, "cells": cells}


def _paper_row(name: str) -> dict:
    cells = {c.key: {"ours": None, "why": "no checkpoint", **_printed(name, c.key)} for c in COLUMNS}
    return {"id": None, "title": paper.TITLES[name], "paper_row": name, "cells": cells}


def _printed(name: str | None, key: str) -> dict:
    printed = paper.TABLES["cifar10"].rows.get(name, {})
    cell = {"paper": printed.get(key), "in_paper": key in printed}
    if key == "bits_per_dim.mean" and cell["paper"] is not None:
        cell["paper_corrected"] = round(cell["paper"] + paper.BITS_CORRECTION, 2)
    return cell
