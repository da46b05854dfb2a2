"""Corruptions (Section 4.2, Figs. 5 and 12): rotations of colours and in the plane, noise, and blending.

Changed images are clipped to [0, 1], and their values moved to the centres of 8-bit levels.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from .arrays import as_count, as_images, as_number, numpy_inside, requantize, to_numpy

PAPER_ANGLE = 0.3 * np.pi


def random_axis(seed: int) -> np.ndarray:
    """A random unit vector in RGB space, uniform over the sphere, ``(3,)``; ``seed`` is a whole number from 0 on."""
    vector = _rng(seed).standard_normal(3)
    return vector / np.linalg.norm(vector)


def rotation_matrix(alpha: float, axis: ArrayLike) -> np.ndarray:
    """The matrix of a rotation by ``alpha`` radians, ``(3, 3)``, by Rodrigues' formula.

    The axis is three finite numbers that are not all zero, with any norm; other axes raise a ValueError.
    """
    direction = np.asarray(to_numpy(axis))
    if direction.dtype.kind not in "fiu" or direction.shape != (3,) or not 0 < np.abs(direction).max() < np.inf:
        raise ValueError("the axis of a rotation must be three finite numbers that are not all zero")
    alpha = as_number(alpha, "the angle of a rotation")
    direction = direction / np.abs(direction).max()  # avoids squares that overflow or underflow
    x, y, z = direction / np.linalg.norm(direction)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(alpha) * cross + (1 - np.cos(alpha)) * cross @ cross


@numpy_inside
def rotate_rgb(x: ArrayLike, alpha: float, axis: ArrayLike = (1.0, 1.0, 1.0)) -> np.ndarray:
    """Images with the colour of every pixel rotated about an axis through mid-grey.

    Arguments:
        x: images, floats over [0, 1], ``(N, 3, H, W)``; other values raise a ValueError.
        alpha: angle in radians; 0.3 π in the paper.
        axis: direction of the axis in RGB space, as for :func:`rotation_matrix`.

    Example:
        >>> red = ib.to_unit(np.full((1, 32, 32, 3), [255, 0, 0], dtype=np.uint8))
        >>> turned = ib.exploration.rotate_rgb(red, 2 * np.pi / 3)  # a third of a turn about the grey axis
        >>> ib.to_uint8(turned)[0, 0, 0].tolist()
        [0, 255, 0]
    """
    x = as_images(x)
    if x.shape[1] != 3:
        raise ValueError(f"an RGB rotation needs images of shape (N, 3, H, W), not {x.shape}")
    rotated = np.einsum("ij,njhw->nihw", rotation_matrix(alpha, axis), x - 0.5) + 0.5
    return requantize(rotated).astype(x.dtype)


@numpy_inside
def rotate_in_plane(x: ArrayLike, alpha: float, background: float = 0.0) -> np.ndarray:
    """Images rotated about their centre, bilinearly interpolated.

    A quarter turn of a square image moves pixels and changes no value.

    Arguments:
        x: images, floats over [0, 1], ``(N, C, H, W)``.
        alpha: angle in radians, anticlockwise if the image is shown with its first row at the top.
        background: the value of the empty corners, from 0 to 1.

    Raises:
        ValueError: for invalid arguments.
    """
    from scipy.ndimage import rotate  # not needed for listing checkpoints

    x = as_images(x)
    degrees = np.degrees(as_number(alpha, "the angle of a rotation"))
    ground = as_number(background, "the background", 0, 1)
    exact = x.astype(np.float64)
    rotated = rotate(exact, degrees, (2, 3), reshape=False, order=1, mode="grid-constant", cval=ground)
    return requantize(rotated).astype(x.dtype)


@numpy_inside
def add_uniform_noise(x: ArrayLike, amplitude: float, seed: int = 0) -> np.ndarray:
    """Images with uniform noise from ``-amplitude`` to ``amplitude`` added to every value.

    Arguments:
        x: images, floats over [0, 1], ``(N, C, H, W)``.
        amplitude: amplitude of the noise in units of [0, 1], 0 or more. The amplitude only scales the noise's pattern.
        seed: seed of the pattern, a whole number from 0 on; each image has a different pattern.

    Raises:
        ValueError: for invalid arguments.
    """
    return _add_noise(x, amplitude, lambda shape: _rng(seed).uniform(-1, 1, shape))


@numpy_inside
def add_gaussian_noise(x: ArrayLike, sigma: float, seed: int = 0) -> np.ndarray:
    """Images with Gaussian noise of deviation ``sigma`` in units of [0, 1]; see :func:`add_uniform_noise`."""
    return _add_noise(x, sigma, lambda shape: _rng(seed).standard_normal(shape))


@numpy_inside
def blend(x: ArrayLike, other: ArrayLike, t: float) -> np.ndarray:
    """Images faded into other images: ``(1 - t) x + t other``.

    ``x`` and ``other`` are floats over [0, 1] of one shape ``(N, C, H, W)``, and t is from 0 to 1. Other arguments
    raise a ValueError.
    """
    x, other = as_images(x), as_images(other)
    if x.shape != other.shape:
        raise ValueError(f"images can only be blended with images of their shape, not {x.shape} with {other.shape}")
    t = as_number(t, "t", 0, 1)
    mixed = (1 - t) * x.astype(np.float64) + t * other.astype(np.float64)
    return requantize(mixed).astype(x.dtype)


def _rng(seed: int) -> np.random.Generator:
    return np.random.default_rng(as_count(seed, 0, "the seed"))


def _add_noise(x: ArrayLike, strength: float, pattern: Callable[[tuple[int, ...]], np.ndarray]) -> np.ndarray:
    x = as_images(x)
    strength = as_number(strength, "the strength of noise", 0)
    return requantize(x.astype(np.float64) + strength * pattern(x.shape)).astype(x.dtype)
