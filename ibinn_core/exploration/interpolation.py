"""Paths between latents (Fig. 9)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .arrays import as_count, as_floats, numpy_inside


@numpy_inside
def interpolate(z0: ArrayLike, z1: ArrayLike, steps: int = 9, path: str = "spherical") -> np.ndarray:
    r"""Latents along paths from ``z0`` to ``z1``, both ends included.

    Arguments:
        z0: the latents at the start, ``(D,)`` or ``(N, D)``.
        z1: the latents at the end, ``(D,)`` or ``(N, D)``; a single latent is used for all latents of a batch.
        steps: number of latents on a path, at least two.
        path: ``"spherical"``: along the great circle, :math:`\frac{\sin((1 - t) \omega)}{\sin \omega} z_0 +
            \frac{\sin(t \omega)}{\sin \omega} z_1` with :math:`\omega` the angle between the ends, linear if they are
            parallel. This path keeps the length that is typical of a Gaussian in many dimensions. ``"linear"``:
            :math:`(1 - t) z_0 + t z_1`.

    Returns:
        ``(steps, D)``, or ``(N, steps, D)`` for a batch, of the type and dtype of ``z0``. To decode a batch, flatten
        it to ``(N * steps, D)``: ``model.decode(paths.flatten(0, 1))``.

    Raises:
        ValueError: for latents that are not finite floats of these shapes, fewer than two steps, or an unknown path.

    Example:
        >>> ib.exploration.interpolate(np.zeros(2), np.array([1.0, 4.0]), steps=3, path="linear").tolist()
        [[0.0, 0.0], [0.5, 2.0], [1.0, 4.0]]
    """
    z0, z1 = as_floats(z0, (1, 2), "z0"), as_floats(z1, (1, 2), "z1")
    if z0.shape[-1] != z1.shape[-1] or (z0.ndim == z1.ndim == 2 and len(z0) != len(z1)):
        raise ValueError(
            f"z0 and z1 must have the same number of latents and dimensions, not {z0.shape} and {z1.shape}"
        )
    steps = as_count(steps, 2, "the number of steps")
    if not isinstance(path, str) or path not in ("linear", "spherical"):
        raise ValueError(f"the path must be 'linear' or 'spherical', not {path!r}")
    t = np.linspace(0, 1, steps)[:, None]
    start, end = z0.astype(np.float64), z1.astype(np.float64)
    first, last = (1 - t, t) if path == "linear" else _great_circle(start, end, t)
    return (first * start[..., None, :] + last * end[..., None, :]).astype(z0.dtype)


def _great_circle(start: np.ndarray, end: np.ndarray, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Computes the weights of both ends, ``(..., steps, 1)``."""
    # Divide by each length separately: the product of lengths may overflow or underflow.
    sizes = [np.linalg.norm(z, axis=-1, keepdims=True) for z in (start, end)]
    one, other = (z / np.where(size > 0, size, 1) for z, size in zip((start, end), sizes, strict=True))
    omega = np.arccos(np.clip((one * other).sum(-1), -1, 1))[..., None, None]
    has_ends = np.asarray(one.any(-1) & other.any(-1))[..., None, None]
    has_angle = has_ends & (np.sin(omega) >= 1e-6)
    sine = np.where(has_angle, np.sin(omega), 1)
    first, last = np.sin((1 - t) * omega) / sine, np.sin(t * omega) / sine
    return np.where(has_angle, first, 1 - t), np.where(has_angle, last, t)
