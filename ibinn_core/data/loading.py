"""Loads data sets by name or path, their splits, and foolbox's images."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..archives import ArchiveError, read_arrays
from ..exploration.arrays import as_count
from . import folders
from .copies import embedded_folder, find, roots, user_folder
from .datasets import (
    DATASETS,
    SAMPLE,
    Dataset,
    DatasetError,
    DatasetNotFoundError,
    is_registered,
    listed,
    registered,
)
from .folders import checked, read_images
from .images import DEFAULT_SIDE
from .official_files import read_official

TRAIN_IMAGES = 10_000  # most training images whose latents are measured
MAX_EXPANDED = 2**34  # most bytes of a data set's arrays; ImageNet at 32×32 pixels has 4 GB


def load(
    name: str, split: str = "test", side: int = DEFAULT_SIDE, channels: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Load one split of a data set.

    Copies lie in the folder ``IBINN_DATA``, by default in ``./data`` or ``ibinn_core.places.DATA``. A copy is
    ``<name>.npz`` (``x_train``, ``y_train``, ``x_test``, ``y_test``), or the official files (such as ``MNIST/raw``).
    A user's folder of images (:mod:`.folders`) is given by its path, or by its name if it is beside the copies.

    Arguments:
        name: a name in :data:`DATASETS`, "sample" (twenty test images of CIFAR-10), or the path of a folder of images.
        split: "train" or "test"; "sample" has only "test".
        side: side of the images of a user's folder in pixels, from 8 to 64; other data sets have a fixed side.
        channels: channels of the images of a user's folder; by default 1 if all images are grey, else 3.

    Returns:
        Images, uint8 ``(N, H, W, C)``, and labels, int64 ``(N,)``, indices into ``describe(name).classes``.

    Raises:
        DatasetNotFoundError: There is no copy on this machine.
        DatasetError: The copy is damaged or lacks this split, or a folder of images cannot be used.
        ImportError: The copy consists of official files, and torchvision is not installed.
        ValueError: There is no such name, folder or split, or the side or the channels are out of range.

    Example:
        >>> images, labels = ib.data.load("sample")
        >>> images.shape, images.dtype, ib.data.CLASSES["sample"][labels[0]]
        ((20, 32, 32, 3), dtype('uint8'), 'cat')
    """
    path = find(name) if is_registered(name) else user_folder(name)
    if split not in ("train", "test"):
        raise ValueError(f"There is no split {split!r}; choose 'train' or 'test'.")
    if name == SAMPLE:
        if split != "test":
            raise ValueError("The embedded sample has no training part; ask for its split 'test'.")
        return sample()
    if path and not is_registered(name):
        return folders.load(path, split, side, channels)
    dataset = registered(name)
    if path is None:
        raise DatasetNotFoundError(
            f"There is no copy of {dataset.title} in {' or '.join(map(str, roots()))}: run `python -m ibinn_core data"
            f" {name}` to download it, or set IBINN_DATA to the folder that holds it."
        )
    if path.suffix == ".npz":
        arrays = arrays_of(path, [f"x_{split}", f"y_{split}"])
        return checked(arrays[f"x_{split}"], arrays[f"y_{split}"], dataset, path)
    return read_official(path, dataset, split)


def describe(name: str, side: int = DEFAULT_SIDE, channels: int | None = None) -> Dataset:
    """The :class:`Dataset` of this name; see :func:`load` for arguments and errors.

    For a user's folder, this function reads all images to compute their mean and fingerprint.
    """
    return registered(name) if is_registered(name) else folders.describe(user_folder(name), side, channels)


def classes_of(name: str) -> tuple[str, ...]:
    """The names of a data set's classes, without reading images. See :func:`load` for errors."""
    return registered(name).classes if is_registered(name) else folders.classes_of(user_folder(name))


def arrays_of(path: Path, names: Sequence[str]) -> dict[str, np.ndarray]:
    """Reads the arrays with these names from an .npz file; raises a DatasetError if that fails."""
    try:
        with open(path, "rb") as file:
            arrays = read_arrays(file, names, MAX_EXPANDED)
    except (OSError, ArchiveError, MemoryError) as error:
        raise DatasetError(f"{path} is damaged or not an .npz file ({error}); replace or remove it.") from error
    if missing := [name for name in names if name not in arrays]:
        raise DatasetError(f"{path} has no {' and no '.join(missing)}: this copy lacks the requested part.")
    return arrays


def sample() -> tuple[np.ndarray, np.ndarray]:
    """The same images as ``load("sample")``; none shows a bird or a deer."""
    return embedded("cifar10")


def embedded(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Twenty test images of a data set from the package foolbox: uint8 ``(20, H, W, C)`` and labels, int64 ``(20,)``.

    Raises:
        DatasetNotFoundError: foolbox is not installed, or comes without its images.
        ValueError: There are no embedded images of that name.
    """
    known = {dataset.name: dataset for dataset in DATASETS.values() if dataset.embedded}
    if name not in known:
        raise ValueError(f"There are no embedded images {name!r}; choose {listed(known)}.")
    channels, side, _ = known[name].image_shape
    folder = embedded_folder()
    files = sorted(folder.glob(f"{known[name].embedded}_??_*")) if folder else []
    if not files:
        raise DatasetNotFoundError(
            "The embedded images, which come with the package foolbox, are not installed: pip install foolbox."
        )
    return read_images(files, side, channels), np.array([int(path.stem.split("_")[2]) for path in files])


class Splits(NamedTuple):
    """A data set and its splits. Each split has images, uint8 ``(N, H, W, C)``, and labels, int64 ``(N,)``.

    No training sees the ``held_out`` images of the training set, which are the reference of typicality.
    """

    dataset: Dataset
    train: tuple[np.ndarray, np.ndarray]
    held_out: tuple[np.ndarray, np.ndarray]
    test: tuple[np.ndarray, np.ndarray]


def splits(name: str, side: int = DEFAULT_SIDE, channels: int | None = None, held_out: int = 1000) -> Splits:
    """A data set and its splits; the trainings of this library hold out the same images.

    See :func:`load` for name, side, channels and errors. ``held_out`` is the number of training images to hold
    out: at least 1, at most half of all.
    """
    as_count(held_out, 1, "held_out, by which typicality is measured,")
    images, labels = load(name, "train", side, channels)
    used, kept = split_held_out(len(images), held_out)
    if not len(kept):
        raise ValueError("at least one image must be held out, and a single training image is too few for that")
    train, held = (images[used], labels[used]), (images[kept], labels[kept])
    return Splits(describe(name, side, channels), train, held, load(name, "test", side, channels))


def split_held_out(count: int, held_out: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns sorted indices of training images and of held-out images (at most half), the same in each call."""
    held_out = min(held_out, count // 2)
    order = np.random.default_rng(2020).permutation(count)
    return np.sort(order[held_out:]), np.sort(order[:held_out])


def some_of(rows: np.ndarray, count: int) -> np.ndarray:
    """Picks at most ``count`` rows, sorted. The choice is random, since the first rows may all have one class."""
    return np.sort(np.random.default_rng(0).permutation(rows)[:count])
