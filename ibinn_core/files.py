"""Writes files and folders completely or not at all, even if the process is killed, and reads them within limits.

A failed write raises a :class:`WriteError`. Only regular files are read, no pipes or devices.
"""

import json
import os
import shutil
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

PARTIAL, OLD = ".partial", ".old.partial"  # endings of the new folder of a save, and of the replaced folder
_RETRIES, _PAUSE = 4, 0.02  # retries to read a folder that is being replaced, and seconds between them
_Result = TypeVar("_Result")
_LONGEST = 200  # longest reason, in characters


class WriteError(OSError):
    """Something cannot be written; the message says what, why, and how to solve the problem."""


class UnreadableError(OSError):
    """A file is too large or is not a regular file; the message gives the reason in words that follow "it"."""


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turns errors of the file system in this context into a WriteError that names ``path``."""
    try:
        yield
    except WriteError:
        raise
    except OSError as error:
        remedy = "free disk space, check that the folder exists and is writable, or name another place"
        raise WriteError(f"{path} cannot be written ({reason(error)}): {remedy}.") from error


def reason(error: BaseException) -> str:
    """Returns why something failed, in at most 200 characters without a full stop."""
    cause = getattr(error, "reason", None) or error  # urllib wraps the original error
    text = " ".join(str(getattr(cause, "strerror", None) or cause).split())  # may come from a stranger
    text = "".join(letter for letter in text if letter.isprintable())  # removes control characters for terminals
    return text[:_LONGEST].rstrip(".") or type(error).__name__


def write_json(path: Path, values: Mapping) -> None:
    """Writes JSON like :func:`write_bytes`."""
    write_bytes(path, as_json(values))


def as_json(values: Mapping) -> bytes:
    """Serialises JSON in the library's format."""
    return (json.dumps(values, indent=2, allow_nan=False) + "\n").encode()


def write_bytes(path: Path, data: bytes) -> None:
    """Writes ``data`` completely; a WriteError leaves ``path`` unchanged."""
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
    """Yields an empty folder to write into, which replaces ``path`` when the context ends.

    After an error, such as a WriteError, ``path`` is unchanged.
    """
    path = Path(os.path.abspath(path))  # "." has no name to which an ending can be added
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
    """Reads a regular file of at most ``limit`` bytes; see :func:`check_regular` for errors."""
    check_regular(path, limit)
    with open(path, "rb") as file:
        return file.read(limit)


def check_regular(path: Path, limit: int) -> None:
    """Raises an UnreadableError or FileNotFoundError unless ``path`` is a regular file of at most ``limit`` bytes."""
    found = os.stat(path)
    if not stat.S_ISREG(found.st_mode):
        raise UnreadableError("is not a regular file")
    if found.st_size > limit:
        raise UnreadableError(f"is larger than {limit // 2**20} MiB")


def read_consistently(folder: Path, read: Callable[[Path], _Result]) -> _Result:
    """Returns the result of ``read`` on a folder, and calls it again if it fails because the folder was replaced.

    :func:`new_folder` replaces a folder by two renames. Between them, and after a killed save, ``read`` gets the older
    folder that was moved aside.
    """
    for _ in range(_RETRIES):
        path = there(folder) or folder
        before = _identity(path)
        try:
            return read(path)
        except (OSError, ValueError):
            if before is not None and _identity(path) == before:
                raise
        time.sleep(_PAUSE)
    return read(there(folder) or folder)


def there(folder: Path) -> Path | None:
    """Returns this folder, or the older folder that a save has moved aside."""
    # The folder is tried twice: a save may have moved it aside at first, and finish before the older one is tried.
    return next((path for path in (folder, Path(f"{folder}{OLD}"), folder) if os.path.isdir(path)), None)


def _identity(path: Path) -> tuple[int, int] | None:
    """Returns a folder's identity, which a new folder of the same name does not share."""
    with suppress(OSError, ValueError):
        found = os.stat(path)
        return found.st_dev, found.st_ino
    return None
