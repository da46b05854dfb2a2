"""What is done to the pixels of images without a model, uint8 ``(H, W, C)``: spoiled a little, or faded over."""

from collections.abc import Callable

import numpy as np
from scipy.ndimage import uniform_filter

from app import state
from app.widgets.choice import choose_one
from ibinn_core.data import Dataset

NOISE = 20  # largest change of a pixel value


def cross_fade(first: np.ndarray, second: np.ndarray, steps: int) -> np.ndarray:
    """The images along the straight line between two images' pixels, uint8 ``(steps, H, W, C)``: no model in it."""
    share = np.linspace(0, 1, steps).reshape(-1, 1, 1, 1)
    return np.round((1 - share) * first + share * second).astype(np.uint8)


def _blurred(pixels: np.ndarray) -> np.ndarray:
    """The mean of each 3 × 3 neighbourhood."""
    return uniform_filter(pixels.astype(np.float64), 3, mode="nearest", axes=(0, 1)).round().astype(np.uint8)


def _noisy(pixels: np.ndarray) -> np.ndarray:
    """Small uniform noise, the same at every call."""
    noise = np.random.default_rng(0).integers(-NOISE, NOISE + 1, pixels.shape)
    return (pixels.astype(int) + noise).clip(0, 255).astype(np.uint8)


ALTERATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "as it is": lambda pixels: pixels,
    "upside down": lambda pixels: pixels[::-1].copy(),
    "quarter turn": lambda pixels: np.rot90(pixels).copy(),
    "negative": lambda pixels: 255 - pixels,
    "blurred": _blurred,
    "noisy": _noisy,
}


def pick_alteration(dataset: Dataset) -> str:
    """Which of the :data:`ALTERATIONS` of the image the page shows; kept in the URL."""
    same = "the true class stays what it is" if dataset.flip else "what is turned may become another class"
    explanation = f"The same image, changed a little: {same}."
    return choose_one("Show it to the models", list(ALTERATIONS), state.ALTER, explanation, wrap=True)
