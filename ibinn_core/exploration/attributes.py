"""Measured attributes of images: the light of a photograph, the strokes of a drawing."""

from __future__ import annotations

from typing import Any

import numpy as np

from .arrays import as_images, to_numpy

_FAINT = 0.1  # smaller differences from the ground are noise, not ink


def attributes(images: Any) -> dict[str, Any]:  # arrays or tensors
    r"""Measured attributes of images by their names, each ``(N,)``; every number is finite, whatever the image.

    For images in colour, from their values in [0, 1]:

    ===============  =================================================================================================
    ``brightness``   mean of all values
    ``warmth``       mean of red minus mean of blue: above 0 warm, below 0 cold
    ``tint``         mean of green minus mean of red and blue: above 0 green, below 0 magenta
    ``contrast``     standard deviation of the grey values
    ``light_above``  mean of the upper half minus mean of the lower half
    ``saturation``   mean over the pixels of the difference between the largest and the smallest channel
    ``sharpness``    :math:`\sqrt{1 - \rho}`, ρ the correlation of neighbouring grey values: 0 if blurred, 1 for noise
    ===============  =================================================================================================

    Grey images are treated as drawings. The ground is the median of the pixels at the edge. The ink w of a pixel is its
    distance from the ground, or 0 if that is below 0.1:

    =============  ===================================================================================================
    ``ink``        mean of w: the share of the image that is covered
    ``slant``      regression of the columns on the rows, both weighted by w: above 0 if strokes lean to the right
    ``width``      standard deviation of the columns, weighted by w, after the slant is removed, in pixels
    ``height``     standard deviation of the rows, weighted by w, in pixels
    ``thickness``  twice the area of the ink divided by the length of its outline, in pixels
    =============  ===================================================================================================

    Arguments:
        images: uint8 ``(N, H, W, C)``, or floats over [0, 1] ``(N, C, H, W)``, which are clipped; arrays or tensors. C
            is 1 or 3.

    Returns: float64 arrays. A tensor of images gives tensors on its device, of its type if that is a float type, else
        of float32.

    Raises:
        ValueError: for images of another shape or type, or for values that are not finite or cannot be pixels.
    """
    x = _as_unit(images)
    found = _of_colour(x) if x.shape[1] == 3 else _of_grey(x[:, 0])
    if hasattr(images, "new_tensor"):
        like = images if images.is_floating_point() else images[:0].float()
        return {name: like.new_tensor(values) for name, values in found.items()}
    return found


def _as_unit(images: Any) -> np.ndarray:
    """Converts images to float64 ``(N, C, H, W)``, clipped to [0, 1]."""
    array = np.asarray(to_numpy(images))
    if array.dtype == np.uint8:
        if array.ndim != 4:
            raise ValueError(f"8-bit images must have the shape (N, H, W, C), not {array.shape}")
        array = (array.transpose(0, 3, 1, 2) + 0.5) / 256
    return np.clip(as_images(array).astype(np.float64), 0, 1)


def _of_colour(x: np.ndarray) -> dict[str, np.ndarray]:
    red, green, blue = x.mean((2, 3)).T
    grey = x.mean(1)
    return {
        "brightness": grey.mean((1, 2)),
        "warmth": red - blue,
        "tint": green - (red + blue) / 2,
        "contrast": grey.std((1, 2)),
        "light_above": _light_above(grey),
        "saturation": (x.max(1) - x.min(1)).mean((1, 2)),
        "sharpness": _sharpness(grey),
    }


def _light_above(grey: np.ndarray) -> np.ndarray:
    half = grey.shape[1] // 2  # with an odd number of rows, the middle row is left out
    if not half:
        return np.zeros(len(grey))
    return grey[:, :half].mean((1, 2)) - grey[:, -half:].mean((1, 2))


def _sharpness(grey: np.ndarray) -> np.ndarray:
    """Computes √(1 - ρ). Here 1 - ρ is half the mean square of neighbours' differences, divided by the variance."""
    height, width = grey.shape[1:]
    squares = np.square(np.diff(grey, axis=1)).sum((1, 2)) + np.square(np.diff(grey, axis=2)).sum((1, 2))
    pairs = max(1, (height - 1) * width + height * (width - 1))  # a single pixel has no neighbour
    return np.sqrt(_ratio(squares / pairs, 2 * grey.var((1, 2))))


def _of_grey(grey: np.ndarray) -> dict[str, np.ndarray]:
    edge = np.concatenate([grey[:, 0], grey[:, -1], grey[:, :, 0], grey[:, :, -1]], axis=1)
    ink = np.abs(grey - np.median(edge, axis=1)[:, None, None])
    ink = np.where(ink < _FAINT, 0, ink)
    total = ink.sum((1, 2))
    rows, columns = (np.arange(size, dtype=np.float64) for size in grey.shape[1:])
    y = -(rows - _ratio((ink.sum(2) @ rows), total)[:, None])  # upwards
    x = columns - _ratio((ink.sum(1) @ columns), total)[:, None]
    spread_y = _ratio((ink.sum(2) * y**2).sum(1), total)
    spread_x = _ratio((ink.sum(1) * x**2).sum(1), total)
    together = _ratio(np.einsum("nhw,nh,nw->n", ink, y, x), total)
    slant = _ratio(together, spread_y)
    return {
        "ink": ink.mean((1, 2)),
        "slant": slant,
        "width": np.sqrt(np.maximum(spread_x - slant * together, 0)),
        "height": np.sqrt(spread_y),
        "thickness": _ratio(2 * total, _outline(ink)),
    }


def _outline(ink: np.ndarray) -> np.ndarray:
    """Computes the total variation of the ink: the length of its outline, times its darkness."""
    padded = np.pad(ink, ((0, 0), (1, 1), (1, 1)))
    down, right = np.diff(padded, axis=1)[:, :, :-1], np.diff(padded, axis=2)[:, :-1]
    return np.hypot(down, right).sum((1, 2))


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """Computes ``above / below``; 0 where ``below`` is only rounding error."""
    is_something = below > 1e-12
    return np.where(is_something, above / np.where(is_something, below, 1), 0.0)
