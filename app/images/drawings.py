"""Line drawings of the ten classes as a person would sketch them, in place of those of QuickDraw (Fig. 5)."""

import colorsys

import numpy as np
from PIL import Image, ImageDraw

from ibinn_core.data.image_scaling import scale_images

SIDE = 32
FINE = 8  # drawn this much larger, so that strokes are smooth
STROKE = 0.055  # width of a line, as a share of the side


def drawing(
    name: str, seed: int = 0, shape: tuple[int, int, int] = (3, SIDE, SIDE), on_dark: bool = False
) -> np.ndarray:
    """A class of CIFAR-10 as strokes of one random colour on white, or shade of grey, uint8 ``(side, side, C)``.

    Like the paper's drawings, each has one colour. ``on_dark`` makes it bright on dark, as handwritten digits are.

    Raises:
        ValueError: There is no drawing of that class.
    """
    if name not in STROKES:
        raise ValueError(f"there are drawings of {', '.join(STROKES)}, not of {name!r}")
    canvas = Image.new("RGB", (SIDE * FINE, SIDE * FINE), "white")
    pen, width = ImageDraw.Draw(canvas), STROKE * SIDE * FINE
    for stroke in STROKES[name]:
        points = [(x * SIDE * FINE / 100, y * SIDE * FINE / 100) for x, y in stroke]
        pen.line(points, fill=_color(seed), width=round(width), joint="curve")
        for x, y in (points[0], points[-1]):  # round ends
            pen.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=_color(seed))
    drawn = np.asarray(canvas.resize((SIDE, SIDE), Image.Resampling.BOX))
    channels, side, _ = shape
    if shape != (3, SIDE, SIDE):
        drawn = scale_images(drawn[None], side, channels)[0]
    if on_dark:
        colors = channels - (channels in (2, 4))  # what is opaque stays so
        drawn = np.concatenate([255 - drawn[..., :colors], drawn[..., colors:]], axis=-1)
    return drawn


def _color(seed: int) -> tuple[int, int, int]:
    """Any hue, dark enough to be seen on white."""
    hue, saturation, value = np.random.default_rng(seed).uniform((0, 0.6, 0.5), (1, 1, 0.9))
    red, green, blue = colorsys.hsv_to_rgb(hue, saturation, value)
    return round(255 * red), round(255 * green), round(255 * blue)


def _oval(x: float, y: float, rx: float, ry: float, start: float = 0, end: float = 360) -> list[tuple[float, float]]:
    """A part of an ellipse; degrees run clockwise from the right."""
    angle = np.radians(np.linspace(start, end, 40))
    return list(zip(x + rx * np.cos(angle), y + ry * np.sin(angle), strict=True))


_EYE = 1.5
#: Strokes in a square of 100 by 100, the vertical axis downwards.
STROKES: dict[str, list[list[tuple[float, float]]]] = {
    "airplane": [
        [(6, 50), (14, 43), (80, 43), (92, 22), (97, 24), (94, 56), (14, 56), (6, 50)],
        [(40, 43), (58, 12), (66, 13), (58, 43)],
        [(36, 56), (54, 88), (62, 87), (56, 56)],
    ],
    "car": [
        [(5, 68), (5, 50), (24, 46), (36, 28), (68, 28), (80, 46), (95, 50), (95, 68), (5, 68)],
        [(24, 46), (80, 46)],
        [(52, 28), (52, 46)],
        _oval(26, 70, 10, 10),
        _oval(74, 70, 10, 10),
    ],
    "bird": [
        _oval(70, 32, 14, 13),
        [(84, 30), (97, 35), (83, 38)],
        _oval(74, 29, _EYE, _EYE),
        [(58, 39), (40, 42), (8, 60), (22, 66), (44, 74), (64, 68), (76, 44)],
        [(56, 50), (34, 56), (44, 63), (60, 58)],
        [(46, 74), (44, 92)],
        [(58, 71), (58, 92)],
    ],
    "cat": [
        _oval(50, 56, 34, 32),
        [(20, 41), (20, 10), (40, 26)],
        [(60, 26), (80, 10), (80, 41)],
        _oval(38, 50, 2.5, 2.5),
        _oval(62, 50, 2.5, 2.5),
        [(46, 62), (54, 62), (50, 67), (46, 62)],
        [(40, 74), (50, 69), (60, 74)],
        [(4, 58), (30, 63)],
        [(4, 76), (30, 70)],
        [(96, 58), (70, 63)],
        [(96, 76), (70, 70)],
    ],
    "deer": [
        [(14, 48), (60, 48), (70, 30), (86, 34), (88, 41), (76, 44), (70, 66), (16, 66), (14, 48)],
        [(20, 66), (18, 94)],
        [(30, 66), (30, 94)],
        [(58, 66), (58, 94)],
        [(68, 66), (70, 94)],
        [(72, 30), (66, 14), (58, 4)],
        [(66, 14), (56, 18)],
        [(78, 31), (84, 14), (94, 5)],
        [(84, 14), (95, 18)],
    ],
    "dog": [
        _oval(50, 52, 28, 34),
        [(25, 34), (10, 30), (6, 58), (16, 70), (23, 60)],
        [(75, 34), (90, 30), (94, 58), (84, 70), (77, 60)],
        _oval(40, 44, 2.5, 2.5),
        _oval(60, 44, 2.5, 2.5),
        _oval(50, 60, 6, 4),
        [(50, 64), (50, 72)],
        [(38, 70), (50, 76), (62, 70)],
        [(45, 76), (46, 88), (54, 88), (55, 76)],
    ],
    "frog": [
        _oval(50, 58, 36, 26),
        _oval(32, 28, 11, 11),
        _oval(68, 28, 11, 11),
        _oval(32, 28, 2.5, 2.5),
        _oval(68, 28, 2.5, 2.5),
        _oval(50, 56, 24, 14, 10, 170),
        [(22, 76), (6, 92), (30, 92)],
        [(78, 76), (94, 92), (70, 92)],
    ],
    "horse": [
        [(16, 46), (56, 44), (68, 16), (76, 8), (78, 16), (95, 32), (90, 39), (78, 34), (70, 64), (18, 64), (16, 46)],
        [(66, 14), (54, 26), (48, 44)],
        [(16, 46), (5, 56), (6, 76)],
        [(22, 64), (18, 94)],
        [(32, 64), (32, 94)],
        [(58, 64), (58, 94)],
        [(68, 64), (72, 94)],
    ],
    "ship": [
        [(6, 62), (94, 62), (80, 86), (20, 86), (6, 62)],
        [(48, 62), (48, 8)],
        [(48, 10), (84, 54), (48, 54)],
        [(42, 20), (16, 54), (42, 54)],
    ],
    "truck": [
        [(4, 74), (4, 20), (62, 20), (62, 74), (4, 74)],
        [(62, 36), (82, 36), (95, 54), (95, 74), (62, 74)],
        [(70, 42), (80, 42), (88, 54), (70, 54), (70, 42)],
        _oval(22, 76, 10, 10),
        _oval(76, 76, 10, 10),
    ],
}
