"""Finds the copies of data sets on this machine, by file names alone."""

from __future__ import annotations

import importlib.util
import os
import re
import unicodedata
from pathlib import Path

from ..places import DATA
from .datasets import DATASETS, SAMPLE, is_registered, registered, unknown


def available(name: str) -> bool:
    """Checks whether `load` would find a copy; raises the errors of :func:`find`."""
    return find(name) is not None


def find(name: str) -> Path | None:
    """Returns the file or folder that `load` would read, or None. Checks only file names.

    Raises:
        ValueError: There is neither a data set nor a folder with this name.
    """
    if not is_registered(name):
        return user_folder(name)
    if name == SAMPLE:
        return embedded_folder()
    official = DATASETS[name].official
    for root in roots():
        for path in (root / f"{name}.npz", *([root / official.folder] if official else [])):
            if path.exists():
                return path
    return None


def roots() -> list[Path]:
    """Returns the folders that may hold copies, in order; only ``IBINN_DATA`` if it is set."""
    chosen = os.environ.get("IBINN_DATA")
    if chosen:
        return [Path(chosen).expanduser()]
    here = Path.cwd() / "data"
    return [here] if here == DATA else [here, DATA]


def image_folder(name: str | Path) -> Path | None:
    """Returns a user's folder of images, given its path or its name in one of the `roots`."""
    name = str(name) if isinstance(name, Path) else name
    if not isinstance(name, str) or not name or "\0" in name:
        return None
    path = Path(name).expanduser()
    if os.path.isdir(path):  # unlike Path.is_dir, it does not raise for invalid names
        return Path(os.path.abspath(path))
    if name != path.name:
        return None
    inside = [child for root in roots() if root.is_dir() for child in sorted(root.iterdir()) if child.is_dir()]
    return next((child for child in inside if name_of(child.name) == name_of(name)), None)


def user_folder(name: str | Path) -> Path:
    """Returns the :func:`image_folder`; raises a ValueError if there is none."""
    if folder := image_folder(name):
        return folder
    raise unknown(name)


def name_of(source: str) -> str:
    """Returns the name of a data set, or the last part of an image folder's path in small letters, digits, hyphens."""
    if is_registered(source):
        return registered(source).name
    name = Path(os.path.abspath(source)).name
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


def embedded_folder() -> Path | None:
    """Returns the folder of foolbox's images, if foolbox is installed."""
    # Only locates foolbox: importing it takes seconds and needs a git binary.
    spec = importlib.util.find_spec("foolbox")
    for location in (spec.submodule_search_locations if spec else None) or ():
        if Path(location, "data").is_dir():
            return Path(location, "data")
    return None
