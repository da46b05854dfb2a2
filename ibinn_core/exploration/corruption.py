"""Noise and blending: more ways out of the distribution (Section 4.2, Fig. 5).

As in :mod:`.rotation`, the results are images again: clipped to [0, 1] and requantised to 8 bits.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from .arrays import as_count, as_images, as_number, as_share, numpy_inside, requantize


@numpy_inside
def add_uniform_noise(x: ArrayLike, amplitude: float, seed: int = 0) -> np.ndarray:
    """Images with uniform noise from ``-amplitude`` to ``amplitude`` added to every value.

    Arguments:
        x: images, floats over [0, 1], ``(N, C, H, W)``.
        amplitude: in units of [0, 1], 0 or more. It scales the pattern of the noise, which does not depend on it.
        seed: of the pattern, a whole number from 0 on; each image has another one.

    Returns:
        ``(N, C, H, W)``, clipped to [0, 1] and requantised to 8 bits (pixel centres).

    Raises:
        ValueError: for images of another shape or dtype, or another amplitude or seed.
    """
    return _add_noise(x, amplitude, lambda shape: _rng(seed).uniform(-1, 1, shape))


@numpy_inside
def add_gaussian_noise(x: ArrayLike, sigma: float, seed: int = 0) -> np.ndarray:
    """Images with Gaussian noise of deviation ``sigma``, in units of [0, 1]; otherwise as :func:`add_uniform_noise`."""
    return _add_noise(x, sigma, lambda shape: _rng(seed).standard_normal(shape))


@numpy_inside
def blend(x: ArrayLike, other: ArrayLike, t: float) -> np.ndarray:
    """Images faded into others: ``(1 - t) x + t other``.

    Arguments:
        x: images, floats over [0, 1], ``(N, C, H, W)``.
        other: images of the same shape, floats over [0, 1].
        t: from 0 (only ``x``) to 1 (only ``other``).

    Returns:
        ``(N, C, H, W)``, requantised to 8 bits (pixel centres).

    Raises:
        ValueError: for images of another shape or dtype, or ``t`` outside [0, 1].
    """
    x, other = as_images(x), as_images(other)
    if x.shape != other.shape:
        raise ValueError(f"images can only be blended with images of their shape, not {x.shape} with {other.shape}")
    t = as_share(t, "t")
    mixed = (1 - t) * x.astype(np.float64) + t * other.astype(np.float64)
    return requantize(mixed).astype(x.dtype)


def _rng(seed: int) -> np.random.Generator:
    return np.random.default_rng(as_count(seed, 0, "the seed"))


def _add_noise(x: ArrayLike, strength: float, pattern: Callable[[tuple[int, ...]], np.ndarray]) -> np.ndarray:
    x = as_images(x)
    strength = as_number(strength, "the strength of noise")
    if strength < 0:
        raise ValueError(f"the strength of noise must be a finite number, 0 or more, not {strength}")
    return requantize(x.astype(np.float64) + strength * pattern(x.shape)).astype(x.dtype)
