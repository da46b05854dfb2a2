"""The latents of each class: their mean, separation and spread."""

import numpy as np

from .style import span_of


def class_averages(latents: np.ndarray, labels: np.ndarray, num_classes: int) -> np.ndarray:
    """Computes the empirical class means of latents, ``(K, D)``; NaN for a class without images."""
    with np.errstate(invalid="ignore"):
        sums = np.stack([latents[labels == k].sum(0, dtype=np.float64) for k in range(num_classes)])
        return sums / np.bincount(labels, minlength=num_classes)[:, None]


def latent_geometry(means: np.ndarray, latents: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """How far the classes' latents ``(N, D)`` lie apart in the span of the means μ_y ``(K, D)``, and how they spread.

    ``labels`` are integers ``(N,)`` in 0..K-1; classes without images are left out.

    Returns:
        ``separation``: mean distance of two classes' empirical means, in units of the deviation within a class along
        the lines between these means. Distance and deviation are those in the K - 1 dimensions of :func:`.class_span`,
        because the posterior depends only on these. In all D dimensions, chance alone separates means of 1,000 images.

        ``latent_spread``: root mean square deviation from the empirical class mean, per dimension.

    Raises:
        ValueError: for latents of a single class.
    """
    empirical = class_averages(latents, labels, len(means))
    residual = latents - empirical[labels]
    present = np.flatnonzero(~np.isnan(empirical).any(1))
    if len(present) < 2:
        raise ValueError("the distance of classes needs images of at least two classes")
    first, second = (present[index] for index in np.triu_indices(len(present), 1))
    directions = span_of(means).T
    lines = (empirical[first] - empirical[second]) @ directions
    return {
        "separation": _separation(lines, residual @ directions, labels, (first, second)),
        "latent_spread": float(np.sqrt(np.square(residual, dtype=np.float64).mean())),
    }


def _separation(lines: np.ndarray, residual: np.ndarray, labels: np.ndarray, pairs: tuple) -> float:
    distances = np.linalg.norm(lines, axis=1)
    lines = lines / np.maximum(distances, 1e-12)[:, None]
    # Deviations of a class's images along all lines that start or end at its mean.
    along = [residual[labels == k] @ lines[(pairs[0] == k) | (pairs[1] == k)].T for k in np.unique(pairs)]
    return float(distances.mean() / max(np.concatenate(along, axis=None).std(), 1e-12))
