"""Where images stand in a model's latent file."""

import numpy as np

import ibinn_core as ib


def hash_of(pixels: np.ndarray) -> np.uint64:
    """The hash of one image, uint8 ``(H, W, C)``."""
    return ib.data.pixel_hash(pixels[None])[0]


def rows_of(hashes: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Where each of the ``wanted`` images is among ``hashes``, ``(N,)``; -1 if it is not."""
    if not len(hashes):
        return np.full(len(wanted), -1)
    order = np.argsort(hashes)
    places = np.searchsorted(hashes, wanted, sorter=order).clip(max=len(hashes) - 1)
    rows = order[places]
    return np.where(hashes[rows] == wanted, rows, -1)
