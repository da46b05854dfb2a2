"""Files and folders: written whole or not at all, whenever the process is killed; read if they are what they should be.

What cannot be written, on a full disk or a read-only one, is a :class:`WriteError` in one sentence; what was there
before is as it was, and nothing half-written stays behind. What is read is a regular file of a limited size, never a
pipe or a device, which could keep a reader for ever.
"""

import errno
import json
import os
import shutil
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

PARTIAL, OLD = ".partial", ".old.partial"  # a save's new folder, and where it moves the one it replaces

_ATTEMPTS, _PAUSE = 5, 0.02  # at a folder that is being replaced, and seconds between them

_Result = TypeVar("_Result")

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EROFS, errno.EACCES, errno.EPERM}


class WriteError(OSError):
    """A file or folder cannot be written; the message is a sentence that says which one, why, and what to do."""


class UnreadableError(OSError):
    """A file is not one that may be read; the message says why, in words to follow "it"."""


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Inside this context an error of the file system is a WriteError that names ``path``."""
    try:
        yield
    except WriteError:
        raise
    except OSError as error:
        raise WriteError(f"{path} cannot be written ({_reason(error)}): {_remedy(error)}.") from error


def _reason(error: OSError) -> str:
    return (error.strerror or str(error) or type(error).__name__).rstrip(".")


def _remedy(error: OSError) -> str:
    if error.errno in _FULL:
        return "make room there, or name a place with more of it, and try again"
    if error.errno in _FORBIDDEN:
        return "make the place writable, or name another one"
    return "see that its folder is there and can be written to, or name another place"


def write_json(path: Path, values: Mapping) -> None:
    """Writes JSON whole or not at all; raises a WriteError where it cannot be written."""
    write_text(path, json.dumps(values, indent=2, allow_nan=False) + "\n")


def write_text(path: Path, text: str) -> None:
    """Writes UTF-8 with the line ends of ``text``; raises as :func:`write_bytes` does."""
    write_bytes(path, text.encode())


def write_bytes(path: Path, data: bytes) -> None:
    """Writes ``data`` whole or not at all, and to the disk itself.

    Raises:
        WriteError: if it cannot be written; what was at ``path`` is as it was.
    """
    partial = path.with_name(path.name + PARTIAL)
    with writing(path):
        try:
            with open(partial, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(partial, path)
        except (Exception, KeyboardInterrupt):
            with suppress(OSError):
                partial.unlink()
            raise


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """An empty folder beside ``path`` to write into, which takes the place of ``path`` when the context ends.

    If it ends with an error, or the disk is full, what was at ``path`` is there still and the new folder is removed.

    Raises:
        WriteError: if something cannot be written.
    """
    path = Path(os.path.abspath(path))  # "." has no name to put something beside
    with writing(path):
        partial = _make_partial(path)
        try:
            yield partial
            _swap_in(path)
        except (Exception, KeyboardInterrupt):
            shutil.rmtree(partial, ignore_errors=True)
            raise
    shutil.rmtree(_beside(path)[1], ignore_errors=True)


def _make_partial(path: Path) -> Path:
    """The empty folder; what earlier saves that were killed have left is tidied up."""
    partial, old = _beside(path)
    if old.exists() and not path.exists():  # an earlier save was killed between its two renames
        old.rename(path)
    for leftover in (partial, old):
        shutil.rmtree(leftover, ignore_errors=True)
    partial.mkdir(parents=True)
    return partial


def _swap_in(path: Path) -> None:
    """Renames the new folder to ``path``; an older folder there is moved aside first."""
    partial, old = _beside(path)
    if path.exists():
        path.rename(old)
    try:
        partial.rename(path)
    except (Exception, KeyboardInterrupt):
        if old.exists() and not path.exists():
            os.rename(old, path)
        raise


def _beside(path: Path) -> tuple[Path, Path]:
    """Where a save writes its new folder, and where it moves the one it replaces."""
    return path.with_name(path.name + PARTIAL), _places(path)[1]


def read_bytes(path: Path, limit: int) -> bytes:
    """What a regular file of at most ``limit`` bytes holds; a link to one counts as one.

    Raises:
        FileNotFoundError: if there is none.
        UnreadableError: if it is something else, or larger.
        OSError: if it cannot be read.
    """
    # Not waiting: to open a pipe would take until somebody writes to it. Windows has neither the flag nor such pipes.
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        _check(os.fstat(handle), limit)
        with open(handle, "rb", closefd=False) as file:
            data = file.read(limit + 1)
    finally:
        os.close(handle)
    if len(data) > limit:  # it has grown
        raise UnreadableError(f"is larger than {_size(limit)}")
    return data


def check_regular(path: Path, limit: int) -> None:
    """Checks what :func:`read_bytes` does without reading, for files that others read; raises the same errors."""
    _check(os.stat(path), limit)


def _check(found: os.stat_result, limit: int) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise UnreadableError("is not a regular file")
    if found.st_size > limit:
        raise UnreadableError(f"is larger than {_size(limit)}")


def _size(count: int) -> str:
    return f"{count // 2**20} MiB" if count >= 2**20 else f"{count // 2**10} KiB"


def read_consistently(folder: Path, read: Callable[[Path], _Result]) -> _Result:
    """What ``read`` makes of the files in ``folder``; if the folder is replaced meanwhile, they are read again.

    A save replaces a folder by two renames: it moves the older one aside, and puts the new one in its place. Between
    them, and for good if the save was killed there, ``read`` is given the one moved aside.
    """
    places = _places(folder)
    for _ in range(_ATTEMPTS - 1):
        before = {place: _identity(place) for place in places}
        place = _existing(places)
        try:
            result = read(place)
        except (OSError, ValueError):
            if any(before.values()) and before == {place: _identity(place) for place in places}:
                raise
        else:
            if before[place] == _identity(place):
                return result
        time.sleep(_PAUSE)
    return read(_existing(places))


def is_there(folder: Path) -> bool:
    """Whether there is this folder, or one that a save has moved aside from there."""
    # The folder is looked for twice: a save may move it aside after the first time, and be done before the second.
    return any(os.path.isdir(place) for place in (*_places(folder), folder))


def _places(folder: Path) -> tuple[Path, Path]:
    """Where a checkpoint is, and where a save moves it aside; also of ``.``, which has no name."""
    return folder, Path(f"{folder}{OLD}")


def _existing(places: tuple[Path, ...]) -> Path:
    return next((place for place in places if os.path.isdir(place)), places[0])


def _identity(path: Path) -> tuple[int, int] | None:
    """What tells a folder from another that has its name; ``None`` if there is none."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino
