"""Where copies of the data sets lie on this machine. Only names of files are checked, no file is read."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

from .names import OFFICIAL_FOLDERS, TITLES, check_name


def available(name: str) -> bool:
    """Whether `load` would find a copy of the data set; checks names of files only and loads nothing.

    Arguments:
        name: "cifar10", "cifar100" or "sample".

    Raises:
        ValueError: There is no such name.

    Example:
        >>> ib.data.available("sample")
        True
    """
    return find(name) is not None


def find(name: str) -> Path | None:
    """The file or folder that `load` would read, or None if there is none; checks names of files only.

    Arguments:
        name: "cifar10", "cifar100" or "sample".

    Raises:
        ValueError: There is no such name.

    Example:
        >>> ib.data.find("sample").is_dir()
        True
    """
    check_name(name)
    if name == "sample":
        return embedded_folder()
    for root in roots():
        for path in (root / f"{name}.npz", root / OFFICIAL_FOLDERS[name]):
            if path.exists():
                return path
        if any((root / name / split).is_dir() for split in ("train", "test")):
            return root / name
    return None


def roots() -> list[Path]:
    """The folders in which copies are looked for, in this order; only ``IBINN_DATA`` if that is set.

    Example:
        >>> import os
        >>> from unittest.mock import patch
        >>> with patch.dict(os.environ, IBINN_DATA="/images"):
        ...     [folder.name for folder in ib.data.roots()]
        ['images']
    """
    chosen = os.environ.get("IBINN_DATA")
    if chosen:
        return [Path(chosen).expanduser()]
    here, beside = Path.cwd() / "data", Path(__file__).resolve().parents[2] / "data"
    return [here] if here == beside else [here, beside]


def folder(name: str) -> Path | None:
    """The folder `name` in the first of the `roots` that has one, or None: for sets that `load` does not read.

    Example:
        >>> ib.data.folder("no-such-set") is None
        True
    """
    return next((root / name for root in roots() if (root / name).is_dir()), None)


def embedded_folder() -> Path | None:
    """The folder of the images that come with foolbox, or None if foolbox is not installed."""
    # Only the location: importing foolbox takes seconds and wants a git binary.
    spec = importlib.util.find_spec("foolbox")
    for location in (spec.submodule_search_locations if spec else None) or ():
        if Path(location, "data").is_dir():
            return Path(location, "data")
    return None


def how_to_get(name: str) -> str:
    """What to do if there is no copy of a data set, as a sentence."""
    places = " or ".join(map(str, roots()))
    return (
        f"There is no copy of {TITLES[name]} in {places}: run `python -m ibinn_core data {name}` to download"
        " it, or set IBINN_DATA to the folder that holds it."
    )
