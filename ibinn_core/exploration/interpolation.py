"""Paths between two latents (Fig. 9)."""

from __future__ import annotations

from numbers import Integral

import numpy as np
from numpy.typing import ArrayLike

from .arrays import as_floats, numpy_inside

MOST_NUMBERS = 2**24  # of a path


@numpy_inside
def interpolate(z0: ArrayLike, z1: ArrayLike, steps: int = 9, path: str = "linear") -> np.ndarray:
    r"""Latents along a path from ``z0`` to ``z1``, both ends included.

    Arguments:
        z0: the latent at the start, ``(D,)``.
        z1: the latent at the end, ``(D,)``.
        steps: number of latents, at least two.
        path: ``"linear"``: :math:`(1 - t) z_0 + t z_1`. ``"spherical"``: along the great circle, :math:`\frac{\sin((1 -
            t) \omega)}{\sin \omega} z_0 + \frac{\sin(t \omega)}{\sin \omega} z_1` with :math:`\omega` the angle between
            them, linear if they are parallel. It keeps the length that is typical of a Gaussian in many dimensions.

    Returns:
        ``(steps, D)``, of the type and dtype of ``z0``.

    Raises:
        ValueError: for latents that are not finite floats ``(D,)`` of one length, fewer steps, or another path.

    Example:
        >>> ib.exploration.interpolate(np.zeros(2), np.array([1.0, 4.0]), steps=3).tolist()
        [[0.0, 0.0], [0.5, 2.0], [1.0, 4.0]]
    """
    z0, z1 = as_floats(z0, 1, "z0"), as_floats(z1, 1, "z1")
    if z0.shape != z1.shape:
        raise ValueError(f"z0 and z1 must have the same length, not {len(z0)} and {len(z1)}")
    if not isinstance(steps, Integral) or steps < 2:
        raise ValueError(f"a path needs at least two steps, a whole number, not {steps!r}")
    if steps * max(1, len(z0)) > MOST_NUMBERS:
        raise ValueError(f"a path holds at most {MOST_NUMBERS} numbers, not {steps} steps of {len(z0)}")
    if not isinstance(path, str) or path not in ("linear", "spherical"):
        raise ValueError(f"the path must be 'linear' or 'spherical', not {path!r}")
    t = np.linspace(0, 1, steps)[:, None]
    start, end = z0.astype(np.float64), z1.astype(np.float64)
    weights = (1 - t, t) if path == "linear" else _great_circle(start, end, t)
    return (weights[0] * start + weights[1] * end).astype(z0.dtype)


def _great_circle(start: np.ndarray, end: np.ndarray, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    # Each by its own length, whose product may be too large or too small for a float.
    directions = [z / size if (size := np.linalg.norm(z)) else z for z in (start, end)]
    omega = np.arccos(np.clip(directions[0] @ directions[1], -1, 1)) if all(map(np.any, directions)) else 0.0
    if np.sin(omega) < 1e-6:
        return 1 - t, t
    return np.sin((1 - t) * omega) / np.sin(omega), np.sin(t * omega) / np.sin(omega)
