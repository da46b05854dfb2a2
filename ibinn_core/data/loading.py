"""Loading a data set by its name, or the twenty images that come with the package foolbox."""

from __future__ import annotations

import os
import re

import numpy as np

from .copies import embedded_folder, find, how_to_get
from .errors import DatasetNotFoundError
from .images import read_image
from .names import OFFICIAL_FOLDERS, check_name, listed
from .official import read_official
from .readers import read_folder, read_npz


def load(name: str, split: str = "test") -> tuple[np.ndarray, np.ndarray]:
    """Load one split of a data set.

    Copies are looked for in the folder ``IBINN_DATA``; if that is not set, in ``./data`` and then in ``data``
    beside this package. A copy is ``<name>.npz`` (``x_train``, ``y_train``, ``x_test``, ``y_test``), the official
    Python batches (``cifar-10-batches-py``, ``cifar-100-python``), or folders ``<name>/<split>/<class name>/`` of
    32×32 image files, which are ordered by class and file name.

    Arguments:
        name: "cifar10", "cifar100" (fine labels), or "sample", the twenty embedded images.
        split: "train" or "test"; "sample" has only "test".

    Returns:
        Images, uint8 ``(N, 32, 32, 3)``, RGB, and labels, int64 ``(N,)``, indices into ``CLASSES[name]``.

    Raises:
        DatasetNotFoundError: There is no copy on this machine.
        DatasetError: The copy is damaged, lacks this split, or consists of official batches and torchvision,
            which knows their checksums, is not installed.
        ValueError: There is no such name or split.

    Example:
        >>> images, labels = ib.data.load("sample")
        >>> images.shape, images.dtype, ib.data.CLASSES["sample"][labels[0]]
        ((20, 32, 32, 3), dtype('uint8'), 'cat')
    """
    check_name(name)
    if split not in ("train", "test"):
        raise ValueError(f"There is no split {split!r}; choose 'train' or 'test'.")
    if name == "sample":
        if split != "test":
            raise ValueError("The embedded sample has no training part; ask for its split 'test'.")
        return sample()
    path = find(name)
    if path is None:
        raise DatasetNotFoundError(how_to_get(name))
    if path.suffix == ".npz":
        return read_npz(path, name, split)
    if path.name == OFFICIAL_FOLDERS[name]:
        return read_official(path, name, split)
    return read_folder(path / split, name)


def sample() -> tuple[np.ndarray, np.ndarray]:
    """The twenty CIFAR-10 test images that the package foolbox carries; same as ``load("sample")``.

    There is no bird and no deer among them.

    Returns:
        Images, uint8 ``(20, 32, 32, 3)``, RGB, and labels, int64 ``(20,)``, indices into `CIFAR10_CLASSES`.

    Raises:
        DatasetNotFoundError: foolbox is not installed.

    Example:
        >>> images, labels = ib.data.sample()
        >>> [name for number, name in enumerate(ib.data.CIFAR10_CLASSES) if number not in labels]
        ['bird', 'deer']
    """
    return embedded("cifar10")


def embedded(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Twenty images of a data set, from the files of the package foolbox, which is not imported.

    Arguments:
        name: "cifar10", "cifar100" (both from the test parts), or "imagenet" (the centre, averaged down from
            512×512 to 32×32 pixels).

    Returns:
        Images, uint8 ``(20, 32, 32, 3)``, RGB, and labels, int64 ``(20,)``: 0..9, 0..99 or 0..999.

    Raises:
        DatasetNotFoundError: foolbox is not installed, or comes without its images.
        ValueError: There are no embedded images of that name.

    Example:
        >>> images, labels = ib.data.embedded("cifar100")
        >>> images.shape, labels.shape
        ((20, 32, 32, 3), (20,))
    """
    known = ("cifar10", "cifar100", "imagenet")
    if name not in known:
        raise ValueError(f"There are no embedded images {name!r}; choose {listed(known)}.")
    folder = embedded_folder()
    pattern = re.compile(rf"{name}_\d\d_(\d+)\.(?:png|jpg)")
    matches = [m for m in map(pattern.fullmatch, sorted(os.listdir(folder))) if m] if folder else []
    if not folder or not matches:
        raise DatasetNotFoundError(
            "The embedded images come with the package foolbox, which is not installed: pip install foolbox."
        )
    images = np.stack([read_image(folder / match[0]) for match in matches])
    return images, np.array([int(match[1]) for match in matches], dtype=np.int64)
