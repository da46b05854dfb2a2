"""Which image numbers are of."""

import numpy as np

import ibinn_core as ib


def hash_of(pixels: np.ndarray) -> np.uint64:
    """The hash of one image, uint8 ``(H, W, C)``."""
    return ib.data.pixel_hash(pixels[None])[0]
