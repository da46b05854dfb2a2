"""Folders of image files as data sets: a user's own, and copies of a registered data set.

A user's folder holds ``train/<class>/*`` and ``test/<class>/*``, or ``<class>/*`` alone. Then a fifth of each class, at
least one image, becomes the test split: the images whose names, hashed with :data:`SPLIT_SEED`, come first. So the
split is the same on every machine, and an added image moves at most one other.

Files are PNG, JPEG, WebP or BMP; others, and names that begin with a point, are left out. A user's images become
squares of the wanted side; by default they are grey if all files are, else RGB.
"""

from __future__ import annotations

import functools
import hashlib
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from .copies import name_of
from .datasets import MOST_CLASSES, Dataset, DatasetError, is_registered, registered
from .image_files import FORMATS, read_image
from .images import ImageError, check_size, fingerprint

SPLIT_SEED = 0
TEST_SHARE = 0.2
FEWEST_TRAINING, FEWEST_TEST = 30, 10  # images, below which nothing can be measured
IMAGE_SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".bmp"}
_SPLITS = {"train", "test", "val", "valid", "validation"}
_LONGEST_NAME = 60
_GREY_MODES = {"1", "L", "LA", "La", "I", "I;16", "I;16B", "I;16L", "F"}
_SMALLEST_STD = 1 / 256  # of a channel that is the same everywhere
_FOLDER_ALIASES = {"automobile": "car"}


class _File(NamedTuple):
    """An image file. Size and time of change say whether its cached pixels are out of date."""

    label: int
    path: str
    size: int
    changed: int


_Files = dict[str, list[Path]]  # the image files by class, classes in natural order


class _Scan(NamedTuple):
    """The classes and files of a folder, by the names of the files alone."""

    classes: tuple[str, ...]
    train: tuple[_File, ...]
    test: tuple[_File, ...]


def load(folder: Path, split: str, side: int, channels: int | None) -> tuple[np.ndarray, np.ndarray]:
    """One split of a user's folder; arguments and errors as for :func:`ibinn_core.data.load`."""
    return _loaded(_scan(folder), split, side, channels)


def describe(folder: Path, side: int, channels: int | None) -> Dataset:
    """The entry of a user's folder; arguments and errors as for :func:`ibinn_core.data.describe`."""
    scan = _scan(folder)
    train, test = (_loaded(scan, split, side, channels) for split in ("train", "test"))
    # Channel by channel: a float copy of all images would take eight times their memory.
    values = [train[0][..., channel].astype(np.float32) / 255 for channel in range(train[0].shape[-1])]
    return Dataset(
        name_of(folder.name),
        folder.name,
        scan.classes,
        image_shape=(len(values), side, side),
        mean=tuple(round(float(v.mean(dtype=np.float64)), 4) for v in values),
        std=tuple(round(max(float(v.std(dtype=np.float64)), _SMALLEST_STD), 4) for v in values),
        # Grey images are often letters, digits or measurements, whose mirror images are something else.
        flip=len(values) > 2,
        fingerprint=fingerprint(scan.classes, train, test),
    )


def classes_of(folder: Path) -> tuple[str, ...]:
    """The classes of a folder; errors as for :func:`ibinn_core.data.classes_of`."""
    return _scan(folder).classes


def _loaded(scan: _Scan, split: str, side: int, channels: int | None) -> tuple[np.ndarray, np.ndarray]:
    if channels is None:
        channels = 1 if _are_grey(scan.train + scan.test) else 3
    files = scan.train if split == "train" else scan.test
    return _read(files, side, channels).copy(), np.array([file.label for file in files], dtype=np.int64)


def _scan(folder: Path) -> _Scan:
    _check_folder_name(folder)
    inside = {child.name: child for child in _subfolders(folder)}
    splits = inside.keys() & {"train", "test"}
    if splits == {"train", "test"}:
        if beside := sorted(inside.keys() - splits):
            raise DatasetError(f"{folder} holds {beside[0]} beside train and test; move it out of the folder.")
        train, test = (_files_of_classes(inside[split]) for split in ("train", "test"))
        if more := sorted(test.keys() - train.keys()):
            raise DatasetError(
                f"{inside['test'] / more[0]} is a class without a folder in {inside['train']}; rename it or add one."
            )
    elif splits and inside.keys() <= _SPLITS:
        missing = "test" if "train" in splits else "train"
        raise DatasetError(
            f"{folder} has a folder {min(splits)} and none named {missing}; add it, or put the folders of the classes "
            f"right into {folder} to have them split."
        )
    else:
        train, test = _split(_files_of_classes(folder))
    scan = _Scan(tuple(train), *(_stamped(tuple(train), files) for files in (train, test)))
    _check_counts(folder, scan)
    return scan


def _check_folder_name(folder: Path) -> None:
    name = name_of(folder.name) if folder.name else ""
    if not name or not _is_a_name(folder.name):
        raise DatasetError(
            f"The folder {ascii(str(folder))} has no name that a data set can have; rename it with letters or digits."
        )
    if is_registered(name):
        title = registered(name).title
        raise DatasetError(
            f"{folder} is named like the data set {title}: ask for '{name}' if it is a copy of that, and rename the "
            "folder if it is not."
        )


def _files_of_classes(folder: Path) -> _Files:
    folders = _subfolders(folder)
    if len(folders) < 2:
        found = f"only the class {folders[0].name}" if folders else "no folders of classes"
        raise DatasetError(f"{folder} holds {found}; put the images of two classes or more into a folder for each.")
    if len(folders) > MOST_CLASSES:
        raise DatasetError(f"{folder} holds {len(folders)} classes, more than {MOST_CLASSES}; leave some out.")
    seen: dict[str, str] = {}
    for child in folders:
        if not _is_a_name(child.name):
            raise DatasetError(
                f"The folder {ascii(child.name)} in {folder} does not have a name that a class can have; rename it "
                f"with letters or digits, {_LONGEST_NAME} characters at most."
            )
        other = seen.setdefault(child.name.casefold(), child.name)
        if other != child.name:
            raise DatasetError(f"{folder} holds {other} and {child.name}, which differ in case alone; rename one.")
    files = {child.name: _images_in(child) for child in folders}
    empty = [child for child in folders if not files[child.name]]
    if empty:
        raise DatasetError(f"{empty[0]} holds no PNG, JPEG, WebP or BMP images; put some there or remove the folder.")
    return files


def _subfolders(folder: Path) -> list[Path]:
    try:
        return sorted((p for p in folder.iterdir() if p.is_dir() and p.name[0] != "."), key=lambda p: _natural(p.name))
    except OSError as error:
        raise DatasetError(f"{folder} cannot be listed ({error.strerror}); check its permissions.") from error


def _natural(name: str) -> tuple:
    """A key by which 2 comes before 10, and equal names in the order of their letters."""
    parts = re.split(r"(\d+)", name)
    return tuple((int(part), "") if part.isdecimal() else (-1, part) for part in parts), name


def _is_a_name(name: str) -> bool:
    is_tidy = name.isprintable() and name == name.strip() and len(name) <= _LONGEST_NAME
    return is_tidy and any(character.isalnum() for character in name)


def _images_in(folder: Path) -> list[Path]:
    files = (path for path in folder.iterdir() if path.suffix.lower() in IMAGE_SUFFIXES and path.name[0] != ".")
    return sorted(path for path in files if path.is_file())


def _split(files: _Files) -> tuple[_Files, _Files]:
    """The training and the test images of classes that are not split yet."""
    train, test = {}, {}
    for name, paths in files.items():
        keys = {
            path: hashlib.sha256(f"{SPLIT_SEED}/{name}/{path.name}".encode(errors="surrogateescape")).digest()
            for path in paths
        }
        chosen = set(sorted(paths, key=keys.__getitem__)[: max(1, round(TEST_SHARE * len(paths)))])
        train[name] = [path for path in paths if path not in chosen]
        test[name] = [path for path in paths if path in chosen]
    return train, test


def _stamped(classes: tuple[str, ...], files: _Files) -> tuple[_File, ...]:
    states = [(label, path, path.stat()) for label, name in enumerate(classes) for path in files.get(name, [])]
    return tuple(_File(label, str(path), state.st_size, state.st_mtime_ns) for label, path, state in states)


def _check_counts(folder: Path, scan: _Scan) -> None:
    counts = np.bincount([file.label for file in scan.train], minlength=len(scan.classes))
    if counts.min() < 2:
        name = scan.classes[int(counts.argmin())]
        raise DatasetError(
            f"The class {name} in {folder} has fewer than 2 images to train on; add images or leave the class out."
        )
    if len(scan.train) < FEWEST_TRAINING or len(scan.test) < FEWEST_TEST:
        raise DatasetError(
            f"{folder} holds {len(scan.train)} images to train on and {len(scan.test)} to test on, and at least "
            f"{FEWEST_TRAINING} and {FEWEST_TEST} are needed; add images."
        )


@functools.lru_cache(maxsize=4)
def _are_grey(files: tuple[_File, ...]) -> bool:
    """Whether all files are grey, as their headers say."""
    try:
        for file in files:
            with Image.open(file.path, formats=FORMATS) as image:
                if image.mode not in _GREY_MODES:
                    return False
    except Exception:  # what is wrong with it is said where it is read
        return False
    return True


@functools.lru_cache(maxsize=4)  # a training asks for them more than once, and reading photographs takes minutes
def _read(files: tuple[_File, ...], side: int, channels: int) -> np.ndarray:
    check_size(side, channels)
    images = np.empty((len(files), side, side, channels), np.uint8)
    for row, file in enumerate(files):
        try:
            images[row] = read_image(file.path, side, channels)
        except ImageError as error:
            reason = str(error)
            raise DatasetError(f"{file.path} cannot be used: {reason[0].lower()}{reason[1:]}") from error
    images.flags.writeable = False
    return images


def checked(images: object, labels: object, dataset: Dataset, path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Images of a copy, uint8 ``(N, H, W, C)``, and labels, int64 ``(N,)``; a DatasetError if they are not the entry's.

    Grey images may lack the axis of their channel.
    """
    images, labels = np.asarray(images), np.asarray(labels)
    channels, height, width = dataset.image_shape
    classes, shape = dataset.num_classes, images.shape
    if images.dtype == np.uint8 and channels == 1 and images.ndim == 3:
        images = images[..., None]
    if images.dtype != np.uint8 or images.shape[1:] != (height, width, channels) or not len(images):
        expected = f"(N, {height}, {width}, {channels})"
        problem = f"its images are {images.dtype} of shape {shape}, not uint8 of shape {expected}"
    elif labels.dtype.kind not in "iu" or labels.shape != images.shape[:1]:
        problem = f"its labels are {labels.dtype} of shape {labels.shape}, not {len(images)} integers"
    elif labels.min() < 0 or labels.max() >= classes:
        problem = f"its labels run from {labels.min()} to {labels.max()}, not within 0 to {classes - 1}"
    else:
        return images, labels.astype(np.int64)
    raise DatasetError(f"{path} is not a copy of {dataset.title}: {problem}; replace or remove it.")


def read_folder(folder: Path, dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Images and labels of a copy, from a folder with one sub-folder for each class; a DatasetError for any other."""
    if not folder.is_dir():
        raise DatasetError(f"{folder} does not exist, so there is no {folder.name} part in this copy.")
    folders = sorted((_label_of(child, dataset), child) for child in _subfolders(folder))
    files = [(label, path) for label, child in folders for path in _images_in(child)]
    if not files:
        raise DatasetError(f"{folder} holds no images; put them into one sub-folder for each class.")
    images = np.stack([_read_tile(path, dataset) for _, path in files])
    return images, np.array([label for label, _ in files], dtype=np.int64)


def _label_of(folder: Path, dataset: Dataset) -> int:
    name = _FOLDER_ALIASES.get(folder.name, folder.name.replace("_", " "))
    if name not in dataset.classes:
        known = ", ".join(dataset.classes)
        raise DatasetError(f"{folder} is not named after a class of {dataset.title}; rename it to one of {known}.")
    return dataset.classes.index(name)


def _read_tile(path: Path, dataset: Dataset) -> np.ndarray:
    channels, height, width = dataset.image_shape
    try:
        with Image.open(path, formats=FORMATS) as image:
            size = image.size
        if size != (width, height):
            raise DatasetError(f"{path} has {size[0]}×{size[1]} pixels, not {width}×{height}; replace or remove it.")
        return read_image(path, height, channels)
    except (ImageError, OSError) as error:
        raise DatasetError(f"{path} cannot be read as an image; replace or remove it.") from error
