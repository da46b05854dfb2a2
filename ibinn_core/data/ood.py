"""Out-of-distribution sets, all of them 8-bit images of the shape that a model takes.

Those of Fig. 5, for models of CIFAR-10; the first four are the paper's:

==================  ========================================================================================
``rgb-rotation``    the test set, colours rotated about mid-grey by 0.3 π (Section 4.2), clipped
``drawings``        QuickDraw's drawings of the classes of CIFAR-10, each in a random colour
``noise``           the test set with small uniform noise
``imagenet``        the ImageNet validation set, centre squares scaled down
``gaussian-noise``  the test set with the noise that the authors' code adds
``cifar100``        CIFAR-100's test images: a substitute on machines without ImageNet
``cifar10``         CIFAR-10's test images, which take the place of the last for models of CIFAR-100
==================  ========================================================================================

For grey images there are others:

==================  ========================================================================================
``rotation-45``     the test set, turned about the centre by 45°; by 90° and 180° likewise
``inverted``        the test set, black for white
``fashion-mnist``   twenty test images of Fashion-MNIST, for MNIST
``mnist``           twenty test images of MNIST, for Fashion-MNIST
``cifar10-grey``    CIFAR-10's test images in grey, scaled down, for both
==================  ========================================================================================

:func:`sets_of` says which belong to a data set. Nothing here is downloaded, and no set is replaced by another.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..archives import read_arrays
from ..exploration.arrays import requantize
from ..exploration.corruption import add_gaussian_noise, add_uniform_noise
from ..exploration.rotation import PAPER_ANGLE, rotate_in_plane, rotate_rgb
from . import copies, loading
from .datasets import DEFAULT, Dataset, DatasetError, DatasetNotFoundError
from .folders import MOST_EXPANDED
from .image_files import read_image
from .images import ImageError, check_pixels, scale_images

__all__ = [
    "EVERY",
    "EXTRA_SETS",
    "PAPER_SETS",
    "SETS",
    "OutlierSet",
    "drawings",
    "gaussian_noise",
    "imagenet",
    "inverted",
    "load",
    "noise",
    "rotated",
    "sets_of",
    "turned",
]

#: The paper does not state its axis; this is that of the matrix in its authors' code, which rotates by 0.298 π.
ROTATION_AXIS = (0.300, 0.943, 0.143)
#: Of the authors' code, in units of [0, 1].
GAUSSIAN_SIGMA = 0.015
#: "Small" in the paper. This one has the deviation of the authors' Gaussian noise, about 6.7 of 256 levels.
UNIFORM_AMPLITUDE = GAUSSIAN_SIGMA * math.sqrt(3)
SEED = 0

#: QuickDraw's name for each class of CIFAR-10; it has no deer, and three kinds of ships but no ship.
QUICKDRAW_NAMES = {
    **{name: name for name in ("airplane", "car", "bird", "cat", "dog", "frog", "horse", "truck")},
    "ship": "cruise ship",
}
SIDE = 32  # of the sets for CIFAR-10
DRAWINGS_A_CLASS = 1000
DRAWING_SIDE = 28
IMAGENET_IMAGES = 10_000
IMAGENET_SCALED = "imagenet32.npz"

_CHUNK = 1000  # images that are turned into floats at once


def rotated(images: np.ndarray) -> np.ndarray:
    """Images, uint8 ``(N, H, W, 3)``, with colours rotated by 0.3 π about mid-grey (Section 4.2), clipped.

    Raises:
        ValueError: for images of another shape or type, as of the functions below.
    """
    return _changed(images, lambda x, start: rotate_rgb(x, PAPER_ANGLE, ROTATION_AXIS))


def noise(images: np.ndarray) -> np.ndarray:
    """Images, uint8 ``(N, H, W, C)``, with small uniform noise; always the same noise for the image in a row."""
    return _changed(images, lambda x, start: add_uniform_noise(x, UNIFORM_AMPLITUDE, SEED + start))


def gaussian_noise(images: np.ndarray) -> np.ndarray:
    """Images, uint8 ``(N, H, W, C)``, with Gaussian noise of deviation 0.015, as in the authors' code."""
    return _changed(images, lambda x, start: add_gaussian_noise(x, GAUSSIAN_SIGMA, SEED + start))


def turned(images: np.ndarray, degrees: float) -> np.ndarray:
    """Images, uint8 ``(N, H, W, C)``, turned about their centre, anticlockwise; corners become black."""
    return _changed(images, lambda x, start: rotate_in_plane(x, math.radians(degrees), 0.5 / 256))


def inverted(images: np.ndarray) -> np.ndarray:
    """The negatives of images, uint8 ``(N, H, W, C)``: black for white."""
    check_pixels(images)
    return 255 - images


def drawings(per_class: int = DRAWINGS_A_CLASS) -> np.ndarray:
    """QuickDraw's drawings of the classes of CIFAR-10, in colour on white, uint8 ``(N, 32, 32, 3)``, class after class.

    They are read from the official bitmaps ``airplane.npy``, ..., ``cruise ship.npy`` (or
    ``full_numpy_bitmap_*.npy``, also with underscores for spaces), each uint8 ``(M, 784)``, in the folder
    ``quickdraw`` in ``IBINN_DATA`` or ``./data``. As in the authors' code a drawing has one random colour, which is
    subtracted from white, and a border of two pixels. Of each file the first ``per_class`` are taken.

    Raises:
        DatasetNotFoundError: The folder, or the file of a class, is not there.
        DatasetError: A file is damaged or holds something else.
    """
    folder = _folder("quickdraw", "QuickDraw", "the official *.npy bitmaps")
    bitmaps = np.concatenate([_read_bitmaps(_bitmap_file(folder, n), per_class) for n in QUICKDRAW_NAMES.values()])
    colours = np.random.default_rng(SEED).uniform(0.3, 1, (len(bitmaps), 1, 1, 3))
    border = (SIDE - DRAWING_SIDE) // 2
    strokes = np.pad(bitmaps, ((0, 0), (border, border), (border, border)))[..., None]
    chunks = range(0, len(bitmaps), _CHUNK)
    return np.concatenate([_to_bytes(1 - strokes[i : i + _CHUNK] / 255 * colours[i : i + _CHUNK]) for i in chunks])


def imagenet(limit: int = IMAGENET_IMAGES) -> np.ndarray:
    """The first ``limit`` images of the ImageNet validation set, as `read_image` scales them, uint8 ``(N, 32, 32, 3)``.

    They are read from the JPEG files in the folder ``imagenet`` in ``IBINN_DATA`` or ``./data``, or in folders of
    their classes inside it; in the order of their names, which in the official files is random. Without such a
    folder, they are the array ``x_test`` of the file ``imagenet32.npz``, as Table 1 was measured.

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


def _test_set(images: np.ndarray, name: str) -> np.ndarray:
    return loading.load(name, "test")[0]


def _embedded(images: np.ndarray, name: str) -> np.ndarray:
    return loading.embedded(name)[0]


def _grey_cifar10(images: np.ndarray) -> np.ndarray:
    return scale_images(loading.load(DEFAULT, "test")[0], images.shape[1], channels=1)


class OutlierSet(NamedTuple):
    """An out-of-distribution set.

    Attributes:
        title: in sentences and legends.
        short: at the head of a column.
        look: a number from 0, of its colour and its line; no two sets of one data set have the same.
        make: makes it of the images of the test set, which some sets need and others do not.
    """

    title: str
    short: str
    look: int
    make: Callable[[np.ndarray], np.ndarray]


#: All of them, by their names.
EVERY = {
    "rgb-rotation": OutlierSet("RGB rotation", "RGB-rot", 0, rotated),
    "drawings": OutlierSet("drawings", "Draw", 1, lambda images: drawings()),
    "noise": OutlierSet("uniform noise", "Noise", 2, noise),
    "imagenet": OutlierSet("ImageNet", "ImgNet", 3, lambda images: imagenet()),
    "gaussian-noise": OutlierSet("Gaussian noise", "Gauss. noise", 4, gaussian_noise),
    "cifar100": OutlierSet("CIFAR-100", "CIFAR-100", 5, functools.partial(_test_set, name="cifar100")),
    "cifar10": OutlierSet("CIFAR-10", "CIFAR-10", 5, functools.partial(_test_set, name=DEFAULT)),
    "fashion-mnist": OutlierSet(
        "Fashion-MNIST", "Fashion-MNIST", 3, functools.partial(_embedded, name="fashion-mnist")
    ),
    "mnist": OutlierSet("MNIST", "MNIST", 3, functools.partial(_embedded, name="mnist")),
    "cifar10-grey": OutlierSet("CIFAR-10 in grey", "CIFAR-10 in grey", 7, _grey_cifar10),
    "rotation-45": OutlierSet("rotation by 45°", "Turned by 45°", 0, functools.partial(turned, degrees=45)),
    "rotation-90": OutlierSet("rotation by 90°", "Turned by 90°", 5, functools.partial(turned, degrees=90)),
    "rotation-180": OutlierSet("rotation by 180°", "Turned by 180°", 6, functools.partial(turned, degrees=180)),
    "inverted": OutlierSet("negatives", "Inverted", 1, inverted),
}
PAPER_SETS = ("rgb-rotation", "drawings", "noise", "imagenet")
EXTRA_SETS = ("gaussian-noise", "cifar100")
#: Those for CIFAR-10.
SETS = {name: EVERY[name] for name in PAPER_SETS + EXTRA_SETS}

_OTHER_OF_TWO = {"mnist": "fashion-mnist", "fashion-mnist": "mnist"}
_NOISE = ("noise", "gaussian-noise")
_IN_COLOUR = ("rgb-rotation", *_NOISE)
_IN_GREY = ("rotation-45", "rotation-90", "rotation-180", "inverted", *_NOISE)


def sets_of(dataset: Dataset) -> tuple[str, ...]:
    """The names of the sets that lie out of a data set's distribution (:func:`ibinn_core.data.describe`).

    The paper's belong to CIFAR-10; for CIFAR-100, CIFAR-10 takes its place among them. A person's folder has those that
    are made of its own test images.
    """
    if dataset.name == DEFAULT:
        return tuple(SETS)
    if dataset.name == "cifar100":
        return tuple(DEFAULT if name == dataset.name else name for name in SETS)
    if dataset.name in _OTHER_OF_TWO:
        return (_OTHER_OF_TWO[dataset.name], "cifar10-grey", *_IN_GREY)
    return {1: _IN_GREY, 3: _IN_COLOUR}.get(dataset.image_shape[0], _NOISE)


def load(name: str, test_images: np.ndarray) -> np.ndarray:
    """One of the sets above: uint8 ``(M, H, W, C)``; the same pixels each time.

    Arguments:
        name: one of :func:`sets_of` the data set.
        test_images: the test set, uint8 ``(N, H, W, C)``, to which rotations and noise are applied.

    Raises:
        DatasetNotFoundError: The set is not on this machine.
        DatasetError: A file of it is damaged.
        ValueError: There is no such set, or none of images of this shape.
    """
    if name not in EVERY:
        raise ValueError(f"There is no out-of-distribution set {name!r}; choose one of {', '.join(EVERY)}.")
    return EVERY[name].make(test_images)


def _changed(images: np.ndarray, change: Callable[[np.ndarray, int], np.ndarray]) -> np.ndarray:
    """``change(x, row of the first)`` of all images as floats (N, C, H, W), some at a time."""
    check_pixels(images)
    parts = [images[:0]]
    for start in range(0, len(images), _CHUNK):
        x = (images[start : start + _CHUNK].transpose(0, 3, 1, 2) + np.float32(0.5)) / np.float32(256)
        parts.append(_to_bytes(change(x, start)).transpose(0, 2, 3, 1))
    return np.concatenate(parts)


def _to_bytes(values: np.ndarray) -> np.ndarray:
    """The 8-bit level of floats over [0, 1]."""
    return (requantize(values) * 256).astype(np.uint8)


def _folder(name: str, title: str, contents: str) -> Path:
    folder = copies.folder(name)
    if folder is None:
        places = " or ".join(map(str, copies.roots()))
        raise DatasetNotFoundError(f"There is no copy of {title}: put {contents} into a folder {name} in {places}.")
    return folder


def _bitmap_file(folder: Path, name: str) -> Path:
    names = (name, name.replace(" ", "_"))
    for candidate in (f"{prefix}{n}.npy" for prefix in ("", "full_numpy_bitmap_") for n in names):
        if (folder / candidate).is_file():
            return folder / candidate
    raise DatasetNotFoundError(
        f"There is no file {name}.npy in {folder}: fetch it from QuickDraw's numpy_bitmap files."
    )


def _read_bitmaps(path: Path, count: int) -> np.ndarray:
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)  # of some hundred megabytes, the first is needed
    except Exception as error:  # numpy raises nearly anything on damaged files
        raise DatasetError(f"{path} is damaged or no .npy file; fetch it again.") from error
    pixels = DRAWING_SIDE**2
    if not isinstance(array, np.ndarray) or array.dtype != np.uint8 or array.shape[1:] != (pixels,) or not len(array):
        found = f"{array.dtype} of shape {array.shape}" if isinstance(array, np.ndarray) else "an archive"
        raise DatasetError(f"{path} holds {found}, not QuickDraw's uint8 of shape (M, {pixels}); fetch it again.")
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
