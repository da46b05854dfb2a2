"""Reading unofficial copies of the data sets: an archive of arrays, or folders of image files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from ..archives import ArchiveError, read_arrays
from .datasets import Dataset
from .errors import DatasetError
from .image_files import FORMATS, read_image
from .images import ImageError

_FOLDER_ALIASES = {"automobile": "car"}
MOST_EXPANDED = 2**34  # bytes of the arrays of a data set; ImageNet at 32×32 pixels has 4 GB
IMAGE_SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".bmp"}


def checked(images: object, labels: object, dataset: Dataset, path: Path) -> tuple[np.ndarray, np.ndarray]:
    """The images, uint8 ``(N, H, W, C)``, and the labels as int64 ``(N,)``, if they are valid.

    Grey images may come without an axis for their channel; it is added.

    Raises:
        DatasetError: They are not; the message names the file and says why.
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


def read_npz(path: Path, dataset: Dataset, split: str) -> tuple[np.ndarray, np.ndarray]:
    """Images and labels of one split from ``<name>.npz``; a DatasetError if it is damaged or lacks this split."""
    keys = (f"x_{split}", f"y_{split}")
    try:
        with open(path, "rb") as file:
            arrays = read_arrays(file, keys, MOST_EXPANDED)
    except (OSError, ArchiveError, MemoryError) as error:
        raise DatasetError(f"{path} is damaged or no .npz file ({error}); replace or remove it.") from error
    if missing := [key for key in keys if key not in arrays]:
        raise DatasetError(
            f"{path} has no {' and no '.join(missing)}: this copy of {dataset.title} holds no {split} part."
        )
    return checked(arrays[keys[0]], arrays[keys[1]], dataset, path)


def read_folder(folder: Path, dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Images and labels from a folder with one sub-folder of image files for each class.

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
