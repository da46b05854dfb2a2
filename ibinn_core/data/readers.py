"""Reading unofficial copies of the data sets: an archive of arrays, or folders of image files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from .errors import DatasetError
from .images import SIDE, ImageError, read_image
from .names import CLASSES, TITLES

_FOLDER_ALIASES = {"automobile": "car"}
_IMAGE_SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".bmp"}


def checked(images: Any, labels: Any, name: str, path: Path) -> tuple[np.ndarray, np.ndarray]:
    """The images, uint8 ``(N, 32, 32, 3)``, and the labels as int64 ``(N,)``, if they are valid.

    Raises:
        DatasetError: They are not; the message names the file and says why.
    """
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
    raise DatasetError(f"{path} is not a copy of {TITLES[name]}: {problem}; replace or remove it.")


def read_npz(path: Path, name: str, split: str) -> tuple[np.ndarray, np.ndarray]:
    """Images and labels of one split from an archive ``<name>.npz``.

    Raises:
        DatasetError: The archive is damaged, or lacks this split.
    """
    keys = (f"x_{split}", f"y_{split}")
    try:
        with np.load(path, allow_pickle=False) as archive:
            missing = [key for key in keys if key not in archive.files]
            arrays = [archive[key] for key in keys if key not in missing]
    except Exception as error:  # numpy and zipfile raise nearly anything on damaged files
        raise DatasetError(f"{path} is damaged or no .npz file ({error}); replace or remove it.") from error
    if missing:
        raise DatasetError(
            f"{path} has no {' and no '.join(missing)}: this copy of {TITLES[name]} holds no {split} part."
        )
    return checked(arrays[0], arrays[1], name, path)


def read_folder(folder: Path, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Images and labels from a folder with one sub-folder of image files for each class.

    Raises:
        DatasetError: The folder is missing or empty, a sub-folder is not named after a class, or a file is not an
            image of 32×32 pixels.
    """
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
            raise DatasetError(f"{path} is not named after a class of {TITLES[name]}; rename it to one of {known}.")
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
