"""Checkpoints by name: fetched from where ``IBINN_HUB`` says into the cache, whole or not at all.

That is the address of a server, or a folder, which has for each checkpoint a folder with its files, as the
repository's own ``checkpoints/`` has. Each file is compared with the index (:mod:`.index`).
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ..downloads import Limits, Progress, RedirectedError, TooLargeError, after, is_url, reason, shown
from ..downloads import fetch as download
from ..files import UnreadableError, WriteError, is_there, new_folder, read_bytes, read_consistently, writing
from ..places import cache
from .index import Entry, File, index
from .manifest import digest
from .names import LIMITS, MANIFEST
from .validation import CheckpointError

#: Where checkpoints come from unless ``IBINN_HUB`` says otherwise: an address under which ``checkpoints/`` is
#: published, without a slash at its end. Empty: nobody has published them yet (docs/install.md says how to).
HUB = ""
MOST_SECONDS = 3600  # for one checkpoint

_MISSING, _HIDDEN, _LEADING = (404, 410), (401, 403), range(300, 400)  # what servers answer


class FetchError(CheckpointError):
    """A checkpoint is not on this machine, and could not be fetched; the message says why, and what to do."""


class _OtherFileError(OSError):
    """What a server or folder has is not what the index names."""


def hub() -> str:
    """The address or folder that checkpoints are fetched from; empty if there is none."""
    return (os.environ.get("IBINN_HUB") or HUB).rstrip("/")


def folder() -> Path:
    """The folder of the cache in which fetched checkpoints lie."""
    return cache() / "checkpoints"


def is_fetched(id: str) -> bool:
    """Whether a checkpoint is in the cache, as the index of this version has it; only its manifest is looked at."""
    entry, place = index().checkpoints.get(id), folder() / id
    if entry is None or not is_there(place):
        return False
    try:
        found = read_consistently(place, lambda at: read_bytes(at / MANIFEST, LIMITS[MANIFEST]))
    except OSError:
        return False
    return digest(found) == entry.files[MANIFEST].sha256


def fetch(id: str, progress: Progress | None = None) -> Path:
    """The folder of a checkpoint in the cache, fetched unless it is there whole.

    It is written beside its place and renamed, so that an interruption leaves nothing behind. Of several processes
    that want it, one fetches it and the others wait.

    Arguments:
        id: one of the index.
        progress: told of the bytes; a progress bar on the terminal if not given.

    Raises:
        FetchError: if there is nowhere to fetch it from, or it cannot be fetched or kept.
    """
    entry, place = index().checkpoints[id], folder() / id
    with _alone(id):
        if not _is_intact(place, entry):
            _fetch_into(place, id, f"{id}/", entry, progress)
    return place


def fetch_beside(data: str, progress: Progress | None = None) -> None:
    """Fetches what lies beside the checkpoints of a data set: the measured curve, and the graphs for browsers.

    Arguments:
        data: name of a data set of the index.
        progress: as in :func:`fetch`.

    Raises:
        FetchError: as :func:`fetch`.
    """
    entry = index().beside[data]
    with _alone(data):
        if not _is_intact(folder(), entry):
            arrived = folder() / f".{data}"
            _fetch_into(arrived, data, "", entry, progress)
            with _kept(data), writing(folder()):
                for name in entry.files:
                    os.replace(arrived / name, folder() / name)
                arrived.rmdir()


def _fetch_into(place: Path, name: str, prefix: str, entry: Entry, progress: Progress | None) -> None:
    source = _source(name)
    with _kept(name), new_folder(place) as partial, shown(progress, name) as show, _explained(name, source):
        _get(source, prefix, entry, partial, show)


def _source(name: str) -> str:
    source = hub()
    if not source:
        raise FetchError(
            f"{name} is not on this machine, and nobody has published it yet: set IBINN_HUB to an address or a folder "
            "that has it, or name the checkpoints of a clone in IBINN_CHECKPOINTS."
        )
    return source


@contextmanager
def _alone(name: str) -> Iterator[None]:
    """No other process is in this context with the same name."""
    from filelock import FileLock  # few programs need it

    place = folder()
    lock = FileLock(place / f".{name}.lock")
    with _kept(name), writing(place):
        place.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _kept(name: str) -> Iterator[None]:
    try:
        yield
    except (WriteError, NotImplementedError) as error:  # filelock raises the second where no file can be locked
        said = str(error).rstrip(".") or "no file can be locked there"
        place = "IBINN_CACHE names another place"
        raise FetchError(f"{name} could not be put into the cache, where {said}; {place}.") from error


@contextmanager
def _explained(name: str, source: str) -> Iterator[None]:
    """In this context whatever cannot be read from the source is a FetchError."""
    try:
        yield
    except WriteError:
        raise
    except OSError as error:
        raise FetchError(f"{name} could not be fetched from {source} ({_why(error)}): {_remedy(error)}.") from error


def _why(error: Exception) -> str:
    code = _code(error)
    if code in _LEADING:  # what urllib says of a redirect in circles, or to a file of this machine, are several lines
        return f"it answers {code} and leads nowhere"
    return f"it answers {code}, {reason(error)}" if code else reason(error)


def _code(error: Exception) -> int | None:
    """What a server has answered, if that was no file."""
    code = getattr(error, "code", None)  # of urllib.error.HTTPError, which takes a while to import
    return code if isinstance(code, int) else None


def _remedy(error: Exception) -> str:
    code = _code(error)
    if isinstance(error, FileNotFoundError) or code in (*_MISSING, *_LEADING):
        return "see that IBINN_HUB names the place that holds the folders of the checkpoints"
    if isinstance(error, _OtherFileError):
        return "try again; if it stays so, the copy there is damaged or of another version, and IBINN_HUB names another"
    if isinstance(error, RedirectedError):
        return "if you trust it, set IBINN_HUB to an address there"
    if code in _HIDDEN:
        return "name a place in IBINN_HUB that anybody may read"
    return "check the connection and try again later, or set IBINN_HUB to a folder that has a copy"


def _get(source: str, prefix: str, entry: Entry, into: Path, show: Progress) -> None:
    """Puts the files of an entry into a folder, each compared with the index."""
    before, limits = 0, Limits.starting_now(0, MOST_SECONDS)
    show(before, entry.bytes)
    for name, file in entry.files.items():
        found, is_it = hashlib.sha256(), True
        try:
            if is_url(source):
                url, further = f"{source}/{quote(prefix + name)}", after(before, entry.bytes, show)
                download(url, into / name, found, further, limits._replace(most_bytes=file.bytes))
            else:
                _copy(Path(source).expanduser() / f"{prefix}{name}", into / name, found, file.bytes)
        except (TooLargeError, UnreadableError):
            is_it = False
        if not is_it or found.hexdigest() != file.sha256:
            raise _OtherFileError(f"{prefix}{name} there is not the file of this version")
        before += file.bytes
        show(before, entry.bytes)


def _copy(source: Path, path: Path, found: Any, limit: int) -> None:  # hashlib's have no public type
    data = read_bytes(source, limit)
    with writing(path):
        path.write_bytes(data)
    found.update(data)


def _is_intact(place: Path, entry: Entry) -> bool:
    with suppress(OSError):
        return all(File.of(place / name) == file for name, file in entry.files.items())
    return False
