"""Where images with labels come from: a local copy, the official download, or twenty embedded images.

Nothing here falls back from one source to another: a data set that was asked for by name and is not there
raises `DatasetNotFoundError`. Needs no torch, except that the official files' names and checksums are
torchvision's.
"""

from __future__ import annotations

import hashlib
import http.client
import importlib.util
import os
import pickle
import re
import shutil
import tarfile
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from .images import SIDE, ImageError, read_image

__all__ = [
    "CIFAR10_CLASSES",
    "CIFAR100_CLASSES",
    "CLASSES",
    "DatasetError",
    "DatasetNotFoundError",
    "DownloadError",
    "available",
    "download",
    "embedded",
    "find",
    "folder",
    "load",
    "locate",
    "pixel_hash",
    "roots",
    "sample",
]

CIFAR10_CLASSES = ("airplane", "car", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")

CIFAR100_CLASSES = tuple(
    """
    apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly
    camel can castle caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup
    dinosaur dolphin elephant flatfish forest fox girl hamster house kangaroo keyboard lamp lawn_mower
    leopard lion lizard lobster man maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid
    otter palm_tree pear pickup_truck pine_tree plain plate poppy porcupine possum rabbit raccoon ray
    road rocket rose sea seal shark shrew skunk skyscraper snail snake spider squirrel streetcar
    sunflower sweet_pepper table tank telephone television tiger tractor train trout tulip turtle
    wardrobe whale willow_tree wolf woman worm
    """.split()
)

CLASSES = {"cifar10": CIFAR10_CLASSES, "cifar100": CIFAR100_CLASSES, "sample": CIFAR10_CLASSES}
"""Class names in the order of the labels, for each name that `load` knows."""

# Repeated from torchvision, so that looking for a copy does not import it.
_OFFICIAL_FOLDERS = {"cifar10": "cifar-10-batches-py", "cifar100": "cifar-100-python"}
_FOLDER_ALIASES = {"automobile": "car"}
_TITLES = {"cifar10": "CIFAR-10", "cifar100": "CIFAR-100"}
_IMAGE_SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".bmp"}
_TIMEOUT_SECONDS = 30

Progress = Callable[[int, "int | None"], None]


class DatasetError(ValueError):
    """A copy of a data set is damaged or not what its name says; the message names the file."""


class DatasetNotFoundError(FileNotFoundError):
    """A data set that was asked for by name is not on this machine."""


class DownloadError(RuntimeError):
    """The official files could not be fetched, or are not the official ones."""


def load(name: str, split: str = "test") -> tuple[np.ndarray, np.ndarray]:
    """Load one split of a data set.

    Local copies are looked for under the folder ``IBINN_DATA``; where that is not set, under ``./data`` and
    then under ``data`` beside this package. A copy is ``<name>.npz`` (``x_train``, ``y_train``, ``x_test``,
    ``y_test``), the official Python batches (``cifar-10-batches-py``, ``cifar-100-python``), or a folder
    ``<name>/<split>/<class name>/`` of 32×32 image files, which come in the order of classes and file names.

    Args:
        name: "cifar10", "cifar100" (fine labels), or "sample", the twenty embedded images.
        split: "train" or "test"; "sample" has only "test".

    Returns:
        Images, uint8 ``(N, 32, 32, 3)``, RGB, and labels, int64 ``(N,)``, indices into ``CLASSES[name]``.

    Raises:
        DatasetNotFoundError: There is no copy on this machine.
        DatasetError: The copy is damaged, lacks this split, or consists of official batches and torchvision,
            which knows their checksums, is not installed.
        ValueError: There is no such name or split.
    """
    _check_name(name)
    if split not in ("train", "test"):
        raise ValueError(f"There is no split {split!r}; choose 'train' or 'test'.")
    if name == "sample":
        if split != "test":
            raise ValueError("The embedded sample has no training part; ask for its split 'test'.")
        return sample()
    path = find(name)
    if path is None:
        raise DatasetNotFoundError(_how_to_get(name))
    if path.suffix == ".npz":
        return _read_npz(path, name, split)
    if path.name == _OFFICIAL_FOLDERS[name]:
        return _read_official(path, name, split)
    return _read_folder(path / split, name)


def available(name: str) -> bool:
    """Whether `load` would find a copy of the data set; looks at names only and loads nothing.

    Raises:
        ValueError: There is no such name.
    """
    return find(name) is not None


def find(name: str) -> Path | None:
    """The file or folder that `load` would read, or None where there is none; looks at names only.

    Raises:
        ValueError: There is no such name.
    """
    _check_name(name)
    if name == "sample":
        return _embedded_folder()
    for root in roots():
        for path in (root / f"{name}.npz", root / _OFFICIAL_FOLDERS[name]):
            if path.exists():
                return path
        if any((root / name / split).is_dir() for split in ("train", "test")):
            return root / name
    return None


def roots() -> list[Path]:
    """Where copies are looked for, in this order: under ``IBINN_DATA`` alone where that is set."""
    chosen = os.environ.get("IBINN_DATA")
    if chosen:
        return [Path(chosen).expanduser()]
    here, beside = Path.cwd() / "data", Path(__file__).resolve().parent.parent / "data"
    return [here] if here == beside else [here, beside]


def folder(name: str) -> Path | None:
    """The folder `name` in the first of the `roots` that has one, or None: for sets that `load` does not read."""
    return next((root / name for root in roots() if (root / name).is_dir()), None)


def download(name: str, folder: str | os.PathLike[str] | None = None, progress: Progress | None = None) -> Path:
    """Fetch the official files, check them, and put them where `load` finds them.

    The archive is fetched and unpacked in a temporary folder beside its destination and renamed when all is
    well, so that a failure or an interruption leaves nothing behind. An undamaged copy that is already in
    `folder` is left alone.

    Args:
        name: "cifar10" (170 MB) or "cifar100" (169 MB).
        folder: Where to put it; by default ``IBINN_DATA``, or ``./data``.
        progress: Called with the bytes done and the bytes in all (None where the server does not say). By
            default a progress bar on the terminal.

    Returns:
        The folder of the official batches.

    Raises:
        DownloadError: The server cannot be reached, its answer has not the official checksum, or `folder`
            cannot be written to.
        DatasetError: torchvision, which knows the addresses and checksums, is not installed.
        ValueError: `name` cannot be downloaded.
    """
    if name not in _OFFICIAL_FOLDERS:
        raise ValueError(f"There is no download for {name!r}; choose {_listed(_OFFICIAL_FOLDERS)}.")
    official = _official(name)
    root = Path(folder).expanduser() if folder is not None else roots()[0]
    target = root / official.base_folder
    try:
        if _is_intact(target, official):
            return target
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".download-", dir=root) as scratch:
            archive = Path(scratch, official.filename)
            with _shown(progress, _TITLES[name]) as show:
                checksum = _fetch(official.url, archive, show)
            if checksum != official.tgz_md5:
                raise DownloadError(
                    f"What {official.url} sent does not have the official checksum; try again later, or put a"
                    f" copy of {_TITLES[name]} into {root}."
                )
            fresh = Path(scratch, official.base_folder)
            _unpack(archive, fresh, official)
            if target.exists():
                target.rename(Path(scratch, "replaced"))
            fresh.rename(target)
    except (OSError, http.client.HTTPException, tarfile.TarError, KeyError) as error:
        raise DownloadError(
            f"{_TITLES[name]} could not be fetched from {official.url} into {root} ({_reason(error)}); check"
            " the connection and the folder, or put a copy there by hand."
        ) from error
    return target


def sample() -> tuple[np.ndarray, np.ndarray]:
    """The twenty CIFAR-10 test images that the package foolbox carries; same as ``load("sample")``.

    There is no bird and no deer among them.

    Returns:
        Images, uint8 ``(20, 32, 32, 3)``, RGB, and labels, int64 ``(20,)``, indices into `CIFAR10_CLASSES`.

    Raises:
        DatasetNotFoundError: foolbox is not installed.
    """
    return embedded("cifar10")


def embedded(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Twenty images of a data set, out of the files of the package foolbox, which is not imported.

    Args:
        name: "cifar10", "cifar100" (both from the test parts), or "imagenet" (the centre, averaged down from
            512×512 to 32×32 pixels).

    Returns:
        Images, uint8 ``(20, 32, 32, 3)``, RGB, and labels, int64 ``(20,)``: 0..9, 0..99 or 0..999.

    Raises:
        DatasetNotFoundError: foolbox is not installed, or comes without its images.
        ValueError: There are no embedded images of that name.
    """
    known = ("cifar10", "cifar100", "imagenet")
    if name not in known:
        raise ValueError(f"There are no embedded images {name!r}; choose {_listed(known)}.")
    folder = _embedded_folder()
    pattern = re.compile(rf"{name}_\d\d_(\d+)\.(?:png|jpg)")
    matches = [m for m in map(pattern.fullmatch, sorted(os.listdir(folder))) if m] if folder else []
    if not matches:
        raise DatasetNotFoundError(
            "The embedded images come with the package foolbox, which is not installed: pip install foolbox."
        )
    images = np.stack([read_image(folder / match[0]) for match in matches])
    return images, np.array([int(match[1]) for match in matches], dtype=np.int64)


def pixel_hash(images: np.ndarray) -> np.ndarray:
    """Hash each image's pixels, so that a row finds its image in any copy of the data set.

    Args:
        images: uint8 ``(N, 32, 32, 3)``, RGB.

    Returns:
        uint64 ``(N,)``: BLAKE2b with a digest of 8 bytes, read as little-endian, of the 3072 bytes in
        the order row, column, channel.

    Raises:
        ValueError: `images` has another shape or type.
    """
    if not isinstance(images, np.ndarray) or images.dtype != np.uint8 or images.shape[1:] != (SIDE, SIDE, 3):
        raise ValueError("Expected a NumPy array of uint8 images of shape (N, 32, 32, 3).")
    digests = [hashlib.blake2b(image.tobytes(), digest_size=8).digest() for image in images]
    return np.frombuffer(b"".join(digests), dtype="<u8").astype(np.uint64)


def locate(hashes: np.ndarray, images: np.ndarray) -> np.ndarray:
    """Find the images that belong to the given hashes.

    Args:
        hashes: uint64 ``(M,)``, from `pixel_hash`.
        images: uint8 ``(N, 32, 32, 3)``, RGB, in any order.

    Returns:
        int64 ``(M,)``: for each hash the index of its image, the first where an image occurs twice, or -1.

    Raises:
        ValueError: An argument has another shape or type.
    """
    hashes = np.asarray(hashes)
    if hashes.dtype != np.uint64 or hashes.ndim != 1:
        raise ValueError("Expected hashes of type uint64 and shape (M,), as pixel_hash returns them.")
    present = pixel_hash(images)
    if not len(present):
        return np.full(len(hashes), -1, dtype=np.int64)
    order = np.argsort(present, kind="stable")
    slots = np.minimum(np.searchsorted(present, hashes, sorter=order), len(present) - 1)
    indices = order[slots]
    return np.where(present[indices] == hashes, indices, -1).astype(np.int64)


# Looking for copies


def _check_name(name: str) -> None:
    if name not in CLASSES:
        raise ValueError(f"There is no data set {name!r}; choose {_listed(CLASSES)}.")


def _embedded_folder() -> Path | None:
    # Only the location: importing foolbox takes seconds and wants a git binary.
    spec = importlib.util.find_spec("foolbox")
    for location in (spec.submodule_search_locations if spec else None) or ():
        if Path(location, "data").is_dir():
            return Path(location, "data")
    return None


def _how_to_get(name: str) -> str:
    places = " or ".join(map(str, roots()))
    return (
        f"There is no copy of {_TITLES[name]} in {places}: run `python -m ibinn_core data {name}` to download"
        " it, or set IBINN_DATA to the folder that holds it."
    )


def _listed(names: Any) -> str:
    *rest, last = map(repr, names)
    return f"{', '.join(rest)} or {last}"


# Reading copies


def _checked(images: Any, labels: Any, name: str, path: Path) -> tuple[np.ndarray, np.ndarray]:
    images, labels = np.asarray(images), np.asarray(labels)
    classes = len(CLASSES[name])
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[1:] != (SIDE, SIDE, 3) or not len(images):
        problem = f"its images are {images.dtype} of shape {images.shape}, not uint8 of shape (N, 32, 32, 3)"
    elif labels.dtype.kind not in "iu" or labels.shape != images.shape[:1]:
        problem = f"its labels are {labels.dtype} of shape {labels.shape}, not {len(images)} integers"
    elif labels.min() < 0 or labels.max() >= classes:
        problem = f"its labels run from {labels.min()} to {labels.max()}, not within 0 to {classes - 1}"
    else:
        return images, labels.astype(np.int64)
    raise DatasetError(f"{path} is not a copy of {_TITLES[name]}: {problem}; replace or remove it.")


def _read_npz(path: Path, name: str, split: str) -> tuple[np.ndarray, np.ndarray]:
    keys = (f"x_{split}", f"y_{split}")
    try:
        with np.load(path, allow_pickle=False) as archive:
            missing = [key for key in keys if key not in archive.files]
            arrays = [archive[key] for key in keys if key not in missing]
    except Exception as error:  # numpy and zipfile raise nearly anything on damaged files
        raise DatasetError(f"{path} is damaged or no .npz file ({error}); replace or remove it.") from error
    if missing:
        raise DatasetError(
            f"{path} has no {' and no '.join(missing)}: this copy of {_TITLES[name]} holds no {split} part."
        )
    return _checked(*arrays, name, path)


def _read_official(folder: Path, name: str, split: str) -> tuple[np.ndarray, np.ndarray]:
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
    return _checked(images, labels, name, path)


class _ArrayUnpickler(pickle.Unpickler):
    """Builds NumPy arrays and plain containers, and refuses whatever else a pickle asks for."""

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


def _read_folder(folder: Path, name: str) -> tuple[np.ndarray, np.ndarray]:
    if not folder.is_dir():
        raise DatasetError(f"{folder} does not exist, so there is no {folder.name} part in this copy.")
    files = [
        (label, path)
        for label, class_folder in sorted(_class_folders(folder, name))
        for path in sorted(class_folder.iterdir())
        if path.suffix.lower() in _IMAGE_SUFFIXES and not path.name.startswith(".")
    ]
    if not files:
        raise DatasetError(f"{folder} holds no images; put them into one sub-folder for each class.")
    images = np.stack([_read_tile(path) for _, path in files])
    return images, np.array([label for label, _ in files], dtype=np.int64)


def _class_folders(folder: Path, name: str) -> Iterator[tuple[int, Path]]:
    for path in folder.iterdir():
        if not path.is_dir() or path.name.startswith("."):
            continue
        class_name = _FOLDER_ALIASES.get(path.name, path.name)
        if class_name not in CLASSES[name]:
            known = ", ".join(CLASSES[name])
            raise DatasetError(f"{path} is not named after a class of {_TITLES[name]}; rename it to one of {known}.")
        yield CLASSES[name].index(class_name), path


def _read_tile(path: Path) -> np.ndarray:
    try:
        with Image.open(path) as image:
            size = image.size
        if size != (SIDE, SIDE):
            raise DatasetError(f"{path} has {size[0]}×{size[1]} pixels, not 32×32; replace or remove it.")
        return read_image(path)
    except (ImageError, OSError) as error:
        raise DatasetError(f"{path} cannot be read as an image; replace or remove it.") from error


# The official files


def _official(name: str) -> Any:
    try:
        from torchvision import datasets
    except ImportError as error:
        raise DatasetError(
            f"The official files of {_TITLES[name]} need the package torchvision: pip install torchvision."
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
    """Stream `url` into `path` and return the MD5 of what came."""
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
    """Copy the known members and nothing else, so that no path in the archive is ever followed."""
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
