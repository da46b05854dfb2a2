"""How far the blocks of the whitening show in samples: python tools/seams.py

Prints a Markdown table: the mean difference of neighbouring pixels across the borders of the 8×8 blocks, over that of
all other neighbours. In photographs both are alike.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import ibinn_core as ib  # noqa: E402

BLOCK = 8  # pixels, of the blocks that the whitening grids have
MODELS = ("only-lx", "gamma-0.02", "gamma-1", "gamma-35.65", "only-ly")
TEMPERATURES = (0.4, 0.7, 1.0)  # in units of the measured spread, around the class's images
COUNT = 8  # samples of a class


def seams(images: np.ndarray) -> float:
    """Mean step across the blocks' borders over the mean of all other steps, of uint8 ``(N, H, W, C)``."""
    images = images.astype(np.float32)
    across, down = np.abs(np.diff(images, axis=2)), np.abs(np.diff(images, axis=1)).swapaxes(1, 2)
    steps = np.stack([across, down]).mean((0, 1, 2, 4))
    is_border = np.arange(len(steps)) % BLOCK == BLOCK - 1
    return float(steps[is_border].mean() / steps[~is_border].mean())


def samples(model, temperature: float) -> np.ndarray:
    """:data:`COUNT` of each class, uint8."""
    generator, classes = torch.Generator().manual_seed(0), list(range(10)) * COUNT
    return ib.to_uint8(model.sample(classes, temperature * model.latent_spread, "empirical", generator), missing=0.5)


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    images, _ = ib.data.load("cifar10", "test")
    print(f"The {len(images):,} test images: {seams(images):.2f}\n")
    print("| samples of | " + " | ".join(f"T = {t:g}" for t in TEMPERATURES) + " |")
    print("| --- " * (len(TEMPERATURES) + 1) + "|")
    for id in MODELS:
        model = ib.load(id)
        print(f"| {id} | " + " | ".join(f"{seams(samples(model, t)):.2f}" for t in TEMPERATURES) + " |")


if __name__ == "__main__":
    main()
