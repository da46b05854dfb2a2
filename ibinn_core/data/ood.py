"""Out-of-distribution sets (Fig. 5), 8-bit images in the model's shape.

:func:`sets_of` lists the sets of a data set, and :func:`load` makes a set. Nothing is downloaded.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..exploration.corruption import (
    PAPER_ANGLE,
    add_gaussian_noise,
    add_uniform_noise,
    rotate_in_plane,
    rotate_rgb,
)
from . import copies, loading
from .datasets import DATASETS, OUTLIERS, Dataset, DatasetError, DatasetNotFoundError
from .folders import IMAGE_SUFFIXES, read_images
from .images import check_pixels, scale_images, to_uint8, to_unit

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["EVERY", "PAPER_SETS", "OutlierSet", "load", "sets_of"]

#: The axis in the authors' code, which rotates by 0.298 π; the paper does not state the axis.
ROTATION_AXIS = (0.300, 0.943, 0.143)
#: From the authors' code, in units of [0, 1].
GAUSSIAN_SIGMA = 0.015
#: The paper calls this noise "small". Its amplitude of 6.7 of 256 levels gives it the deviation of the Gaussian noise.
UNIFORM_AMPLITUDE = GAUSSIAN_SIGMA * math.sqrt(3)

SIDE = 32  # side of images that are read from files
MAX_IMAGES = 10_000  # most images that are read from a folder
_CHUNK = 1000  # images converted to floats at a time


class OutlierSet(NamedTuple):
    """An out-of-distribution set: a change of the test images, or other images.

    Attributes:
        title: the name in sentences and legends.
        short: the name at the head of a column.
        color: the number of its colour and line, from 0; unique among the sets of one data set.
        change: makes the set from the test images, floats ``(N, C, H, W)``, and a seed; or ``None``.
        read: for a set without ``change``: maps the test images, uint8 ``(N, H, W, C)``, to images of the same
            type.
        needs_files: whether the set needs files besides the test images and the embedded images.
    """

    title: str
    short: str
    color: int
    change: Callable[[Tensor, int], Tensor] | None = None
    read: Callable[[np.ndarray], np.ndarray] = np.copy
    needs_files: bool = False


def _from_files(name: str) -> np.ndarray:
    """Reads an out-of-distribution set, uint8 ``(N, 32, 32, 3)``, from files in one of the folders of data sets.

    The source is the file ``<name>32.npz``, with the images as ``x_test``, or a folder ``<name>`` of image files. The
    first 10,000 files of a folder, by name, are scaled. The paper's drawings are QuickDraw's bitmaps of the classes of
    CIFAR-10, each in one random colour on white.
    """
    for root in copies.roots():
        file, folder = root / f"{name}32.npz", root / name
        if file.is_file():
            images = loading.arrays_of(file, ["x_test"])["x_test"]
            if images.dtype == np.uint8 and images.shape[1:] == (SIDE, SIDE, 3) and len(images):
                return images
            raise DatasetError(f"{file} does not hold uint8 images of shape (N, {SIDE}, {SIDE}, 3) as x_test.")
        files = [path for path in folder.rglob("*") if path.suffix.lower() in IMAGE_SUFFIXES and path.name[0] != "."]
        if files:
            return read_images(sorted(files, key=lambda path: (path.name, path))[:MAX_IMAGES], SIDE, 3)
    roots = " or ".join(map(str, copies.roots()))
    raise DatasetNotFoundError(f"There is no set {name} in {roots}: put {name}32.npz or a folder {name} there.")


def _turn(degrees: int, color: int) -> OutlierSet:
    """Defines the set of test images rotated anticlockwise, with black corners."""
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
    "drawings": OutlierSet("drawings", "Draw", 1, read=lambda _: _from_files("drawings"), needs_files=True),
    "noise": OutlierSet("uniform noise", "Noise", 2, lambda x, seed: add_uniform_noise(x, UNIFORM_AMPLITUDE, seed)),
    "imagenet": OutlierSet("ImageNet", "ImgNet", 3, read=lambda _: _from_files("imagenet"), needs_files=True),
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


def sets_of(dataset: Dataset) -> tuple[str, ...]:
    """Returns the names of the out-of-distribution sets of a data set."""
    return dataset.outliers or OUTLIERS[dataset.image_shape[0]]


def load(name: str, test_images: np.ndarray) -> np.ndarray:
    """One out-of-distribution set, uint8 ``(M, H, W, C)``, with the same pixels each time.

    Arguments:
        name: a name from :func:`sets_of`.
        test_images: the test set, uint8 ``(N, H, W, C)``, which rotations and noise change.

    Raises:
        DatasetNotFoundError: The set is not on this machine.
        DatasetError: A file of the set is damaged.
        ValueError: There is no such set, or it cannot have images of this shape.
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
