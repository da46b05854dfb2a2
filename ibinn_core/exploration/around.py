r"""Latents around a latent: on the shell where nearly all of a Gaussian lies, off it, and inside it.

Of n from a standard normal distribution in D dimensions, :math:`\|n\|^2` is D give or take :math:`\sqrt{2 D}`: nearly
all of it lies on a thin shell of radius :math:`\sqrt D`, although the density is highest in the middle. Two such
latents are nearly orthogonal, so that a sum of them is too long to be typical and their mean too short, both by a
factor of :math:`\sqrt 2`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .arrays import as_count, as_floats, as_number, numpy_inside

#: How one goes from a latent towards noise.
PATHS = "straight", "shell", "average"

MOST_NUMBERS = 2**24  # of all latents together
LAST_SEED = 2**32 - 1


@numpy_inside
def around(
    z: ArrayLike,
    radius: float,
    count: int = 6,
    seed: int = 0,
    path: str = "shell",
    center: ArrayLike | None = None,
) -> np.ndarray:
    r"""Latents around a latent, ``(count, D)``, of the type and dtype of ``z``.

    With n standard normal, r the radius and c the centre,

    .. math::
        z' = c + f(r)\,((z - c) + r\, n), \qquad
        f(r) = 1 \text{ (straight)}, \quad \frac{1}{\sqrt{1 + r^2}} \text{ (shell)}, \quad
        \frac{1}{1 + r} \text{ (average)}.

    All three lie in one direction from c, and only their lengths differ. *Straight* moves r standard deviations away,
    and is too long to be typical. *Shell* brings it back to the length that latents of the model's own have: with
    :math:`r = \tan\theta` it is :math:`c + (z - c) \cos\theta + n \sin\theta`, and if z is typical of a Gaussian about
    c, so is that, at any r. *Average* is the weighted mean of z and of a latent :math:`c + n` drawn there, at r = 1 the
    midpoint: too short.

    Arguments:
        z: a latent, ``(D,)``.
        radius: r, in standard deviations of each dimension, 0 or more. At 1 the noise is as long as a typical latent.
        count: how many, each with noise of its own, at least one.
        seed: of the noise, 0 to 2³² - 1. The same seed has the same noise at any radius, so that latents move smoothly
            with it; up to rounding, and of 16 numbers or more, it is that of
            ``torch.randn((count, D), generator=torch.Generator().manual_seed(seed))``.
        path: ``"straight"``, ``"shell"`` or ``"average"``.
        center: c, ``(D,)``, such as μ of the latent's class; the origin by default.

    Raises:
        ValueError: for a latent or centre that is not finite floats ``(D,)``, a negative radius, no count, a negative
            or too large a seed, or another path.

    Example:
        >>> z = np.random.default_rng(1).standard_normal(3072)
        >>> for path in ("straight", "shell", "average"):
        ...     midway = ib.exploration.around(z, radius=1, count=1, path=path)[0]
        ...     print(path, round(float(np.linalg.norm(midway) / np.sqrt(3072)), 1))
        straight 1.4
        shell 1.0
        average 0.7
    """
    z = as_floats(z, 1, "z")
    start = z.astype(np.float64)
    middle = np.zeros(len(z)) if center is None else as_floats(center, 1, "the center").astype(np.float64)
    if len(middle) != len(z):
        raise ValueError(f"z and the center must have the same length, not {len(z)} and {len(middle)}")
    radius, count, seed = as_number(radius, "the radius"), as_count(count, 1, "count"), as_count(seed, 0, "the seed")
    if radius < 0:
        raise ValueError(f"the radius must be 0 or more, not {radius:g}")
    if count * max(1, len(z)) > MOST_NUMBERS:
        raise ValueError(f"there can be at most {MOST_NUMBERS} numbers, not {count} latents of {len(z)}")
    moved = (start - middle) + radius * noise_of(count, len(z), seed)
    return (middle + factor_of(path, radius) * moved).astype(z.dtype)


def factor_of(path: str, radius: float) -> float:
    """f(r) of :func:`around`."""
    if not isinstance(path, str) or path not in PATHS:
        raise ValueError(f"the path must be one of {', '.join(map(repr, PATHS))}, not {path!r}")
    return {"straight": 1.0, "shell": 1 / float(np.hypot(1, radius)), "average": 1 / (1 + radius)}[path]


def noise_of(count: int, dims: int, seed: int) -> np.ndarray:
    """The noise of :func:`around`, float64 ``(count, D)``: ``torch.randn`` without torch, which the app does without.

    The Mersenne Twister's bits, and the transform of Box and Muller, sixteen numbers at a time, as PyTorch has it on a
    CPU and ``app/static/flow/noise.js`` in the browser. (Fewer than sixteen numbers it draws in another way.)
    """
    if seed > LAST_SEED:
        raise ValueError(f"the seed must be at most {LAST_SEED}, not {seed}")
    size = max(16, count * dims)
    draws = np.random.RandomState(seed)
    uniform = _uniform(draws, size)
    blocks = _box_muller(uniform[: size - size % 16].reshape(-1, 16)).ravel()
    if size % 16:  # the last sixteen are drawn anew
        blocks = np.concatenate([blocks, np.zeros(size % 16)])
        blocks[-16:] = _box_muller(_uniform(draws, 16)[None])[0]
    return blocks[: count * dims].reshape(count, dims)


def _uniform(draws: np.random.RandomState, size: int) -> np.ndarray:
    return (draws.randint(0, 2**32, size, dtype=np.uint32) & 0xFFFFFF) / 2**24


def _box_muller(uniform: np.ndarray) -> np.ndarray:
    """Sixteen normal numbers of sixteen uniform ones, ``(N, 16)``."""
    radius, angle = np.sqrt(-2 * np.log1p(-uniform[:, :8])), 2 * np.pi * uniform[:, 8:]
    return np.concatenate([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
