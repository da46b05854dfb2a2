"""The app's folder for a server: the clone's, or a copy of the installed app.

The app writes files for browsers into its folder: Plotly, models, and the app's modules under versioned addresses. It
does not write into an installed package: this may be forbidden, and pip would not remove the files. So each version has
a copy in the user's own folder (:func:`ibinn_core.places.home`).
"""

import hashlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from ibinn_core.places import home

_HERE = Path(__file__).resolve().parent
_PREFIX = "app-"  # prefix of a copy's folder
_UNUSED = 30 * 24 * 3600  # seconds after which an unused copy is removed


def root() -> Path:
    """Returns a writable folder that holds ``app/``, as a server needs it."""
    installed = _HERE / "app"
    if not installed.is_dir():
        return _HERE.parent
    try:
        return copy_of(installed, home())
    except OSError:  # no home folder, or a full disk
        return copy_of(installed, Path(tempfile.mkdtemp(prefix="ibinn-explorer-")))


def make_importable() -> None:
    """Adds the folder of :func:`root` to the front of Python's search path for ``import app``."""
    place = str(root())
    if place not in sys.path:
        sys.path.insert(0, place)


def copy_of(app: Path, folder: Path) -> Path:
    """Copies ``app`` into ``folder`` unless the copy exists; returns the copy's folder. Removes long unused copies.

    Raises:
        OSError: the copy cannot be written, or ``folder`` belongs to another user, who could plant a program there.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if os.name == "posix" and folder.stat().st_uid != os.getuid():
        raise PermissionError(f"{folder} belongs to another user")
    files = list(_files(app))
    place = folder / f"{_PREFIX}{_fingerprint(app, files)}"
    if not place.is_dir():
        partial = Path(tempfile.mkdtemp(prefix=f".{_PREFIX}", dir=folder))
        try:
            for name in files:
                (partial / "app" / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(app / name, partial / "app" / name)  # without the permissions, which may forbid writing
            with suppress(OSError):  # another server may have made the copy meanwhile
                partial.rename(place)
            if not place.is_dir():
                raise OSError(f"{place} cannot be written")
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    os.utime(place)
    _remove_unused(folder)
    return place


def _files(app: Path) -> Iterator[str]:
    """The paths of a folder's files, relative to the folder and in order."""
    for place, folders, names in os.walk(app):
        folders[:] = sorted(set(folders) - {"__pycache__"})
        yield from (Path(place, name).relative_to(app).as_posix() for name in sorted(names))


def _fingerprint(app: Path, files: list[str]) -> str:
    """Hashes all contents (17 MB) to distinguish versions."""
    digest = hashlib.sha256()
    for name in files:
        digest.update(f"{name}\0".encode() + hashlib.sha256((app / name).read_bytes()).digest())
    return digest.hexdigest()[:12]


def _remove_unused(folder: Path) -> None:
    for place in (*folder.glob(f"{_PREFIX}*"), *folder.glob(f".{_PREFIX}*")):
        with suppress(OSError):  # another server may be removing it
            if time.time() - place.stat().st_mtime > _UNUSED:
                shutil.rmtree(place, ignore_errors=True)
