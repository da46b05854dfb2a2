"""The results of a data set from ``python -m ibinn_core table``: the table and the ROC curves, if they exist."""

import functools
import json
import os
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ibinn_core.data.datasets import DEFAULT
from ibinn_core.evaluation.results.paper import TABLES, Table
from ibinn_core.places import RESULTS

GRID = np.linspace(0, 1, 101)  # false positive rates, unless a file has others


class Results(NamedTuple):
    """The contents of the files of one table; defaults stand for missing files."""

    table: dict | None = None  # the content of the table's JSON file
    rows: dict[str, dict] = {}  # rows of the table, by the model's id
    grid: np.ndarray = GRID  # the false positive rates of the curves, (P,)
    curves: dict[str, dict[str, np.ndarray]] = {}  # true positive rates (P,), by id and set
    problem: str = ""  # a sentence on each file that cannot be read


def default_folder() -> Path:
    """The folder of results: ``IBINN_RESULTS``, else ``docs/`` of the repository, or its copy in a wheel."""
    return Path(os.environ.get("IBINN_RESULTS") or RESULTS)


def results_here(printed: Table) -> Results:
    """The results in :func:`default_folder`, read again when a file changes."""
    return _read_once(default_folder(), printed.dataset, stamp())


def stamp() -> tuple:
    """A fingerprint of the files of results, which changes when a file changes."""
    files = [default_folder() / name for printed in TABLES.values() for name in printed.files]
    return tuple((file.stat().st_mtime_ns, file.stat().st_size) if file.exists() else None for file in files)


@functools.lru_cache(maxsize=8)
def _read_once(folder: Path, data: str, stamps: tuple) -> Results:
    return read_results(folder, TABLES[data])


_BAD = (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError)  # the errors of damaged files


def read_results(folder: Path, printed: Table = TABLES[DEFAULT]) -> Results:
    """The results of one of the paper's tables in a folder; missing or damaged files are left out."""
    found = Results()
    for name, parse in zip(printed.files, (_table, _curves), strict=True):
        try:
            found = found._replace(**parse(json.loads((folder / name).read_text(encoding="utf-8"))))
        except FileNotFoundError:
            pass
        except _BAD:
            said = f"{name} in {folder} cannot be read; `{printed.command}` writes the results again."
            found = found._replace(problem=f"{found.problem} {said}".lstrip())
    return found


def _table(table: dict) -> dict[str, Any]:
    keys = {column["key"] for column in table["columns"]}
    for row in table["rows"]:
        for cell in (row["cells"][key] for key in keys):
            if not isinstance(cell["ours"], float | int | None):
                raise ValueError("a cell holds no number")
    if not {"source", "averaged", "sets"} <= table.keys() or "images" not in table["test_set"]:
        raise ValueError("a part of the table is missing")
    return {"table": table, "rows": {row["id"]: row for row in table["rows"] if row["id"]}}


def _curves(written: dict) -> dict[str, Any]:
    grid = np.asarray(written["false_alarms"], float)
    models = written["models"].items()
    return {"grid": grid, "curves": {id: {name: _curve(c, grid) for name, c in sets.items()} for id, sets in models}}


def _curve(values: list, grid: np.ndarray) -> np.ndarray:
    curve = np.asarray(values, float)
    if curve.shape != grid.shape or not np.isfinite(curve).all():
        raise ValueError("a curve does not fit its grid")
    return curve
