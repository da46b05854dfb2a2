"""Where the latents of each class lie, and where the mixture expects them."""

import numpy as np


def class_averages(latents: np.ndarray, labels: np.ndarray, num_classes: int) -> np.ndarray:
    """Empirical class means of latents, ``(K, D)``; NaN for a class without images."""
    with np.errstate(invalid="ignore"):
        sums = np.stack([latents[labels == k].sum(0, dtype=np.float64) for k in range(num_classes)])
        return sums / np.bincount(labels, minlength=num_classes)[:, None]


def latent_geometry(means: np.ndarray, latents: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """How latents and means lie to one another; classes without images are left out.

    Arguments:
        means: μ_y, ``(K, D)``.
        latents, labels: ``(N, D)`` and ``(N,)``.

    Returns:
        ``separation``: mean distance of two classes' empirical means, in units of the deviation within a
        class along the lines between them; ``mean_distance``: mean distance of two μ_y, in latent units;
        ``latent_spread``: root mean square deviation from the empirical class mean, a dimension;
        ``mean_offset``: mean distance of the empirical class means from μ_y.

    Raises:
        ValueError: for latents of a single class.
    """
    empirical = class_averages(latents, labels, len(means))
    residual = latents - empirical[labels]
    present = np.flatnonzero(~np.isnan(empirical).any(1))
    if len(present) < 2:
        raise ValueError("how far classes lie apart can only be measured on images of two classes or more")
    first, second = (present[index] for index in np.triu_indices(len(present), 1))
    lines = empirical[first] - empirical[second]
    distances = np.linalg.norm(lines, axis=1)
    along = [residual[(labels == i) | (labels == j)] @ line for i, j, line in zip(first, second, lines, strict=True)]
    deviation = np.concatenate([a / max(d, 1e-12) for a, d in zip(along, distances, strict=True)]).std()
    return {
        "separation": float(distances.mean() / max(deviation, 1e-12)),
        "mean_distance": float(np.linalg.norm(means[first] - means[second], axis=1).mean()),
        "latent_spread": float(np.sqrt(np.square(residual, dtype=np.float64).mean())),
        "mean_offset": float(np.linalg.norm(empirical[present] - means[present], axis=1).mean()),
    }
