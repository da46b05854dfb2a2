"""Noise and blending: more roads out of the distribution (Section 4.2, Fig. 5).

As in :mod:`.rotation`, what comes out is an image again: clamped to [0, 1] and requantised to 8 bits.
"""

import numpy as np

from .arrays import as_floats, numpy_inside, requantize


@numpy_inside
def add_uniform_noise(x, amplitude: float, seed: int = 0):
    """Images with uniform noise from ``-amplitude`` to ``amplitude`` on every value; the paper's has a small one.

    Arguments:
        x: images, floats over [0, 1], ``(N, 3, H, W)``.
        amplitude: in units of [0, 1], 0 or more. The pattern does not depend on it: it only grows.
        seed: draws the pattern, each image's own.

    Returns:
        ``(N, 3, H, W)``, clamped to [0, 1] and requantised to 8 bits (pixel centres).

    Raises:
        ValueError: for images of another shape or kind, or an amplitude that is negative or not finite.
    """
    return _add_noise(x, amplitude, lambda shape: np.random.default_rng(seed).uniform(-1, 1, shape))


@numpy_inside
def add_gaussian_noise(x, sigma: float, seed: int = 0):
    """Images with Gaussian noise of standard deviation ``sigma`` on every value.

    Arguments:
        x: images, floats over [0, 1], ``(N, 3, H, W)``.
        sigma: in units of [0, 1], 0 or more (0.015 in the authors' code). The pattern only grows with it.
        seed: draws the pattern, each image's own.

    Returns:
        ``(N, 3, H, W)``, clamped to [0, 1] and requantised to 8 bits (pixel centres).

    Raises:
        ValueError: for images of another shape or kind, or a sigma that is negative or not finite.
    """
    return _add_noise(x, sigma, lambda shape: np.random.default_rng(seed).standard_normal(shape))


@numpy_inside
def blend(x, other, t: float):
    """Images faded into others: ``(1 - t) x + t other``, both ends exact.

    A drawing as ``other`` leads to the paper's QuickDraw set, an image of another class between classes.

    Arguments:
        x, other: images, floats over [0, 1], both ``(N, 3, H, W)``.
        t: from 0 (all ``x``) to 1 (all ``other``).

    Returns:
        ``(N, 3, H, W)``, requantised to 8 bits (pixel centres).

    Raises:
        ValueError: for images of another shape or kind, or ``t`` outside [0, 1].
    """
    x, other = _images(x), _images(other)
    if x.shape != other.shape:
        raise ValueError(f"images can only be blended with images of their shape, not {x.shape} with {other.shape}")
    if not 0 <= t <= 1:
        raise ValueError(f"t must lie between 0 and 1, not {t}")
    mixed = (1 - t) * x.astype(np.float64) + t * other.astype(np.float64)
    return requantize(mixed).astype(x.dtype)


def _add_noise(x, strength: float, pattern) -> np.ndarray:
    x = _images(x)
    if not (np.isfinite(strength) and strength >= 0):
        raise ValueError(f"the strength of noise must be a finite number, 0 or more, not {strength}")
    return requantize(x.astype(np.float64) + strength * pattern(x.shape)).astype(x.dtype)


def _images(x) -> np.ndarray:
    x = as_floats(x, 4, "images")
    if x.shape[1] != 3:
        raise ValueError(f"images must have the shape (N, 3, H, W), not {x.shape}")
    return x
