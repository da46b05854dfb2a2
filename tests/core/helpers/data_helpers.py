"""Files of data sets, as small as they can be."""

from pathlib import Path

import numpy as np
from official_helpers import tiles
from PIL import Image

from ibinn_core.data import ood


def write_npz(path: Path, **changes) -> dict[str, np.ndarray]:
    arrays = dict(zip(("x_train", "y_train", "x_test", "y_test"), (*tiles(6, 1), *tiles(4, 2)), strict=True))
    arrays.update(changes)
    arrays = {key: value for key, value in arrays.items() if value is not None}
    np.savez(path, **arrays)
    return arrays


def bitmaps(count: int, seed: int) -> np.ndarray:
    """Some strokes, uint8 ``(count, 784)``: mostly 0, as in the official files."""
    rng = np.random.default_rng(seed)
    return np.where(rng.random((count, 784)) < 0.2, rng.integers(1, 256, (count, 784)), 0).astype(np.uint8)


def write_quickdraw(root: Path, count: int = 5, naming=str) -> dict[str, np.ndarray]:
    folder = root / "quickdraw"
    folder.mkdir(exist_ok=True)
    written = {name: bitmaps(count, seed) for seed, name in enumerate(ood.QUICKDRAW_NAMES.values())}
    for name, array in written.items():
        np.save(folder / naming(f"{name}.npy"), array)
    return written


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
