"""Which training images are held out: of a training set of one size always the same, for every training."""

import numpy as np

_SEED = 2020
TRAIN_IMAGES = 10_000  # whose latents give the empirical class means


def split_held_out(count: int, held_out: int) -> tuple[np.ndarray, np.ndarray]:
    """Sorted indices of the training images and of those held out of all ``count``, which are half at most."""
    held_out = min(held_out, count // 2)
    order = np.random.default_rng(_SEED).permutation(count)
    return np.sort(order[held_out:]), np.sort(order[:held_out])


def some_of(rows: np.ndarray, count: int) -> np.ndarray:
    """At most ``count`` of the rows, at random, since some copies of a data set lie class by class; sorted."""
    return np.sort(np.random.default_rng(0).permutation(rows)[:count])
