"""Test images in a plane of latent space as a picture, for a page that draws on top of it."""

import numpy as np
from PIL import Image, ImageDraw

from app.palette import CLASS_COLORS

FINE = 2  # drawn this much larger, so that dots are round
DOT = 2.2  # radius in pixels
ALPHA = "a0"  # hexadecimal opacity of a dot
MARGIN = 0.04  # of the side, around what is framed


def frame(points: np.ndarray, means: np.ndarray) -> tuple[np.ndarray, float]:
    """The square that holds the class means and nearly all points, ``(N, 2)``: its lower left corner and side.

    A handful of outliers must not shrink the rest.
    """
    low, high = np.quantile(points, [0.002, 0.998], axis=0)
    low, high = np.minimum(low, means.min(0)), np.maximum(high, means.max(0))
    side = float((high - low).max()) / (1 - 2 * MARGIN)
    return (low + high - side) / 2, side


def within(points: np.ndarray, corner: np.ndarray, side: float) -> np.ndarray:
    """Shares of a frame's side, to the right and down, of points ``(N, 2)``; below 0 or above 1 outside of it."""
    shares = (np.asarray(points, np.float64) - corner) / side
    return np.stack([shares[:, 0], 1 - shares[:, 1]], 1)


def cloud_picture(places: np.ndarray, labels: np.ndarray, side: int) -> np.ndarray:
    """A dot a test image in the colour of its class, on a transparent ground, uint8 ``(side, side, 4)``.

    ``places`` are shares of the side, to the right and down, ``(N, 2)``.
    """
    picture = Image.new("RGBA", (side * FINE, side * FINE), "#00000000")
    pen, radius = ImageDraw.Draw(picture), DOT * FINE
    for (x, y), label in zip(places * side * FINE, labels, strict=True):
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=CLASS_COLORS[label] + ALPHA)
    return np.asarray(picture.resize((side, side), Image.Resampling.BOX))
