"""Reading and downloading official files. Their names, addresses and checksums come from torchvision."""

from __future__ import annotations

import gzip
import hashlib
import os
import pickle
import shutil
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ..downloads import Limits, Progress, after, fetch, reason, shown
from .copies import roots
from .datasets import DATASETS, Dataset, DatasetError, DownloadError, listed
from .folders import checked

#: The most that a download may take: bytes of one file (CIFAR-10's has 170 MB), and seconds for all files together.
MOST_BYTES, MOST_SECONDS = 256 * 2**20, 3600


def read_official(folder: Path, dataset: Dataset, split: str) -> tuple[np.ndarray, np.ndarray]:
    """One split of the official files in a folder."""
    return _files_of(dataset).read(folder, split)


class _Files:
    """The official files of a data set, the class of torchvision that knows them, and their MD5 checksums by name."""

    def __init__(self, dataset: Dataset, source: Any, checksums: dict[str, str]) -> None:
        self.dataset, self.source, self.checksums = dataset, source, checksums
        self.url = ""  # where they come from; of several addresses the last one tried

    def is_intact(self, folder: Path) -> bool:
        """Whether all files are in a folder, each with its checksum."""
        paths = [folder / name for name in self.checksums]
        return all(path.is_file() and _md5(path) == self.checksums[path.name] for path in paths)

    def _fetch(self, url: str, path: Path, checksum: str, show: Progress, limits: Limits) -> None:
        """Downloads a file; an OSError if it has another checksum."""
        self.url, digest = url, hashlib.md5(usedforsecurity=False)
        fetch(url, path, digest, show, limits)
        if digest.hexdigest() != checksum:
            raise OSError("what it sent does not have the official checksum")

    def _parsed(self, path: Path, parse: Callable[[Path], tuple]) -> tuple:
        """What ``parse`` makes of an official file; a DatasetError for any other."""
        try:
            if _md5(path) != self.checksums[path.name]:
                raise ValueError("it does not have the official checksum")
            return parse(path)
        except Exception as error:  # a damaged file raises nearly anything
            raise DatasetError(
                f"{path} cannot be read as an official file ({reason(error)}); remove {path.parent} and run"
                f" `python -m ibinn_core data {self.dataset.name}` to download it again."
            ) from error


class _Batches(_Files):
    """CIFAR's: one archive of pickled batches."""

    def __init__(self, dataset: Dataset, source: Any) -> None:
        batches = source.train_list + source.test_list
        super().__init__(dataset, source, {**dict(batches), source.meta["filename"]: source.meta["md5"]})

    def fetch(self, fresh: Path, show: Progress, limits: Limits) -> None:
        """Fetches the files into the empty folder ``fresh``."""
        archive = fresh / self.source.filename
        self._fetch(self.source.url, archive, self.source.tgz_md5, show, limits)
        # The known members and nothing else, so that no path in the archive is ever followed.
        with tarfile.open(archive, "r:*") as tar:
            for name in self.checksums:
                source = tar.extractfile(f"{self.source.base_folder}/{name}")
                if source is None:
                    raise KeyError(f"{name} is not a file in the archive")
                with source, (fresh / name).open("wb") as file:
                    shutil.copyfileobj(source, file)
        archive.unlink()

    def read(self, folder: Path, split: str) -> tuple[np.ndarray, np.ndarray]:
        """Images and labels of a split."""
        batches = []
        for name, _ in self.source.train_list if split == "train" else self.source.test_list:
            images, labels = self._parsed(folder / name, self._read_batch)
            batches.append(checked(images, labels, self.dataset, folder / name))
        images, labels = zip(*batches, strict=True)
        return np.concatenate(images), np.concatenate(labels)

    def _read_batch(self, path: Path) -> tuple[np.ndarray, Any]:
        with path.open("rb") as file:
            batch = _ArrayUnpickler(file, encoding="latin1").load()
        labels = batch["labels"] if "labels" in batch else batch["fine_labels"]
        return batch["data"].reshape(-1, *self.dataset.image_shape).transpose(0, 2, 3, 1), labels


class _Idx(_Files):
    """MNIST's and its successors': for each split a file of images and one of labels, compressed idx files."""

    def __init__(self, dataset: Dataset, source: Any) -> None:
        super().__init__(dataset, source, dict(source.resources))

    def fetch(self, fresh: Path, show: Progress, limits: Limits) -> None:
        """Fetches the files into the empty folder ``fresh``, each from the first server that has it."""
        before = 0
        for name, checksum in self.checksums.items():
            failure = OSError("there is no server to ask")
            for mirror in self.source.mirrors:
                try:
                    self._fetch(f"{mirror}{name}", fresh / name, checksum, after(before, None, show), limits)
                    break
                except OSError as error:
                    failure = error
            else:
                raise failure
            before += (fresh / name).stat().st_size

    def read(self, folder: Path, split: str) -> tuple[np.ndarray, np.ndarray]:
        """Images and labels of a split."""
        begin = "train" if split == "train" else "t10k"
        paths = [folder / name for name in self.checksums if name.startswith(begin)]
        (images,), (labels,) = (self._parsed(path, _read_idx) for path in paths)
        return checked(images, labels, self.dataset, paths[0])


def _read_idx(path: Path) -> tuple[np.ndarray]:
    """The array in an idx file: two zeros, the type (8: uint8), the number of dimensions, their sizes, the values."""
    content = gzip.decompress(path.read_bytes())
    if content[:3] != b"\0\0\x08":
        raise ValueError("it does not begin as an idx file of bytes does")
    dims = content[3]
    shape = np.frombuffer(content, ">u4", dims, offset=4).astype(int)
    return (np.frombuffer(content, np.uint8, offset=4 + 4 * dims).reshape(shape).copy(),)


class _ArrayUnpickler(pickle.Unpickler):
    """Builds NumPy arrays and plain containers, and refuses everything else that a pickle asks for."""

    # Under the names of Python 2's NumPy, which wrote the official files.
    _allowed = {
        ("numpy", "ndarray"): np.ndarray,
        ("numpy", "dtype"): np.dtype,
        ("numpy.core.multiarray", "_reconstruct"): np.empty(0).__reduce__()[0],
    }

    def find_class(self, module: str, name: str) -> object:
        try:
            return self._allowed[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}, which no image batch needs") from None


def download(name: str, folder: str | os.PathLike[str] | None = None, progress: Progress | None = None) -> Path:
    """Download the official files, check them, and put them where `load` finds them.

    A file may have 256 MiB, and a download may take an hour. A failure leaves nothing behind. If `folder` already has
    an undamaged copy, nothing is done.

    Arguments:
        name: of one of :data:`DATASETS` with official files.
        folder: where to put them; by default ``IBINN_DATA``, or ``./data``.
        progress: called with the number of bytes downloaded and the total so far (None if the server does not send
            it); by default a progress bar on the terminal.

    Returns:
        The folder of the official files.

    Raises:
        DownloadError: The server cannot be reached, sends too much, takes too long or sends files without the official
            checksum; or `folder` cannot be written to.
        ImportError: torchvision is not installed.
        ValueError: `name` cannot be downloaded.
    """
    known = {dataset.name: dataset.official for dataset in DATASETS.values() if dataset.official}
    if name not in known:
        raise ValueError(f"There is no download for {name!r}; choose {listed(known)}.")
    dataset, files = DATASETS[name], _files_of(DATASETS[name])
    root = Path(folder).expanduser() if folder is not None else roots()[0]
    target = root / known[name].folder
    try:
        if files.is_intact(target):
            return target
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".download-", dir=root) as scratch:
            fresh = Path(scratch, "fresh")
            fresh.mkdir()
            with shown(progress, dataset.title) as show:
                files.fetch(fresh, show, Limits.starting_now(MOST_BYTES, MOST_SECONDS))
            if target.exists():
                target.rename(Path(scratch, "replaced"))
            target.parent.mkdir(parents=True, exist_ok=True)
            fresh.rename(target)
    except (OSError, tarfile.TarError, KeyError) as error:
        raise DownloadError(
            f"{dataset.title} could not be fetched from {files.url} into {root} ({reason(error)}); check"
            " the connection and the folder, or put a copy there by hand."
        ) from error
    return target


def _files_of(dataset: Dataset) -> _Batches | _Idx:
    assert dataset.official, dataset.name
    try:
        from torchvision import datasets
    except ImportError as error:
        install = "pip install 'ibinn-explorer[datasets]'"
        raise ImportError(f"{dataset.title}'s official files need the package torchvision: {install}.") from error
    source = getattr(datasets, dataset.official.source)
    return _Idx(dataset, source) if hasattr(source, "mirrors") else _Batches(dataset, source)


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        # Recognises the official file; not a safeguard, which is what the restricted unpickler is for.
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
