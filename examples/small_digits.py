"""A small data set: scikit-learn's 1,797 handwritten digits of 8 x 8 pixels as a folder of images."""

from pathlib import Path

import numpy as np
from PIL import Image

SIDE = 8


def write(place: Path) -> Path:
    """Writes the images ``place/small-digits/<digit>/<number>.png``, unless the folder exists; returns the folder."""
    from sklearn.datasets import load_digits

    folder = place / "small-digits"
    if not folder.is_dir():
        digits = load_digits()
        pixels = np.round(digits.images * (255 / 16)).astype(np.uint8)  # scikit-learn has values from 0 to 16
        for number, (image, label) in enumerate(zip(pixels, digits.target, strict=True)):
            (folder / str(label)).mkdir(parents=True, exist_ok=True)
            Image.fromarray(image).save(folder / str(label) / f"{number:04d}.png")
    return folder
