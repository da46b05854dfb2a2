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
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from .copies import name_of
from .datasets import MOST_CLASSES, Dataset, DatasetError, is_registered, registered
from .image_files import FORMATS, read_image
from .images import ImageError, fingerprint

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


class _Scan(NamedTuple):
    """The classes and files of a folder, by the names of the files alone."""

    folder: Path
    classes: tuple[str, ...]
    train: tuple[_File, ...]
    test: tuple[_File, ...]


def load(folder: Path, split: str, side: int, channels: int | None) -> tuple[np.ndarray, np.ndarray]:
    """One split of a user's folder; arguments and errors as for :func:`ibinn_core.data.load`."""
    scan = _scan(folder)
    files = scan.train if split == "train" else scan.test
    images = _read(files, side, _channels_of(scan) if channels is None else channels)
    return images.copy(), np.array([file.label for file in files], dtype=np.int64)


def describe(folder: Path, side: int, channels: int | None) -> Dataset:
    """The entry of a user's folder; arguments and errors as for :func:`ibinn_core.data.describe`."""
    scan = _scan(folder)
    channels = _channels_of(scan) if channels is None else channels
    images = [_read(files, side, channels) for files in (scan.train, scan.test)]
    labels = [np.array([file.label for file in files]) for files in (scan.train, scan.test)]
    # Channel by channel: a float copy of all images would take eight times their memory.
    values = [images[0][..., channel].astype(np.float32) / 255 for channel in range(channels)]
    return Dataset(
        name_of(folder.name),
        folder.name,
        scan.classes,
        image_shape=(channels, side, side),
        mean=tuple(round(float(v.mean(dtype=np.float64)), 4) for v in values),
        std=tuple(round(max(float(v.std(dtype=np.float64)), _SMALLEST_STD), 4) for v in values),
        # Grey images are often letters, digits or measurements, whose mirror images are something else.
        flip=channels > 2,
        fingerprint=fingerprint(scan.classes, *zip(images, labels, strict=True)),
    )


def classes_of(folder: Path) -> tuple[str, ...]:
    """The classes of a folder; errors as for :func:`ibinn_core.data.classes_of`."""
    return _scan(folder).classes


def _scan(folder: Path) -> _Scan:
    _check_folder_name(folder)
    inside = {child.name: child for child in _subfolders(folder)}
    splits = inside.keys() & {"train", "test"}
    if splits == {"train", "test"}:
        beside = sorted(inside.keys() - splits)
        if beside:
            raise DatasetError(f"{folder} holds {beside[0]} beside train and test; move it out of the folder.")
        classes, train = _files_of_classes(inside["train"])
        known, test = _files_of_classes(inside["test"])
        more = sorted(set(known) - set(classes))
        if more:
            raise DatasetError(
                f"{inside['test'] / more[0]} is a class without a folder in {inside['train']}; rename it or add one."
            )
        files = (train, {name: test.get(name, []) for name in classes})
    elif splits and inside.keys() <= _SPLITS:
        missing = "test" if "train" in splits else "train"
        raise DatasetError(
            f"{folder} has a folder {min(splits)} and none named {missing}; add it, or put the folders of the classes "
            f"right into {folder} to have them split."
        )
    else:
        classes, every = _files_of_classes(folder)
        parted = {name: _parted(name, paths) for name, paths in every.items()}
        files = tuple({name: parts[number] for name, parts in parted.items()} for number in (0, 1))
    train, test = (_stamped(classes, part) for part in files)
    _check_counts(folder, classes, train, test)
    return _Scan(folder, classes, train, test)


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


def _files_of_classes(folder: Path) -> tuple[tuple[str, ...], dict[str, list[Path]]]:
    """The names of the classes in natural order, and the image files of each."""
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
    files = {child.name: sorted(_images_in(child)) for child in folders}
    empty = [child for child in folders if not files[child.name]]
    if empty:
        raise DatasetError(f"{empty[0]} holds no PNG, JPEG, WebP or BMP images; put some there or remove the folder.")
    return tuple(files), files


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


def _images_in(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.suffix.lower() in IMAGE_SUFFIXES and path.name[0] != "." and path.is_file():
            yield path


def _parted(class_name: str, paths: list[Path]) -> tuple[list[Path], list[Path]]:
    """The training and the test images of a class that is not split yet, both in the order of their names."""

    def place(path: Path) -> bytes:
        return hashlib.sha256(f"{SPLIT_SEED}/{class_name}/{path.name}".encode(errors="surrogateescape")).digest()

    test = set(sorted(paths, key=place)[: max(1, round(TEST_SHARE * len(paths)))])
    return [path for path in paths if path not in test], [path for path in paths if path in test]


def _stamped(classes: tuple[str, ...], files: dict[str, list[Path]]) -> tuple[_File, ...]:
    found = []
    for label, name in enumerate(classes):
        for path in files[name]:
            state = path.stat()
            found.append(_File(label, str(path), state.st_size, state.st_mtime_ns))
    return tuple(found)


def _check_counts(folder: Path, classes: tuple[str, ...], train: tuple[_File, ...], test: tuple[_File, ...]) -> None:
    counts = np.bincount([file.label for file in train], minlength=len(classes))
    if counts.min() < 2:
        name = classes[int(counts.argmin())]
        raise DatasetError(
            f"The class {name} in {folder} has fewer than 2 images to train on; add images or leave the class out."
        )
    if len(train) < FEWEST_TRAINING or len(test) < FEWEST_TEST:
        raise DatasetError(
            f"{folder} holds {len(train)} images to train on and {len(test)} to test on, and at least "
            f"{FEWEST_TRAINING} and {FEWEST_TEST} are needed; add images."
        )


def _channels_of(scan: _Scan) -> int:
    """1 if all files are grey, else 3; an error where the colours alone would tell two classes apart."""
    files = scan.train + scan.test
    grey = _are_grey(files)
    if all(grey):
        return 1
    labels = [file.label for file in files]
    counts, grey_counts = np.bincount(labels), np.bincount(labels, weights=grey)
    all_grey = [name for name, is_grey in zip(scan.classes, grey_counts == counts, strict=True) if is_grey]
    coloured = [name for name, is_coloured in zip(scan.classes, grey_counts == 0, strict=True) if is_coloured]
    if all_grey and coloured:
        raise DatasetError(
            f"In {scan.folder} all images of {all_grey[0]} are grey and all of {coloured[0]} are in colour, which "
            "alone would tell them apart; choose --channels 1, or 3 if that is meant."
        )
    return 3


@functools.lru_cache(maxsize=4)
def _are_grey(files: tuple[_File, ...]) -> tuple[bool, ...]:
    """Whether each file is grey, as its header says."""
    modes = []
    for file in files:
        try:
            with Image.open(file.path, formats=FORMATS) as image:
                modes.append(image.mode)
        except Exception:  # what is wrong with it is said where it is read
            modes.append("RGB")
    return tuple(mode in _GREY_MODES for mode in modes)


@functools.lru_cache(maxsize=4)  # a training asks for them more than once, and reading photographs takes minutes
def _read(files: tuple[_File, ...], side: int, channels: int) -> np.ndarray:
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
    """Images and labels of a copy, from a folder with one sub-folder of image files for each class.

    Raises:
        DatasetError: The folder is missing or empty, a sub-folder is not named after a class, or a file is not an
            image of the right size.
    """
    if not folder.is_dir():
        raise DatasetError(f"{folder} does not exist, so there is no {folder.name} part in this copy.")
    files = [
        (label, path)
        for label, class_folder in sorted(_class_folders(folder, dataset))
        for path in sorted(class_folder.iterdir())
        if path.suffix.lower() in IMAGE_SUFFIXES and not path.name.startswith(".")
    ]
    if not files:
        raise DatasetError(f"{folder} holds no images; put them into one sub-folder for each class.")
    images = np.stack([_read_tile(path, dataset) for _, path in files])
    return images, np.array([label for label, _ in files], dtype=np.int64)


def _class_folders(folder: Path, dataset: Dataset) -> Iterator[tuple[int, Path]]:
    for path in folder.iterdir():
        if not path.is_dir() or path.name.startswith("."):
            continue
        class_name = _FOLDER_ALIASES.get(path.name, path.name.replace("_", " "))
        if class_name not in dataset.classes:
            known = ", ".join(dataset.classes)
            raise DatasetError(f"{path} is not named after a class of {dataset.title}; rename it to one of {known}.")
        yield dataset.classes.index(class_name), path


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
