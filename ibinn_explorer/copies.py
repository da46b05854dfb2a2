"""The app's folder for a server: the clone's, or a copy of the installed app.

The app writes files for browsers into its folder: Plotly, its modules under an address that changes with them, and
models. Nothing is written into an installed package: that may be forbidden, and pip would not remove those files. So
there is a copy in a folder of the person's own (:func:`ibinn_core.places.home`), one for each version.
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
_PREFIX = "app-"  # of a copy's folder
_UNUSED = 30 * 24 * 3600  # seconds after which an unused copy is removed


def root() -> Path:
    """The folder that holds ``app/``, as a server needs it: one that it can write to."""
    installed = _HERE / "app"
    if not installed.is_dir():
        return _HERE.parent
    try:
        return copy_of(installed, home())
    except OSError:  # no home folder, or a full disk
        return copy_of(installed, Path(tempfile.mkdtemp(prefix="ibinn-explorer-")))


def make_importable() -> None:
    """Puts that folder where ``import app`` looks first."""
    place = str(root())
    if place not in sys.path:
        sys.path.insert(0, place)


def copy_of(app: Path, folder: Path) -> Path:
    """The folder in ``folder`` that holds a copy of ``app``, made unless it is there; older ones are removed.

    Raises:
        OSError: if it cannot be written, or if ``folder`` belongs to another user, who could put a program there.
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
                shutil.copyfile(app / name, partial / "app" / name)  # without its mode, which may forbid to write
            with suppress(OSError):  # another server was quicker: its copy is the same
                partial.rename(place)
            if not place.is_dir():
                raise OSError(f"{place} cannot be written")
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    os.utime(place)
    _remove_unused(folder)
    return place


def _files(app: Path) -> Iterator[str]:
    """The paths of a folder's files, relative to it and in order."""
    for place, folders, names in os.walk(app):
        folders[:] = sorted(set(folders) - {"__pycache__"})
        yield from (Path(place, name).relative_to(app).as_posix() for name in sorted(names))


def _fingerprint(app: Path, files: list[str]) -> str:
    """Tells one version from another, by all that it holds: 17 MB are hashed in a moment."""
    digest = hashlib.sha256()
    for name in files:
        digest.update(f"{name}\0".encode() + hashlib.sha256((app / name).read_bytes()).digest())
    return digest.hexdigest()[:12]


def _remove_unused(folder: Path) -> None:
    for place in (*folder.glob(f"{_PREFIX}*"), *folder.glob(f".{_PREFIX}*")):
        with suppress(OSError):  # another server removes it
            if time.time() - place.stat().st_mtime > _UNUSED:
                shutil.rmtree(place, ignore_errors=True)
