"""Files of data sets, as small as they can be."""

from pathlib import Path

import numpy as np
from official_helpers import tiles
from PIL import Image


def write_npz(path: Path, **changes) -> dict[str, np.ndarray]:
    arrays = dict(zip(("x_train", "y_train", "x_test", "y_test"), (*tiles(6, 1), *tiles(4, 2)), strict=True))
    arrays.update(changes)
    arrays = {key: value for key, value in arrays.items() if value is not None}
    np.savez(path, **arrays)
    return arrays


def write_set(root: Path, name: str, count: int = 45) -> np.ndarray:
    """An out-of-distribution set in a file of its own."""
    images, _ = tiles(count, seed=5)
    np.savez(root / f"{name}32.npz", x_test=images)
    return images


def write_jpeg(path: Path, pixels: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, format="JPEG", quality=95)


def blocks(width: int, height: int, colour: tuple[int, int, int]) -> np.ndarray:
    """A coloured square in the middle of black, as high as the image."""
    pixels = np.zeros((height, width, 3), np.uint8)
    left = (width - height) // 2
    pixels[:, left : left + height] = colour
    return pixels


COLOURS = [(200, 40, 40), (40, 200, 40), (40, 40, 200)]
