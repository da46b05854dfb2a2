"""Samples and interpolations of every model of the family, as pictures: python tools/grids.py docs/grids

Writes samples-MODEL.png, with a row for each of three temperatures and a column for each class, drawn around the
empirical class means with temperatures in units of the measured spread, and interpolations.png, with a row for each
model, between two of the embedded images. Prints how likely "only-lx" finds the images halfway between the embedded
ones.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import ibinn_core as ib  # noqa: E402
from ibinn_core.data import CIFAR10_CLASSES  # noqa: E402
from ibinn_core.evaluation import midpoints, pairs_of_classes  # noqa: E402
from ibinn_core.evaluation.midpoints import bits_of  # noqa: E402
from ibinn_core.training.recipe import family  # noqa: E402

TEMPERATURES = (0.4, 0.7, 1.0)
STEPS = 9
SCALE, GAP, LEFT, TOP = 3, 6, 110, 26
PAIR = (7, 0)  # of the embedded images
JUDGE = "only-lx"


def samples(checkpoint: ib.Checkpoint) -> np.ndarray:
    """uint8 ``(temperatures, classes, 32, 32, 3)``, the same noise in every row."""
    model = ib.load(checkpoint)
    rows = []
    for temperature in TEMPERATURES:
        generator = torch.Generator().manual_seed(0)
        x = model.sample(list(range(10)), temperature * model.latent_spread, "empirical", generator)
        rows.append(ib.to_uint8(x, missing=0.5))
    return np.stack(rows)


def interpolation(checkpoint: ib.Checkpoint, pair: np.ndarray) -> np.ndarray:
    """uint8 ``(STEPS, 32, 32, 3)`` along the great circle between two images."""
    model = ib.load(checkpoint)
    z = model.encode(ib.to_unit(pair))
    x = model.decode(ib.exploration.interpolate(z[0], z[1], STEPS, "spherical"))
    return ib.to_uint8(x, missing=0.5)


def picture(images: np.ndarray, rows: Sequence[str], columns: Sequence[str]) -> Image.Image:
    """Images ``(R, C, 32, 32, 3)`` enlarged without blurring, with names beside and above them."""
    side = 32 * SCALE + GAP
    canvas = Image.new("RGB", (LEFT + side * images.shape[1], TOP + side * images.shape[0]), "white")
    draw, font = ImageDraw.Draw(canvas), ImageFont.load_default(14)
    for r, name in enumerate(rows):
        draw.text((LEFT - 8, TOP + r * side + side // 2), name, "black", font, anchor="rm")
        for c, pixels in enumerate(images[r]):
            canvas.paste(Image.fromarray(pixels.repeat(SCALE, 0).repeat(SCALE, 1)), (LEFT + c * side, TOP + r * side))
    for c, name in enumerate(columns):
        draw.text((LEFT + c * side + 16 * SCALE, TOP // 2), name, "black", font, anchor="mm")
    return canvas


def say_midpoints(everyone: Sequence[ib.Checkpoint]) -> None:
    """A Markdown table: bits/dim under the judge of the midpoints of all pairs of classes, and the share clipped."""
    images, labels = ib.data.load("sample", "test")
    pairs, judge = pairs_of_classes(labels), ib.load(JUDGE)
    print("\n| midpoints of | great circle: median, worst, clipped | straight: median, worst, clipped |")
    print("| --- | --- | --- |")
    for checkpoint in everyone:
        model, cells = ib.load(checkpoint), []
        for path in ("spherical", "linear"):
            halfway = midpoints(model, images, pairs, path)
            bits = bits_of(judge, halfway)
            clipped = np.isin(halfway, (0, 255)).mean()
            cells.append(f"{np.median(bits):.2f}, {bits.max():.2f}, {clipped:.0%}".replace("%", " %"))
        print(f"| {checkpoint.id} | {' | '.join(cells)} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    members = {member.id for member in family() if member.exported}
    everyone = [c for c in ib.checkpoints() if c.id in members]
    pair = ib.data.load("sample", "test")[0][list(PAIR)]
    for checkpoint in everyone:
        names = [f"T = {t:g}" for t in TEMPERATURES]
        picture(samples(checkpoint), names, CIFAR10_CLASSES).save(folder / f"samples-{checkpoint.id}.png")
        print(folder / f"samples-{checkpoint.id}.png")
    rows = np.stack([interpolation(checkpoint, pair) for checkpoint in everyone])
    columns = [f"{100 * t:.3g} %" for t in np.linspace(0, 1, STEPS)]
    picture(rows, [c.id for c in everyone], columns).save(folder / "interpolations.png")
    print(folder / "interpolations.png")
    if JUDGE in {c.id for c in everyone}:
        say_midpoints(everyone)


if __name__ == "__main__":
    main()
