"""The 1,797 handwritten digits of 8 x 8 pixels that come with scikit-learn, as a folder of images: data for a trial."""

from pathlib import Path

import numpy as np
from PIL import Image

SIDE = 8


def write(place: Path) -> Path:
    """Writes them to ``place/small-digits/<digit>/<number>.png``, unless they are there; returns that folder."""
    from sklearn.datasets import load_digits

    folder = place / "small-digits"
    if not folder.is_dir():
        digits = load_digits()
        pixels = np.round(digits.images * (255 / 16)).astype(np.uint8)  # from 0..16
        for number, (image, label) in enumerate(zip(pixels, digits.target, strict=True)):
            (folder / str(label)).mkdir(parents=True, exist_ok=True)
            Image.fromarray(image).save(folder / str(label) / f"{number:04d}.png")
    return folder
