"""The official files: reading their batches, and downloading them. Their names and checksums come from torchvision."""

from __future__ import annotations

import hashlib
import http.client
import os
import pickle
import shutil
import tarfile
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from .copies import roots
from .errors import DatasetError, DownloadError
from .images import SIDE
from .names import OFFICIAL_FOLDERS, TITLES, listed
from .readers import checked

_TIMEOUT_SECONDS = 30

Progress = Callable[[int, "int | None"], None]


def read_official(folder: Path, name: str, split: str) -> tuple[np.ndarray, np.ndarray]:
    """One split of the official batches in a folder."""
    official = _official(name)
    members = official.train_list if split == "train" else official.test_list
    batches = [_read_batch(folder / member, checksum, name) for member, checksum in members]
    images, labels = zip(*batches, strict=True)
    return np.concatenate(images), np.concatenate(labels)


def _read_batch(path: Path, checksum: str, name: str) -> tuple[np.ndarray, np.ndarray]:
    again = f"remove {path.parent} and run `python -m ibinn_core data {name}` to download it again"
    try:
        if _md5(path) != checksum:
            raise DatasetError(f"{path} does not have the official checksum; {again}.")
        with path.open("rb") as file:
            batch = _ArrayUnpickler(file, encoding="latin1").load()
        labels = batch["labels"] if "labels" in batch else batch["fine_labels"]
        images = batch["data"].reshape(-1, 3, SIDE, SIDE).transpose(0, 2, 3, 1)
    except DatasetError:
        raise
    except Exception as error:  # a damaged pickle raises nearly anything
        raise DatasetError(f"{path} cannot be read as an official batch ({_reason(error)}); {again}.") from error
    return checked(images, labels, name, path)


class _ArrayUnpickler(pickle.Unpickler):
    """Builds NumPy arrays and plain containers, and refuses everything else that a pickle asks for."""

    # Under the names of Python 2's NumPy, which wrote the official files.
    _allowed = {
        ("numpy", "ndarray"): np.ndarray,
        ("numpy", "dtype"): np.dtype,
        ("numpy.core.multiarray", "_reconstruct"): np.empty(0).__reduce__()[0],
    }

    def find_class(self, module: str, name: str) -> Any:
        try:
            return self._allowed[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}, which no image batch needs") from None


def download(name: str, folder: str | os.PathLike[str] | None = None, progress: Progress | None = None) -> Path:
    """Download the official files, check them, and put them where `load` finds them.

    The archive is downloaded and unpacked in a temporary folder beside its destination and renamed at the end, so
    that a failure or an interruption leaves nothing behind. If `folder` already has an undamaged copy, nothing is
    done.

    Arguments:
        name: "cifar10" (170 MB) or "cifar100" (169 MB).
        folder: Where to put it; by default ``IBINN_DATA``, or ``./data``.
        progress: Called with the number of bytes downloaded and the total (None if the server does not tell it).
            By default a progress bar on the terminal.

    Returns:
        The folder of the official batches.

    Raises:
        DownloadError: The server cannot be reached, its answer does not have the official checksum, or `folder`
            cannot be written to.
        DatasetError: torchvision, which knows the addresses and checksums, is not installed.
        ValueError: `name` cannot be downloaded.

    Example:
        >>> ib.data.download("mnist")
        Traceback (most recent call last):
        ValueError: There is no download for 'mnist'; choose 'cifar10' or 'cifar100'.
    """
    if name not in OFFICIAL_FOLDERS:
        raise ValueError(f"There is no download for {name!r}; choose {listed(OFFICIAL_FOLDERS)}.")
    official = _official(name)
    root = Path(folder).expanduser() if folder is not None else roots()[0]
    target = root / official.base_folder
    try:
        if _is_intact(target, official):
            return target
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".download-", dir=root) as scratch:
            archive = Path(scratch, official.filename)
            with _shown(progress, TITLES[name]) as show:
                checksum = _fetch(official.url, archive, show)
            if checksum != official.tgz_md5:
                raise DownloadError(
                    f"What {official.url} sent does not have the official checksum; try again later, or put a"
                    f" copy of {TITLES[name]} into {root}."
                )
            fresh = Path(scratch, official.base_folder)
            _unpack(archive, fresh, official)
            if target.exists():
                target.rename(Path(scratch, "replaced"))
            fresh.rename(target)
    except (OSError, http.client.HTTPException, tarfile.TarError, KeyError) as error:
        raise DownloadError(
            f"{TITLES[name]} could not be fetched from {official.url} into {root} ({_reason(error)}); check"
            " the connection and the folder, or put a copy there by hand."
        ) from error
    return target


def _official(name: str) -> Any:
    try:
        from torchvision import datasets
    except ImportError as error:
        raise DatasetError(
            f"The official files of {TITLES[name]} need the package torchvision: pip install torchvision."
        ) from error
    return {"cifar10": datasets.CIFAR10, "cifar100": datasets.CIFAR100}[name]


def _members(official: Any) -> list[tuple[str, str]]:
    batches = [(filename, checksum) for filename, checksum in official.train_list + official.test_list]
    return [*batches, (official.meta["filename"], official.meta["md5"])]


def _is_intact(folder: Path, official: Any) -> bool:
    paths = [(folder / member, checksum) for member, checksum in _members(official)]
    return all(path.is_file() and _md5(path) == checksum for path, checksum in paths)


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        # Recognises the official file; not a safeguard, which is what the restricted unpickler is for.
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _fetch(url: str, path: Path, progress: Progress) -> str:
    """Download `url` to the file `path` and return the MD5 of its contents."""
    digest = hashlib.md5(usedforsecurity=False)
    done = 0
    request = urllib.request.Request(url, headers={"User-Agent": "ibinn-explorer"})
    with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as response, path.open("wb") as file:
        total = response.length
        progress(done, total)
        while chunk := response.read(2**18):
            file.write(chunk)
            digest.update(chunk)
            done += len(chunk)
            progress(done, total)
    if total is not None and done < total:
        raise OSError(f"the connection broke off after {done} of {total} bytes")
    return digest.hexdigest()


@contextmanager
def _shown(progress: Progress | None, title: str) -> Iterator[Progress]:
    if progress is not None:
        yield progress
        return
    from tqdm import tqdm

    with tqdm(desc=title, unit="B", unit_scale=True) as bar:

        def show(done: int, total: int | None) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield show


def _unpack(archive: Path, folder: Path, official: Any) -> None:
    """Copy only the known members, so that no path from the archive is used."""
    folder.mkdir()
    with tarfile.open(archive, "r:*") as tar:
        for member, _ in _members(official):
            source = tar.extractfile(f"{official.base_folder}/{member}")
            if source is None:
                raise KeyError(f"{member} is not a file in the archive")
            with source, (folder / member).open("wb") as file:
                shutil.copyfileobj(source, file)


def _reason(error: BaseException) -> str:
    cause = getattr(error, "reason", None) or error  # urllib wraps what went wrong
    reason = getattr(cause, "strerror", None) or cause
    return str(reason).rstrip(".") or type(error).__name__
