"""What is done to the pixels of images without a model, uint8 ``(H, W, C)``."""

import numpy as np
from scipy.ndimage import uniform_filter


def cross_fade(first: np.ndarray, second: np.ndarray, steps: int) -> np.ndarray:
    """The images along the straight line between two images' pixels, uint8 ``(steps, H, W, C)``: no model in it."""
    share = np.linspace(0, 1, steps).reshape(-1, 1, 1, 1)
    return np.round((1 - share) * first + share * second).astype(np.uint8)


def blurred(pixels: np.ndarray) -> np.ndarray:
    """The mean of each 3 × 3 neighbourhood."""
    return uniform_filter(pixels.astype(np.float64), 3, mode="nearest", axes=(0, 1)).round().astype(np.uint8)
