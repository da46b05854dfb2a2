"""Noise that varies as the latents of a class's images do: for samples with the covariance of their class."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .around import LAST_SEED, MOST_NUMBERS
from .arrays import as_count, as_floats, numpy_inside, to_numpy
from .style import leading


@numpy_inside
def class_noise(
    z: ArrayLike, labels: ArrayLike, classes: ArrayLike, seed: int = 0, rank: int | None = None
) -> np.ndarray:
    r"""Gaussian noise with the covariance of the latents of given classes, ``(M, D)``, of the type and dtype of ``z``.

    With n latents :math:`z_i` of class y, their mean :math:`m_y`, and standard normal :math:`w_i`, it is

    .. math::
        \frac{1}{\sqrt n} \sum_i w_i\, (z_i - m_y) \sim \mathcal N(0, \Sigma_y),
        \qquad \Sigma_y = \frac1n \sum_i (z_i - m_y)(z_i - m_y)^T .

    No matrix of D × D numbers is needed, and each row is a mixture of all latents of its class, near none of them. With
    fewer latents than dimensions the covariance is singular, and the noise lies in their span.

    With a ``rank`` r it keeps the r widest directions of :math:`\Sigma_y` and their variances, and varies equally in
    all others, as much as the latents do there on average (probabilistic PCA, Tipping and Bishop 1999).

    Arguments:
        z: latents of training images, ``(N, D)``.
        labels: their classes, integers ``(N,)``.
        classes: of each row of the noise, integers ``(M,)``, all of them among ``labels``.
        seed: of the random numbers, 0 to 2³² - 1.
        rank: r, 0 to D, and less than the latents of each class; the whole covariance if not given.

    Raises:
        ValueError: for arrays of other shapes or types, a class of fewer than two latents, another seed, or a rank that
            is larger.

    Example:
        >>> model, (images, labels) = ib.load("gamma-1"), ib.data.sample()
        >>> z = model.encode(ib.dequantize(ib.to_unit(images)))
        >>> noise = ib.exploration.class_noise(z, labels, classes=[3, 3, 5])
        >>> model.sample([3, 3, 5], 0.8, "empirical", noise=noise).shape
        torch.Size([3, 3, 32, 32])
    """
    z = as_floats(z, 2, "latents")
    labels, classes = _as_classes(labels, "labels"), _as_classes(classes, "classes")
    seed = as_count(seed, 0, "the seed")
    rank = None if rank is None else as_count(rank, 0, "the rank")
    if len(labels) != len(z):
        raise ValueError(f"there must be a label for each of the {len(z)} latents, not {len(labels)}")
    if seed > LAST_SEED:
        raise ValueError(f"the seed must be {LAST_SEED} at most, not {seed}")
    if len(classes) * max(len(z), z.shape[1]) > MOST_NUMBERS:
        raise ValueError(f"there can be at most {MOST_NUMBERS} numbers, not {len(classes)} rows for {z.shape} latents")
    random, noise = np.random.default_rng(seed), np.empty((len(classes), z.shape[1]), z.dtype)
    for label in np.unique(classes):
        own = z[labels == label]
        if len(own) < 2:
            raise ValueError(f"a covariance needs at least two latents of class {label}, not {len(own)}")
        if rank is not None and rank > min(len(own) - 1, z.shape[1]):
            raise ValueError(f"{len(own)} latents of class {label} in {z.shape[1]} dimensions have no rank of {rank}")
        rows, differences = classes == label, own - own.mean(0)
        drawn = random.standard_normal((rows.sum(), len(own) if rank is None else z.shape[1])).astype(z.dtype)
        if rank is None:
            noise[rows] = drawn @ differences / np.sqrt(len(own)).astype(z.dtype)
        else:
            noise[rows] = _with_widest(drawn, differences, rank)
    return noise


def _with_widest(even: np.ndarray, differences: np.ndarray, rank: int) -> np.ndarray:
    """Standard normal noise ``(M, D)``, made as wide as ``differences`` ``(N, D)`` in their widest directions."""
    sizes, axes = leading(differences, rank)
    variances = sizes**2 / len(differences)
    left = np.square(differences).sum() / len(differences) - variances.sum()  # or rounding
    deviations, rest = np.sqrt(variances), np.sqrt(max(left, 0) / max(1, even.shape[1] - rank))
    return rest * even + even @ axes.T * (deviations - rest) @ axes


def _as_classes(values: object, what: str) -> np.ndarray:
    """Integers ``(N,)``."""
    try:
        found = np.asarray(to_numpy(values))
    except ValueError as error:  # lists of several lengths
        raise ValueError(f"{what} must be integers in one dimension, not lists of several lengths") from error
    if found.ndim != 1 or (len(found) and found.dtype.kind not in "iu"):
        raise ValueError(f"{what} must be integers in one dimension, not {found.dtype} {found.shape}")
    return found
