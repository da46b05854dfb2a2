"""Folders of images as a person has them."""

from pathlib import Path

import numpy as np
from PIL import Image

CLASSES = ("cat", "dog", "stop sign")


def write_image(
    path: Path, seed: int = 0, size: tuple[int, int] = (40, 30), level: int = 100, mode: str = "RGB"
) -> None:
    """An image file of noise about a brightness."""
    rng = np.random.default_rng(seed)
    shape = (size[1], size[0], 3) if mode == "RGB" else (size[1], size[0])
    values = (rng.integers(-20, 20, shape) + level).astype(np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(values).save(path)


def write_folder(
    folder: Path,
    counts: tuple[int, ...] = (20, 20, 20),
    classes: tuple[str, ...] = CLASSES,
    mode: str = "RGB",
    seed: int = 0,
    suffix: str = "png",
) -> Path:
    """One folder a class, whose images are the brighter the later the class is."""
    for label, (name, count) in enumerate(zip(classes, counts, strict=True)):
        for number in range(count):
            path = folder / name / f"{number:03d}.{suffix}"
            write_image(path, seed + 1000 * label + number, level=60 + 60 * label, mode=mode)
    return folder
