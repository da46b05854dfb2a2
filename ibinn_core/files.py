"""Files and folders: written whole or not at all, whenever the process is killed; read within limits.

What cannot be written is a :class:`WriteError` in one sentence, and what was there before stays. What is read is a
regular file of a limited size, never a pipe or a device, which could keep a reader for ever.
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
_REMEDIES = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), "make room there, or name another place"),
    **dict.fromkeys((errno.EROFS, errno.EACCES, errno.EPERM), "make the place writable, or name another one"),
}


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
        reason = (error.strerror or str(error) or type(error).__name__).rstrip(".")
        remedy = _REMEDIES.get(error.errno or 0, "see that its folder is there, or name another place")
        raise WriteError(f"{path} cannot be written ({reason}): {remedy}.") from error


def write_json(path: Path, values: Mapping) -> None:
    """Writes JSON as :func:`write_bytes` writes."""
    write_text(path, json.dumps(values, indent=2, allow_nan=False) + "\n")


def write_text(path: Path, text: str) -> None:
    """Writes UTF-8 with the line ends of ``text`` as :func:`write_bytes` writes."""
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
    partial, old = path.with_name(path.name + PARTIAL), path.with_name(path.name + OLD)
    with writing(path):
        if old.exists() and not path.exists():  # an earlier save was killed between its two renames
            old.rename(path)
        for leftover in (partial, old):
            shutil.rmtree(leftover, ignore_errors=True)
        partial.mkdir(parents=True)
        try:
            yield partial
            if path.exists():
                path.rename(old)
            partial.rename(path)
        except (Exception, KeyboardInterrupt):
            if old.exists() and not path.exists():
                os.rename(old, path)
            shutil.rmtree(partial, ignore_errors=True)
            raise
    shutil.rmtree(old, ignore_errors=True)


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
    _check_size(len(data), limit)  # it may have grown
    return data


def check_regular(path: Path, limit: int) -> None:
    """Checks what :func:`read_bytes` does without reading, for files that others read; raises the same errors."""
    _check(os.stat(path), limit)


def _check(found: os.stat_result, limit: int) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise UnreadableError("is not a regular file")
    _check_size(found.st_size, limit)


def _check_size(size: int, limit: int) -> None:
    if size > limit:
        text = f"{limit // 2**20} MiB" if limit >= 2**20 else f"{limit // 2**10} KiB"
        raise UnreadableError(f"is larger than {text}")


def read_consistently(folder: Path, read: Callable[[Path], _Result]) -> _Result:
    """What ``read`` makes of the files in ``folder``; if the folder is replaced meanwhile, they are read again.

    :func:`new_folder` replaces a folder by two renames. Between them, and for good if the save was killed there,
    ``read`` is given the older folder, which was moved aside.
    """
    for attempt in range(_ATTEMPTS):
        place = next((one for one in _places(folder) if os.path.isdir(one)), folder)
        before, is_last = _identity(place), attempt == _ATTEMPTS - 1
        try:
            result = read(place)
        except (OSError, ValueError):
            if is_last or (before is not None and _identity(place) == before):
                raise
        else:
            if is_last or _identity(place) == before:
                return result
        time.sleep(_PAUSE)
    raise AssertionError  # the last attempt has ended


def is_there(folder: Path) -> bool:
    """Whether there is this folder, or one that a save has moved aside from there."""
    # The folder is looked for twice: a save may move it aside after the first time, and be done before the second.
    return any(os.path.isdir(place) for place in (*_places(folder), folder))


def _places(folder: Path) -> tuple[Path, Path]:
    return folder, Path(f"{folder}{OLD}")


def _identity(path: Path) -> tuple[int, int] | None:
    """What tells a folder from another that has its name; ``None`` if there is none."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino
