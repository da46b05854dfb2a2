"""Which images and models numbers are of: where an image stands in a latent file, what an exported file says."""

import numpy as np

import ibinn_core as ib
from ibinn_core.checkpoint import Checkpoint


def origin(checkpoint: Checkpoint) -> dict[str, object]:
    """The columns that say of a table's rows which γ, empty without one, and which data set they belong to."""
    return {"gamma": "" if checkpoint.gamma is None else checkpoint.gamma, "data_set": checkpoint.dataset.name}


def image_origin(image: np.ndarray | int, name: str = "image") -> dict[str, object]:
    """The column that says which image a table's rows are of: its :func:`ibinn_core.data.pixel_hash` in hexadecimal."""
    return {name: f"{int(hash_of(image) if isinstance(image, np.ndarray) else image):016x}"}


def hash_of(pixels: np.ndarray) -> np.uint64:
    """The hash of one image, uint8 ``(H, W, C)``."""
    return ib.data.pixel_hash(pixels[None])[0]
