"""Folders of image files as data sets.

A folder holds ``train/<class>/*`` and ``test/<class>/*``, or only ``<class>/*``. In the second form, a fifth of each
class, but at least one image, becomes the test split. These are the first images in the order of a hash of class, name
and :data:`SPLIT_SEED`. The split is the same on all machines. A new image changes the split of at most one other image.

Files are PNG, JPEG, WebP or BMP; all other and hidden files are skipped. Images are scaled to squares of the requested
side, in grey if all files are grey, otherwise in RGB.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from .copies import name_of
from .datasets import MAX_CLASSES, Dataset, DatasetError, is_registered, registered
from .image_files import read_image
from .images import ImageError, check_size, fingerprint

SPLIT_SEED = 0
TEST_SHARE = 0.2
FEWEST_TRAINING, FEWEST_TEST = 30, 10  # a folder with fewer images is refused
IMAGE_SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".bmp"}
_LONGEST_NAME = 60
_SMALLEST_STD = 1 / 256  # replaces smaller deviations, such as 0 for a constant channel

_Files = dict[str, list[Path]]  # the image files by class, classes in natural order
#: Label, path, size and time of change of an image file. The cache notices a change by size and time.
_File = tuple[int, str, int, int]
_Split = tuple[np.ndarray, np.ndarray]  # images, uint8 (N, H, W, C), and labels, int64 (N,)


def load(folder: Path, split: str, side: int, channels: int | None) -> _Split:
    """One split of a user's folder; see :func:`ibinn_core.data.load` for arguments and errors."""
    _, train, test = _read(folder, side, channels)
    images, labels = train if split == "train" else test
    return images.copy(), labels


def describe(folder: Path, side: int, channels: int | None) -> Dataset:
    """The :class:`Dataset` of a user's folder; see :func:`ibinn_core.data.describe` for arguments and errors."""
    classes, train, test = _read(folder, side, channels)
    # An array for each channel in float32: float64 copies of all images would take eight times the memory.
    values = [train[0][..., channel].astype(np.float32) / 255 for channel in range(train[0].shape[-1])]
    return Dataset(
        name_of(folder.name),
        folder.name,
        classes,
        image_shape=(len(values), side, side),
        mean=tuple(round(float(v.mean(dtype=np.float64)), 4) for v in values),
        std=tuple(round(max(float(v.std(dtype=np.float64)), _SMALLEST_STD), 4) for v in values),
        # grey images are often letters or digits, which must not be mirrored
        flip=len(values) > 2,
        fingerprint=fingerprint(classes, train, test),
    )


def classes_of(folder: Path) -> tuple[str, ...]:
    """The classes of a folder; see :func:`ibinn_core.data.classes_of` for errors."""
    return _scan(folder)[0]


def _read(folder: Path, side: int, channels: int | None) -> tuple[tuple[str, ...], _Split, _Split]:
    """Reads the classes of a folder and its splits."""
    classes, *splits = _scan(folder)
    images = [_pixels(files, side, 3 if channels is None else channels) for files in splits]
    if channels is None and all((pixels == pixels[..., :1]).all() for pixels in images):
        images = [pixels[..., :1] for pixels in images]  # grey
    train, test = ((pixels, _labels(files)) for pixels, files in zip(images, splits, strict=True))
    return classes, train, test


def _scan(folder: Path) -> tuple[tuple[str, ...], tuple[_File, ...], tuple[_File, ...]]:
    """Finds the classes, training and test images of a folder, without opening a file."""
    _check_folder_name(folder)
    inside = {child.name: child for child in _subfolders(folder)}
    if inside.keys() >= {"train", "test"}:
        train, test = (_files_of_classes(inside[split]) for split in ("train", "test"))
        if more := sorted(test.keys() - train.keys()):
            raise DatasetError(
                f"{inside['test'] / more[0]} is a class without a folder in {inside['train']}; add or rename a folder."
            )
    else:
        train, test = _split(_files_of_classes(folder))
    stamped_train, stamped_test = (_stamped(tuple(train), files) for files in (train, test))
    _check_counts(folder, train, len(stamped_train), len(stamped_test))
    return tuple(train), stamped_train, stamped_test


def _check_folder_name(folder: Path) -> None:
    name = name_of(folder.name) if folder.name else ""
    if not name or not _is_a_name(folder.name):
        raise DatasetError(
            f"The folder {ascii(str(folder))} has no name that a data set can have; rename it with letters or digits."
        )
    if is_registered(name):
        title = registered(name).title
        raise DatasetError(f"{folder} is named like the data set {title}: rename the folder.")


def _files_of_classes(folder: Path) -> _Files:
    folders = _subfolders(folder)
    if len(folders) < 2:
        found = f"only the class {folders[0].name!r}" if folders else "no folders of classes"
        raise DatasetError(
            f"{folder} holds {found}; make a folder of images for each of two or more classes, or put such "
            "folders into the folders train and test."
        )
    if len(folders) > MAX_CLASSES:
        raise DatasetError(f"{folder} holds {len(folders)} classes, more than {MAX_CLASSES}; leave some out.")
    for child in folders:
        if not _is_a_name(child.name):
            raise DatasetError(
                f"The folder {ascii(child.name)} in {folder} does not have a name that a class can have; rename it "
                f"with letters or digits, {_LONGEST_NAME} characters at most."
            )
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
    """Returns a sort key that puts 2 before 10."""
    parts = re.split(r"(\d+)", name)
    return tuple((int(part), "") if part.isdecimal() else (-1, part) for part in parts), name


def _is_a_name(name: str) -> bool:
    is_tidy = name.isprintable() and name == name.strip() and len(name) <= _LONGEST_NAME
    return is_tidy and any(character.isalnum() for character in name)


def _images_in(folder: Path) -> list[Path]:
    files = (path for path in folder.iterdir() if path.suffix.lower() in IMAGE_SUFFIXES and path.name[0] != ".")
    return sorted(path for path in files if path.is_file())


def _split(files: _Files) -> tuple[_Files, _Files]:
    """Splits classes into training and test images."""
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
    return tuple((label, str(path), state.st_size, state.st_mtime_ns) for label, path, state in states)


def _check_counts(folder: Path, train: _Files, num_train: int, num_test: int) -> None:
    for name, paths in train.items():
        if len(paths) < 2:
            raise DatasetError(
                f"The class {name} in {folder} has fewer than 2 images to train on; add images or leave the class out."
            )
    if num_train < FEWEST_TRAINING or num_test < FEWEST_TEST:
        raise DatasetError(
            f"{folder} holds {num_train} images to train on and {num_test} to test on, and at least "
            f"{FEWEST_TRAINING} and {FEWEST_TEST} are needed; add images."
        )


def _labels(files: tuple[_File, ...]) -> np.ndarray:
    return np.array([label for label, *_ in files], dtype=np.int64)


@functools.lru_cache(maxsize=4)  # a training calls this function more than once, and reading takes minutes
def _pixels(files: tuple[_File, ...], side: int, channels: int) -> np.ndarray:
    images = read_images([path for _, path, *_ in files], side, channels)
    images.flags.writeable = False
    return images


def read_images(paths: Sequence[str | Path], side: int, channels: int) -> np.ndarray:
    """Reads image files as uint8 ``(N, side, side, channels)``; raises a DatasetError for an unreadable file."""
    check_size(side, channels)
    images = np.empty((len(paths), side, side, channels), np.uint8)
    for row, path in enumerate(paths):
        try:
            images[row] = read_image(path, side, channels)
        except ImageError as error:
            reason = str(error)
            raise DatasetError(f"{path} cannot be used: {reason[0].lower()}{reason[1:]}") from error
    return images


def checked(images: object, labels: object, dataset: Dataset, path: Path) -> _Split:
    """Checks the arrays of a copy; raises a DatasetError if they do not fit the data set.

    Grey images may lack the channel axis.
    """
    images, labels = np.asarray(images), np.asarray(labels)
    channels, height, width = dataset.image_shape
    given = f"{images.dtype} images of shape {images.shape} and {labels.dtype} labels of shape {labels.shape}"
    if channels == 1 and images.ndim == 3:
        images = images[..., None]
    is_image = images.dtype == np.uint8 and images.shape[1:] == (height, width, channels) and len(images)
    is_label = labels.dtype.kind in "iu" and labels.shape == images.shape[:1]
    if is_image and is_label and 0 <= labels.min() <= labels.max() < dataset.num_classes:
        return images, labels.astype(np.int64)
    raise DatasetError(
        f"{path} is not a copy of {dataset.title}: it must hold uint8 images (N, {height}, {width}, {channels}) with "
        f"labels from 0 to {dataset.num_classes - 1}, not {given}; replace or remove it."
    )
