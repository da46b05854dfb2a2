"""Reads and downloads official files, with the names that torchvision uses."""

from __future__ import annotations

import functools
import gzip
import os
import tarfile
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from ..files import reason
from .copies import roots
from .datasets import DATASETS, Dataset, DatasetError, DownloadError, listed
from .downloads import Progress, copy_address
from .folders import checked

MAX_BYTES = 256 * 2**20  # largest size of a file; CIFAR-10 has a file of 170 MB
MAX_SECONDS = 3600  # time limit for the download of a file


def read_official(folder: Path, dataset: Dataset, split: str) -> tuple[np.ndarray, np.ndarray]:
    """Reads one split of the official files and verifies their checksums."""
    source = _source_of(dataset)
    try:
        if hasattr(source, "mirrors"):
            images, labels = _read_idx(folder, source, split)
        else:
            copy = source(folder.parent, train=split == "train")  # unpickles only files with the official checksum
            images, labels = copy.data, copy.targets
    except Exception as error:  # a damaged file may raise any error
        raise DatasetError(
            f"{folder} lacks an official file, or one has another checksum; remove the folder and download the data set"
            f" with `python -m ibinn_core data {dataset.name}`."
        ) from error
    return checked(images, labels, dataset, folder)


def _read_idx(folder: Path, source: Any, split: str) -> tuple[np.ndarray, np.ndarray]:
    """Reads files in the format of MNIST and its successors: compressed idx files of images and labels."""
    from torchvision.datasets.utils import check_integrity

    if not all(check_integrity(folder / name, checksum) for name, checksum in source.resources):
        raise ValueError("a file is missing or damaged")
    begin = "train" if split == "train" else "t10k"
    names = [name for name, _ in source.resources if name.startswith(begin)]
    images, labels = (gzip.decompress((folder / name).read_bytes()) for name in names)
    pixels = np.frombuffer(images, np.uint8, offset=16).reshape(-1, 28, 28)
    return pixels.copy(), np.frombuffer(labels, np.uint8, offset=8)


def download(name: str, folder: str | os.PathLike[str] | None = None, progress: Progress | None = None) -> Path:
    """Download the official files, check them, and put them where `load` finds them.

    A failure leaves no files behind. If `folder` already has an undamaged copy, the function does nothing.

    Arguments:
        name: name of a data set in :data:`DATASETS` that has official files.
        folder: where to put them; by default ``IBINN_DATA``, or ``./data``.
        progress: called with the number of bytes downloaded so far and the total, or None if the server does not send a
            total. The default shows a progress bar on the terminal.

    Returns:
        The folder of the official files.

    Raises:
        DownloadError: The server cannot be reached, takes longer than an hour, or sends more than 256 MiB; a file
            lacks the official checksum; or `folder` cannot be written to.
        ImportError: torchvision is not installed.
        ValueError: `name` cannot be downloaded.
    """
    known = {dataset.name: dataset.official for dataset in DATASETS.values() if dataset.official}
    if name not in known:
        raise ValueError(f"There is no download for {name!r}; choose {listed(known)}.")
    from tqdm import tqdm

    dataset, source = DATASETS[name], _source_of(DATASETS[name])
    root = Path(folder).expanduser() if folder is not None else roots()[0]
    target = root / known[name].folder
    with suppress(DatasetError):
        read_official(target, dataset, "test")
        return target
    try:
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".download-", dir=root) as scratch:
            fresh = Path(scratch, known[name].folder)
            fresh.mkdir(parents=True)
            with tqdm(desc=dataset.title, unit="B", unit_scale=True, disable=progress is not None) as bar:
                _fetch_files(source, fresh, progress or functools.partial(_move, bar))
            if target.exists():
                target.rename(Path(scratch, "replaced"))
            target.parent.mkdir(exist_ok=True)
            fresh.rename(target)
    except (OSError, tarfile.TarError) as error:
        raise DownloadError(
            f"{dataset.title} could not be fetched into {root} ({reason(error)}); check the connection and the folder,"
            " or put a copy there by hand."
        ) from error
    return target


def _fetch_files(source: Any, fresh: Path, show: Progress) -> None:
    """Downloads the files into an empty folder: one archive for CIFAR, several files for other data sets."""
    if hasattr(source, "mirrors"):
        done = 0
        for name, checksum in source.resources:
            done = _fetch([f"{mirror}{name}" for mirror in source.mirrors], fresh / name, checksum, done, show)
        return
    archive = fresh.with_name(source.filename)
    _fetch([source.url], archive, source.tgz_md5, 0, show)
    with tarfile.open(archive) as tar:
        tar.extractall(fresh.parent, filter="data")


def _fetch(addresses: Sequence[str], path: Path, checksum: str, before: int, show: Progress) -> int:
    """Downloads a file from the first server that has it; returns ``before`` plus the file's size in bytes."""
    from torchvision.datasets.utils import check_integrity

    problem = "there is no server to ask"
    for address in addresses:
        try:
            with path.open("wb") as file:
                copy_address(address, file, MAX_BYTES, MAX_SECONDS, functools.partial(_shifted, show, before))
            if check_integrity(path, checksum):
                return before + path.stat().st_size
            problem = f"{address}: the file it sent does not have the official checksum"
        except OSError as error:
            problem = f"{address}: {reason(error)}"
    raise OSError(problem)


def _shifted(show: Progress, before: int, done: int, total: int | None) -> None:
    """Shows the progress over several files."""
    show(before + done, None if total is None else before + total)


def _move(bar: Any, done: int, total: int | None) -> None:
    """Updates a tqdm progress bar."""
    bar.total = total
    bar.update(done - bar.n)


def _source_of(dataset: Dataset) -> Any:
    """Returns torchvision's class for the official files."""
    assert dataset.official, dataset.name
    try:
        from torchvision import datasets
    except ImportError as error:
        install = "pip install 'ibinn-explorer[datasets]'"
        raise ImportError(f"{dataset.title}'s official files need the package torchvision: {install}.") from error
    return getattr(datasets, dataset.official.source)
