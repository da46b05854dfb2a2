"""Out-of-distribution sets (Fig. 5), 8-bit images of the shape that a model takes.

:func:`sets_of` names those of a data set, :func:`load` makes one. Nothing here is downloaded or replaced.
"""

from __future__ import annotations

import functools
import math
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..archives import read_arrays
from ..exploration.arrays import requantize
from ..exploration.corruption import (
    PAPER_ANGLE,
    add_gaussian_noise,
    add_uniform_noise,
    rotate_in_plane,
    rotate_rgb,
)
from . import copies, loading
from .datasets import DATASETS, DEFAULT, OUTLIERS, Dataset, DatasetError, DatasetNotFoundError
from .image_files import read_image
from .images import ImageError, check_pixels, scale_images, to_uint8, to_unit
from .loading import MOST_EXPANDED

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["EVERY", "PAPER_SETS", "SETS", "OutlierSet", "drawings", "imagenet", "load", "sets_of"]

#: The paper does not state its axis; this is that of the matrix in its authors' code, which rotates by 0.298 π.
ROTATION_AXIS = (0.300, 0.943, 0.143)
#: Of the authors' code, in units of [0, 1].
GAUSSIAN_SIGMA = 0.015
#: "Small" in the paper. This one has the deviation of the authors' Gaussian noise, about 6.7 of 256 levels.
UNIFORM_AMPLITUDE = GAUSSIAN_SIGMA * math.sqrt(3)

#: QuickDraw's name for each class of CIFAR-10; it has no deer, and three kinds of ships but no ship.
QUICKDRAW_NAMES = {
    **{name: name for name in ("airplane", "car", "bird", "cat", "dog", "frog", "horse", "truck")},
    "ship": "cruise ship",
}
SIDE = 32  # of the sets for CIFAR-10
DRAWING_SIDE = 28
IMAGENET_SCALED = "imagenet32.npz"
_CHUNK = 1000  # images that are turned into floats at once


def drawings(per_class: int = 1000) -> np.ndarray:
    """QuickDraw's drawings of the classes of CIFAR-10, in colour on white, uint8 ``(N, 32, 32, 3)``, class after class.

    The folder ``quickdraw`` in ``IBINN_DATA`` or ``./data`` must hold the official bitmaps ``airplane.npy``, ...,
    ``cruise ship.npy`` or ``full_numpy_bitmap_*.npy``. The first ``per_class`` of each are taken. As in the authors'
    code each has one random colour, subtracted from white, and a border of two pixels.

    Raises:
        DatasetNotFoundError: The folder, or the file of a class, is not there.
        DatasetError: A file is damaged or holds something else.
    """
    folder = _folder("quickdraw", "QuickDraw", "the official *.npy bitmaps")
    bitmaps = np.concatenate([_read_bitmaps(folder, name, per_class) for name in QUICKDRAW_NAMES.values()])
    colours = np.random.default_rng(0).uniform(0.3, 1, (len(bitmaps), 1, 1, 3))
    border = (SIDE - DRAWING_SIDE) // 2
    strokes = np.pad(bitmaps, ((0, 0), (border, border), (border, border)))[..., None]
    found = np.empty((len(bitmaps), SIDE, SIDE, 3), np.uint8)
    for start in range(0, len(bitmaps), _CHUNK):
        rows = slice(start, start + _CHUNK)
        found[rows] = requantize(1 - strokes[rows] / 255 * colours[rows]) * 256
    return found


def imagenet(limit: int = 10_000) -> np.ndarray:
    """The first ``limit`` images of the ImageNet validation set, as `read_image` scales them, uint8 ``(N, 32, 32, 3)``.

    The JPEG files lie in the folder ``imagenet`` in ``IBINN_DATA`` or ``./data``, in the order of their names. Without
    this folder, the file ``imagenet32.npz`` has them as ``x_test``.

    Raises:
        DatasetNotFoundError: Neither the folder nor the file is there.
        DatasetError: A file is damaged.
    """
    scaled = [root / IMAGENET_SCALED for root in copies.roots() if (root / IMAGENET_SCALED).is_file()]
    if copies.folder("imagenet") is None and scaled:
        return _read_scaled(scaled[0])[:limit]
    folder = _folder("imagenet", "the ImageNet validation set", "its *.JPEG files")
    files = [path for path in folder.rglob("*") if path.suffix.lower() in (".jpeg", ".jpg") and path.name[0] != "."]
    if not files:
        raise DatasetError(f"{folder} holds no JPEG files; put those of the ImageNet validation set there.")
    return np.stack([_read_jpeg(path) for path in sorted(files, key=lambda path: (path.name, path))[:limit]])


class OutlierSet(NamedTuple):
    """An out-of-distribution set: a change of the test images, or other images.

    Attributes:
        title: in sentences and legends.
        short: at the head of a column.
        color: a number from 0, of its colour and its line; no two sets of one data set have the same.
        change: makes it of the test images as floats ``(N, C, H, W)``, with a seed; or ``None``.
        read: makes it, uint8 ``(M, H, W, C)``, if ``change`` does not; gets the test images, uint8 ``(N, H, W, C)``.
        needs_files: whether it needs files beside the test images and the embedded ones.
    """

    title: str
    short: str
    color: int
    change: Callable[[Tensor, int], Tensor] | None = None
    read: Callable[[np.ndarray], np.ndarray] = np.copy
    needs_files: bool = False


def _turn(degrees: int, color: int) -> OutlierSet:
    """The test images turned about the centre, anticlockwise; corners become black."""
    title = f"by {degrees}°"
    return OutlierSet(
        f"rotation {title}", f"Turned {title}", color, lambda x, _: rotate_in_plane(x, math.radians(degrees), 0.5 / 256)
    )


def _test_set(name: str) -> OutlierSet:
    title = DATASETS[name].title
    return OutlierSet(title, title, 5, read=lambda _: loading.load(name, "test")[0], needs_files=True)


def _embedded_images(name: str) -> OutlierSet:
    title = DATASETS[name].title
    return OutlierSet(title, title, 3, read=lambda _: loading.embedded(name)[0])


def _grey_cifar10(images: np.ndarray) -> np.ndarray:
    return scale_images(loading.load("cifar10", "test")[0], images.shape[1], channels=1)


#: All sets by name.
EVERY = {
    "rgb-rotation": OutlierSet("RGB rotation", "RGB-rot", 0, lambda x, _: rotate_rgb(x, PAPER_ANGLE, ROTATION_AXIS)),
    "drawings": OutlierSet("drawings", "Draw", 1, read=lambda _: drawings(), needs_files=True),
    "noise": OutlierSet("uniform noise", "Noise", 2, lambda x, seed: add_uniform_noise(x, UNIFORM_AMPLITUDE, seed)),
    "imagenet": OutlierSet("ImageNet", "ImgNet", 3, read=lambda _: imagenet(), needs_files=True),
    "gaussian-noise": OutlierSet(
        "Gaussian noise", "Gauss. noise", 4, lambda x, seed: add_gaussian_noise(x, GAUSSIAN_SIGMA, seed)
    ),
    "cifar100": _test_set("cifar100"),
    "cifar10": _test_set("cifar10"),
    "fashion-mnist": _embedded_images("fashion-mnist"),
    "mnist": _embedded_images("mnist"),
    "cifar10-grey": OutlierSet("CIFAR-10 in grey", "CIFAR-10 in grey", 7, read=_grey_cifar10, needs_files=True),
    "rotation-45": _turn(45, 0),
    "rotation-90": _turn(90, 5),
    "rotation-180": _turn(180, 6),
    "inverted": OutlierSet("negatives", "Inverted", 1, lambda x, _: 1 - x),
}
PAPER_SETS = ("rgb-rotation", "drawings", "noise", "imagenet")
#: Those for CIFAR-10.
SETS = {name: EVERY[name] for name in DATASETS[DEFAULT].outliers}
#: Functions that are now changes of images.
_MOVED = {"rotated": "rgb-rotation", "noise": "noise", "gaussian_noise": "gaussian-noise", "inverted": "inverted"}


def sets_of(dataset: Dataset) -> tuple[str, ...]:
    """The names of the out-of-distribution sets of a data set."""
    return dataset.outliers or OUTLIERS[dataset.image_shape[0]]


def load(name: str, test_images: np.ndarray) -> np.ndarray:
    """One of the sets: uint8 ``(M, H, W, C)``; the same pixels each time.

    Arguments:
        name: one of :func:`sets_of` the data set.
        test_images: the test set, uint8 ``(N, H, W, C)``, which rotations and noise change.

    Raises:
        DatasetNotFoundError: The set is not on this machine.
        DatasetError: A file of it is damaged.
        ValueError: There is no such set, or none of images of this shape.
    """
    if name not in EVERY:
        raise ValueError(f"There is no out-of-distribution set {name!r}; choose one of {', '.join(EVERY)}.")
    check_pixels(test_images)
    change = EVERY[name].change
    if change is None:
        return EVERY[name].read(test_images)
    changed = test_images.copy()
    for start in range(0, len(changed), _CHUNK):
        rows = slice(start, start + _CHUNK)
        changed[rows] = to_uint8(change(to_unit(test_images[rows]), start))
    return changed


def __getattr__(name: str) -> Callable[[np.ndarray], np.ndarray]:
    if name not in _MOVED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    warnings.warn(f"use ood.load({_MOVED[name]!r}, images)", DeprecationWarning, stacklevel=2)
    return functools.partial(load, _MOVED[name])


def _folder(name: str, title: str, contents: str) -> Path:
    folder = copies.folder(name)
    if folder is None:
        places = " or ".join(map(str, copies.roots()))
        raise DatasetNotFoundError(f"There is no copy of {title}: put {contents} into a folder {name} in {places}.")
    return folder


def _read_bitmaps(folder: Path, name: str, count: int) -> np.ndarray:
    names = [f"{prefix}{n}.npy" for prefix in ("", "full_numpy_bitmap_") for n in (name, name.replace(" ", "_"))]
    path = next((folder / name for name in names if (folder / name).is_file()), None)
    if path is None:
        raise DatasetNotFoundError(f"There is no file {name}.npy in {folder}: fetch it from QuickDraw's numpy_bitmap.")
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)  # of some hundred megabytes, the first is needed
        if array.dtype != np.uint8 or array.shape[1:] != (DRAWING_SIDE**2,) or not len(array):
            raise ValueError(f"its array is {array.dtype} of shape {array.shape}")
    except Exception as error:  # numpy raises nearly anything on damaged files
        raise DatasetError(
            f"{path} is damaged, or holds no bitmaps of QuickDraw, uint8 of shape (M, 784); fetch it again."
        ) from error
    return np.array(array[:count]).reshape(-1, DRAWING_SIDE, DRAWING_SIDE)


def _read_scaled(path: Path) -> np.ndarray:
    try:
        with open(path, "rb") as file:
            images = read_arrays(file, ["x_test"], MOST_EXPANDED)["x_test"]
        check_pixels(images)
        if images.shape[1:] != (SIDE, SIDE, 3):
            raise ValueError(f"its images are of shape {images.shape}")
    except Exception as error:  # numpy and zipfile raise nearly anything on damaged files
        raise DatasetError(f"{path} is damaged, or holds no images of 32x32 pixels as x_test; replace it.") from error
    return images


def _read_jpeg(path: Path) -> np.ndarray:
    try:
        return read_image(path)
    except ImageError as error:
        raise DatasetError(f"{path} cannot be read as an image; fetch it again or remove it.") from error
