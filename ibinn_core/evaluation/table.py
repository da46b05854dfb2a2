"""The paper's Table 1 with our own models: every number measured here, or said not to be.

A table is plain JSON values (``docs/table1.json``): ``columns``, ``rows`` of ``cells`` by the columns' keys,
the ``test_set`` and the ``sets`` of images. A cell holds ``ours`` (``None`` and ``why`` where it cannot be measured)
and ``paper``, as printed, both in the unit of the column. :mod:`.table_text` writes the same as Markdown. With a
table come the ``curves`` behind its detection scores (:mod:`.curves`), which are written to a file of their own.
"""

import hashlib
import json
import platform
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from .. import checkpoint as registry
from .. import ood
from ..data import DatasetNotFoundError
from ..preprocessing import bits_per_dim
from . import paper
from .calibration import calibration, top_label_error
from .curves import Curves, collect_curves, measure_curves
from .measure import Scores, score_images
from .scores import arithmetic_mean, detection_score, entropy_increase, geometric_mean, overconfidence

DATASET = "cifar10"
DIGITS = 6  # after the point; more of a float32 model's numbers mean nothing
_DECISIVE = (registry.WEIGHTS, registry.CONFIG, registry.LATENT)  # files that decide a model's numbers
Cell = float | str  # a number in the unit of its column, or why there is none
Found = dict[str, dict[str, Cell] | Curves]  # "cells" and "curves" of one model


class Column(NamedTuple):
    """One measure: its key, its heading, its unit (``"%"``, ``"nats"``, ...), and which values are better."""

    key: str
    title: str
    unit: str
    better: str


SET_TITLES = {
    "average": "Average",
    "rgb-rotation": "RGB-rot",
    "drawings": "Draw",
    "noise": "Noise",
    "imagenet": "ImgNet",
    "gaussian-noise": "Gauss. noise",
    "cifar100": "CIFAR-100",
}
QUALITY = (
    Column("error", "Classif. err.", "%", "lower"),
    Column("bits_per_dim", "Bits/dim", "bits/dim", "lower"),
    Column("calibration.geometric_mean", "Calib. geo. mean", "%", "lower"),
    Column("calibration.ece", "ECE", "%", "lower"),
    Column("calibration.mce", "MCE", "%", "lower"),
    Column("calibration.ice", "ICE", "%", "lower"),
    Column("calibration.top_label", "Top-label ECE", "%", "lower"),
    Column("overconfidence", "Overconfidence", "times", "lower"),
)
ENTROPY = tuple(Column(f"entropy.{name}", title, "nats", "higher") for name, title in SET_TITLES.items())
DETECTION = tuple(Column(f"detection.{name}", title, "%", "higher") for name, title in SET_TITLES.items())
COLUMNS = QUALITY + ENTROPY + DETECTION

ABSENT = "not on this machine"
NO_LIKELIHOOD = "no likelihood"
NO_CHECKPOINT = "no checkpoint"


def load_sets(test_images: np.ndarray, say: Callable[[str], object] = print) -> dict[str, np.ndarray | None]:
    """Every set of :data:`ibinn_core.ood.SETS`, ``None`` where it is not on this machine.

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


def averaged_sets(present) -> list[str]:
    """The sets that averages run over: those of the paper that are there, CIFAR-100 in ImageNet's place."""
    names = [name if name in present or name != "imagenet" else "cifar100" for name in ood.PAPER_SETS]
    return [name for name in names if name in present]


def measure_cells(
    test: Scores, labels: np.ndarray, sets: dict[str, Scores], reference: np.ndarray | None, dims: int, noise
) -> dict[str, Cell]:
    """The cells of one model.

    Arguments:
        test, labels: the test set as the model sees it, and its classes ``(N,)``.
        sets: the out-of-distribution sets that are there, as the model sees them.
        reference: log q(x) of held-out training images, ``(R,)``, or ``None``.
        dims, noise: for bits/dim (see :func:`~ibinn_core.preprocessing.bits_per_dim`).
    """
    # The largest of a row of NaN would be its first: an airplane.
    cells: dict[str, Cell] = {
        "error": _or_why(lambda: 100 * float((_finite(test.posterior).argmax(1) != labels).mean()))
    }
    cells["bits_per_dim"] = _or_why(lambda: _bits(test, dims, noise))
    cells |= _or_whys(
        ("calibration.ece", "calibration.mce", "calibration.ice", "calibration.geometric_mean"),
        lambda: _calibration(test.posterior, labels),
    )
    cells["calibration.top_label"] = _or_why(lambda: 100 * top_label_error(_finite(test.posterior), labels))
    sure = _or_why(lambda: overconfidence(test.posterior, labels))
    cells["overconfidence"] = "none above 99.7 %" if sure is None else sure
    entropies, detections = dict.fromkeys(ood.SETS, ABSENT), dict.fromkeys(ood.SETS, ABSENT)
    for name, found in sets.items():
        entropies[name] = _or_why(lambda found=found: entropy_increase(found.posterior, test.posterior))
        detections[name] = _or_why(lambda found=found: _detection(test, found, reference))
    return {
        **cells,
        **_with_average("entropy", entropies, arithmetic_mean),
        **_with_average("detection", detections, geometric_mean),
    }


def build_table(
    checkpoints: list[registry.Checkpoint],
    images: np.ndarray,
    labels: np.ndarray,
    sets: dict[str, np.ndarray | None],
    say: Callable[[str], object] = print,
    cache: Path | None = None,
) -> dict:
    """Measures checkpoints and puts them beside the paper's Table 1; see the module for what comes out.

    Arguments:
        checkpoints: trained on CIFAR-10.
        images, labels: the test set, uint8 ``(N, 32, 32, 3)`` and int64 ``(N,)``.
        sets: as :func:`load_sets` gives them.
        cache: a folder to keep each model's numbers in and take them from, where nothing at all has changed.
    """
    present = {name: pixels for name, pixels in sets.items() if pixels is not None}
    surroundings = _digest(_program(), images, labels, *present, *present.values())
    rows, curves = [], {}
    for number, entry in enumerate(checkpoints, 1):
        say(f"{entry.id}, {number} of {len(checkpoints)}")
        key = _digest(surroundings, *(_bytes(entry.path / name) for name in _DECISIVE))
        found = _read_cache(cache, key)
        if found is None:
            found = measure_checkpoint(entry, images, labels, present, say)
            _write_cache(cache, key, found)
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
        "columns": [column._asdict() for column in COLUMNS],
        "rows": rows,
        "curves": collect_curves(curves),
    }


# Measuring


def measure_checkpoint(
    entry: registry.Checkpoint,
    images: np.ndarray,
    labels: np.ndarray,
    sets: dict[str, np.ndarray],
    say: Callable[[str], object] = print,
) -> Found:
    """The cells of one model, by the keys of :data:`COLUMNS`, and the curves behind its detection scores.

    Arguments:
        images, labels: the test set, uint8 ``(N, 32, 32, 3)`` and int64 ``(N,)``.
        sets: the out-of-distribution sets that are there, uint8.
    """
    model = registry.load(entry)
    say(f"  the test set, {len(images)} images")
    test, scores = score_images(model, images), {}
    for name, pixels in sets.items():
        say(f"  {name}, {len(pixels)} images")
        scores[name] = score_images(model, pixels)
    reference = entry.latent["reference"] if model.has_likelihood else None
    cells = measure_cells(test, labels, scores, reference, images[0].size, model.noise)
    return {"cells": cells, "curves": measure_curves(test, scores, reference)}


def _or_why(measure: Callable[[], float]) -> Cell:
    """The number, or the reason in a few words: a model that breaks down on some images is no reason to give up."""
    try:
        value = measure()
    except ValueError as error:
        return str(error)
    return value if value is None or np.isfinite(value) else "not finite"


def _or_whys(names: tuple[str, ...], measure: Callable[[], tuple]) -> dict[str, Cell]:
    try:
        return dict(zip(names, measure(), strict=True))
    except ValueError as error:
        return dict.fromkeys(names, str(error))


def _finite(values: np.ndarray) -> np.ndarray:
    bad = ~np.isfinite(values.reshape(len(values), -1)).all(1)
    if bad.any():
        raise ValueError(f"not finite on {bad.sum()} images")
    return values


def _calibration(posterior: np.ndarray, labels: np.ndarray) -> tuple[float, float, float, float]:
    found = calibration(_finite(posterior), labels)
    return tuple(100 * value for value in (*found, found.geometric_mean))


def _bits(test: Scores, dims: int, noise) -> float:
    if test.log_prob is None:
        raise ValueError(NO_LIKELIHOOD)
    return float(bits_per_dim(_finite(test.log_prob).astype(np.float64), dims, noise).mean())


def _detection(test: Scores, found: Scores, reference: np.ndarray | None) -> float:
    if test.log_prob is None or found.log_prob is None or reference is None:
        raise ValueError(NO_LIKELIHOOD)
    return 100 * detection_score(_finite(test.log_prob), _finite(found.log_prob), reference)


def _with_average(measure: str, cells: dict[str, Cell], mean: Callable) -> dict[str, Cell]:
    names = averaged_sets([name for name, cell in cells.items() if cell != ABSENT])
    values = [cells[name] for name in names]
    reasons = [value for value in values if isinstance(value, str)]
    average = reasons[0] if reasons else mean(values) if values else ABSENT
    return {f"{measure}.average": average, **{f"{measure}.{name}": cell for name, cell in cells.items()}}


# Rows


def _row(entry: registry.Checkpoint, cells: dict[str, Cell]) -> dict:
    name = paper.row_name(entry.objective, entry.gamma, entry.model)
    return {
        "id": entry.id,
        "title": paper.TITLES[name] if name else _title(entry),
        "objective": entry.objective,
        "gamma": "inf" if entry.gamma == float("inf") else entry.gamma,
        "paper_row": name,
        "cells": {column.key: _cell(cells[column.key], name, column.key) for column in COLUMNS},
    }


def _paper_only(name: str) -> dict:
    cells = {column.key: _cell(NO_CHECKPOINT, name, column.key) for column in COLUMNS}
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
    return name if entry.gamma is None else f"{name}, γ = {entry.gamma:g}"


def _cell(ours: Cell, name: str | None, key: str) -> dict:
    measured = not isinstance(ours, str)
    cell = {"ours": round(ours, DIGITS) if measured else None, "why": None if measured else ours}
    printed = paper.ROWS.get(name, {})
    cell["paper"] = printed.get(key)
    cell["in_paper"] = key in printed  # a dash there, or no such row or column
    if key == "bits_per_dim" and cell["paper"] is not None:
        cell["paper_corrected"] = round(cell["paper"] + paper.BITS_CORRECTION, 2)
    return cell


def _set_entry(pixels: np.ndarray | None, title: str) -> dict:
    if pixels is None:
        return {"title": title, "images": None, "why": ABSENT}
    return {"title": title, "images": len(pixels), "pixels": _digest(pixels)[:16]}


# The cache: a key of everything that a number depends on, the program's own text included


def _digest(*parts) -> str:
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray):
            part = f"{part.dtype}{part.shape}".encode() + np.ascontiguousarray(part).tobytes()
        part = part.encode() if isinstance(part, str) else part
        digest.update(len(part).to_bytes(8, "little") + part)
    return digest.hexdigest()


def _bytes(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def _program() -> str:
    import torch

    sources = sorted(Path(__file__).resolve().parent.parent.rglob("*.py"))
    surroundings = (torch.__version__, np.__version__, platform.machine(), str(torch.get_num_threads()))
    return _digest(*(path.read_bytes() for path in sources), *surroundings)


def _read_cache(folder: Path | None, key: str) -> Found | None:
    path = folder / f"{key}.json" if folder else None
    return json.loads(path.read_text()) if path and path.exists() else None


def _write_cache(folder: Path | None, key: str, found: Found) -> None:
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        registry.write_json(folder / f"{key}.json", found)
