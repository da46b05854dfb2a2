"""Loading a data set by its name or path, what it is, and the images that come with the package foolbox."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..exploration.arrays import as_count
from . import folders
from .copies import embedded_folder, find, how_to_get, image_folder
from .datasets import SAMPLE, Dataset, DatasetNotFoundError, is_registered, listed, registered, unknown
from .folders import read_folder, read_npz
from .image_files import read_image
from .images import DEFAULT_SIDE, check_channels, check_side
from .official import read_official

#: What foolbox carries of each set of images: how its files begin, and the side and channels to read them with.
_EMBEDDED = {
    "cifar10": ("cifar10", 32, 3),
    "cifar100": ("cifar100", 32, 3),
    "mnist": ("mnist", 28, 1),
    "fashion-mnist": ("fashionMNIST", 28, 1),
    "imagenet": ("imagenet", 32, 3),
}


def load(
    name: str, split: str = "test", side: int = DEFAULT_SIDE, channels: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Load one split of a data set.

    Copies are looked for in the folder ``IBINN_DATA``; if that is not set, in ``./data`` and then in ``data``
    beside this package. A copy is ``<name>.npz`` (``x_train``, ``y_train``, ``x_test``, ``y_test``), the official
    files (``cifar-10-batches-py``, ``cifar-100-python``, ``MNIST/raw``, ``FashionMNIST/raw``), or folders
    ``<name>/<split>/<class name>/`` of image files of the right size, which are ordered by class and file name.

    A person's own folder of images is loaded by its path, or by its name if it lies beside these copies:
    ``<folder>/train/<class>/`` and ``<folder>/test/<class>/``, or ``<folder>/<class>/`` alone, of which a fixed fifth
    of each class is then the test split (:mod:`.folders`). Its images may have any size and become squares.

    Arguments:
        name: "cifar10", "cifar100" (fine labels), "mnist", "fashion-mnist", "sample" (twenty embedded images of
            CIFAR-10), or the path of a folder of images.
        split: "train" or "test"; "sample" has only "test".
        side: of the images of a person's folder in pixels, from 8 to 64; other data sets have theirs.
        channels: of the images of a person's folder; if None, 1 if all files are grey, else 3.

    Returns:
        Images, uint8 ``(N, H, W, C)``, and labels, int64 ``(N,)``, indices into ``describe(name).classes``.

    Raises:
        DatasetNotFoundError: There is no copy on this machine.
        DatasetError: The copy is damaged, lacks this split, or consists of official files and torchvision,
            which knows their checksums, is not installed; or the folder is no data set.
        ValueError: There is no such name, folder or split, or the side or the channels are out of range.

    Example:
        >>> images, labels = ib.data.load("sample")
        >>> images.shape, images.dtype, ib.data.CLASSES["sample"][labels[0]]
        ((20, 32, 32, 3), dtype('uint8'), 'cat')
    """
    folder = _folder(name, side, channels)
    if split not in ("train", "test"):
        raise ValueError(f"There is no split {split!r}; choose 'train' or 'test'.")
    if folder is not None:
        return folders.load(folder, split, side, channels)
    if name == SAMPLE:
        if split != "test":
            raise ValueError("The embedded sample has no training part; ask for its split 'test'.")
        return sample()
    path, dataset = find(name), registered(name)
    if path is None:
        raise DatasetNotFoundError(how_to_get(name))
    if path.suffix == ".npz":
        return read_npz(path, dataset, split)
    if dataset.official_folder and path.parts[-1:] == Path(dataset.official_folder).parts[-1:]:
        return read_official(path, dataset, split)
    return read_folder(path / split, dataset)


def describe(name: str, side: int = DEFAULT_SIDE, channels: int | None = None) -> Dataset:
    """What a data set is: its title, its classes, the shape of its images, and so on.

    Of a person's folder all images are read, since their mean and their fingerprint belong to it. Arguments are those
    of `load`.

    Raises:
        DatasetError: A folder is no data set.
        ValueError: There is no such name or folder, or the side or the channels are out of range.
    """
    folder = _folder(name, side, channels)
    if folder is None:
        return registered(name)
    return folders.describe(folder, side, channels)


def classes_of(name: str) -> tuple[str, ...]:
    """The names of a data set's classes, without a look at its images; argument and errors as for `describe`."""
    folder = _folder(name, DEFAULT_SIDE, None)
    return registered(name).classes if folder is None else folders.classes_of(folder)


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
    """Twenty images of a data set, from the files of the package foolbox, which is not imported.

    Arguments:
        name: "cifar10", "cifar100", "mnist", "fashion-mnist" (all from the test parts), or "imagenet" (the centre,
            averaged down from 512×512 to 32×32 pixels).

    Returns:
        Images, uint8 ``(20, H, W, C)``: 28×28×1 for "mnist" and "fashion-mnist", else 32×32×3, RGB; and labels,
        int64 ``(20,)``: 0..9, 0..99 or 0..999.

    Raises:
        DatasetNotFoundError: foolbox is not installed, or comes without its images.
        ValueError: There are no embedded images of that name.
    """
    if name not in _EMBEDDED:
        raise ValueError(f"There are no embedded images {name!r}; choose {listed(_EMBEDDED)}.")
    begin, side, channels = _EMBEDDED[name]
    folder = embedded_folder()
    pattern = re.compile(rf"{begin}_\d\d_(\d+)\.(?:png|jpg)")
    matches = [m for m in map(pattern.fullmatch, sorted(os.listdir(folder))) if m] if folder else []
    if not folder or not matches:
        raise DatasetNotFoundError(
            "The embedded images come with the package foolbox, which is not installed: pip install foolbox."
        )
    images = np.stack([read_image(folder / match[0], side, channels) for match in matches])
    return images, np.array([int(match[1]) for match in matches], dtype=np.int64)


def _folder(name: str, side: int, channels: int | None) -> Path | None:
    """A person's folder of images, or None for the name of a data set; a ValueError if a number is out of range."""
    if is_registered(name):
        return None
    folder = image_folder(name)
    if folder is None:
        raise unknown(name)
    check_side(side)
    if channels is not None:
        check_channels(channels)
    return folder


class Splits(NamedTuple):
    """The parts of a data set, each as images, uint8 ``(N, H, W, C)``, and labels, int64 ``(N,)``.

    Attributes:
        dataset: what the data set is.
        train: to train on.
        held_out: of the training images those that no training sees: typicality is measured by them.
        test: what the numbers of a card are measured on.
    """

    dataset: Dataset
    train: tuple[np.ndarray, np.ndarray]
    held_out: tuple[np.ndarray, np.ndarray]
    test: tuple[np.ndarray, np.ndarray]


def splits(name: str, side: int = DEFAULT_SIDE, channels: int | None = None, held_out: int = 1000) -> Splits:
    """A data set in its parts, of which the held-out images are the same as for a training of this library.

    Name, side, channels and errors are those of :func:`ibinn_core.data.load`. Of the training images ``held_out`` are
    kept out of the training, half of them at most; a ValueError for another number than a whole one from 1 on, and for
    too few images to hold one out.
    """
    as_count(held_out, 1, "held_out, by which typicality is measured,")
    images, labels = load(name, "train", side, channels)
    used, kept = split_held_out(len(images), held_out)
    if not len(kept):
        raise ValueError("at least one image must be held out, and a single training image is too few for that")
    dataset = describe(name, side, channels)
    return Splits(
        dataset, (images[used], labels[used]), (images[kept], labels[kept]), load(name, "test", side, channels)
    )


_SEED = 2020
TRAIN_IMAGES = 10_000  # whose latents give the empirical class means


def split_held_out(count: int, held_out: int) -> tuple[np.ndarray, np.ndarray]:
    """Sorted indices of the training images and of those held out of all ``count``, which are half at most."""
    held_out = min(held_out, count // 2)
    order = np.random.default_rng(_SEED).permutation(count)
    return np.sort(order[held_out:]), np.sort(order[:held_out])


def some_of(rows: np.ndarray, count: int) -> np.ndarray:
    """At most ``count`` of the rows, at random, since some copies of a data set lie class by class; sorted."""
    return np.sort(np.random.default_rng(0).permutation(rows)[:count])
