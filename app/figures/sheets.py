"""Sheets of small pictures, of which a browser fetches those that it shows."""

import numpy as np
from PIL import Image

from .layout import as_rgb

ACROSS = 8  # pictures along an edge of a sheet


def near_one_another(places: np.ndarray, size: int) -> np.ndarray:
    """The rows of ``places``, ``(N, 2)``, so that each ``size`` that follow one another lie together, ``(N,)``.

    The plane is cut in two, and in two again, each time across where it is longer.
    """

    def cut(rows: np.ndarray) -> list[np.ndarray]:
        parts = -(-len(rows) // size)
        if parts < 2:
            return [rows]
        longer = np.ptp(places[rows], axis=0).argmax()
        rows = rows[np.argsort(places[rows, longer], kind="stable")]
        middle = size * (parts // 2)
        return [*cut(rows[:middle]), *cut(rows[middle:])]

    return np.concatenate(cut(np.arange(len(places))))


def sheet_of(images: np.ndarray) -> Image.Image:
    """At most :data:`ACROSS` ² images, uint8 ``(N, H, W, C)``, row by row on one sheet."""
    height, width = images.shape[1:3]
    sheet = np.zeros((ACROSS**2, *images.shape[1:]), np.uint8)
    sheet[: len(images)] = images
    rows = sheet.reshape(ACROSS, ACROSS, *images.shape[1:]).swapaxes(1, 2)
    return Image.fromarray(as_rgb(rows.reshape(ACROSS * height, ACROSS * width, -1)))
