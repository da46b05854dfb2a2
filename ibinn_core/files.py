"""Files and folders that are written whole or not at all, whenever the process is killed."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

PARTIAL, OLD = ".partial", ".old.partial"  # a save's new folder, and where it moves the one it replaces


def write_json(path: Path, values: Mapping) -> None:
    """Writes JSON whole or not at all."""
    write_text(path, json.dumps(values, indent=2, allow_nan=False) + "\n")


def write_text(path: Path, text: str) -> None:
    """Writes UTF-8 with the line ends of ``text``, whole or not at all."""
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text, encoding="utf-8", newline="")
    partial.replace(path)


def begin_folder(path: Path) -> Path:
    """An empty folder beside ``path`` to write into; :func:`end_folder` then puts it in the place of ``path``."""
    partial, old = _beside(path)
    if old.exists() and not path.exists():  # an earlier save was killed between its two renames
        old.rename(path)
    for leftover in (partial, old):
        shutil.rmtree(leftover, ignore_errors=True)
    partial.mkdir(parents=True)
    return partial


def end_folder(path: Path) -> None:
    """Renames what :func:`begin_folder` gave to ``path``; an older folder there is moved aside first, then removed."""
    partial, old = _beside(path)
    if path.exists():
        path.rename(old)
    partial.rename(path)
    shutil.rmtree(old, ignore_errors=True)


def _beside(path: Path) -> tuple[Path, Path]:
    """Where a save writes its new folder, and where it moves the one it replaces."""
    return path.with_name(path.name + PARTIAL), path.with_name(path.name + OLD)
