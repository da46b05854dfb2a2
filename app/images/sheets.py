"""The images of a data set on sheets of thumbnails, which a browser fetches as it needs them.

The sheets are written once, to a folder in :file:`static/vendor`. A sheet has few thumbnails, since browsers mostly
need only one of them. Lossless WebP takes a fifth less space than PNG, for digits half.
"""

import functools
import hashlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from app.figures.layout import as_rgb
from app.vendor import FOLDER, publish_folder
from app.widgets.component import static_url
from ibinn_core.files import new_folder

PICTURES = FOLDER / "pictures"
ACROSS = 4  # thumbnails along an edge of a sheet
NONE = 2**16 - 1  # the number that means no thumbnail


class Sheets(NamedTuple):
    """Sheets of thumbnails, which a browser fetches as it needs them.

    Attributes:
        address: path on this server of the folder with the files ``0.webp``, ``1.webp``, …
        numbers: uint16 ``(N,)``, the number of each dot's thumbnail, counted over all sheets from 0; :data:`NONE`
            for a dot without a thumbnail.
        across: thumbnails along an edge of a sheet.
        size: width and height of a thumbnail in pixels.
    """

    address: str
    numbers: np.ndarray
    across: int
    size: tuple[int, int]


def sheets_of(images: np.ndarray) -> Sheets | None:
    """Writes sheets of images, uint8 ``(N, H, W, C)``, in their order; ``None`` if there are no images or too many.

    Raises:
        OSError: The folder cannot be written.
    """
    if not 0 < len(images) < NONE:
        return None
    digest = hashlib.sha256(images.tobytes())
    digest.update(f"{images.shape} {ACROSS} webp".encode())
    folder = PICTURES / digest.hexdigest()[:16]
    publish_folder(folder, functools.partial(_write, images))
    address, numbers = static_url(f"vendor/pictures/{folder.name}/"), np.arange(len(images), dtype=np.uint16)
    return Sheets(address, numbers, ACROSS, (images.shape[2], images.shape[1]))


def _write(images: np.ndarray, folder: Path) -> None:
    with new_folder(folder) as partial:
        for number, first in enumerate(range(0, len(images), ACROSS**2)):
            sheet_of(images[first : first + ACROSS**2]).save(partial / f"{number}.webp", lossless=True, method=2)


def sheet_of(images: np.ndarray) -> Image.Image:
    """One sheet with at most :data:`ACROSS` ² images, uint8 ``(N, H, W, C)``, row by row."""
    height, width = images.shape[1:3]
    sheet = np.zeros((ACROSS**2, *images.shape[1:]), np.uint8)
    sheet[: len(images)] = images
    rows = sheet.reshape(ACROSS, ACROSS, *images.shape[1:]).swapaxes(1, 2)
    return Image.fromarray(as_rgb(rows.reshape(ACROSS * height, ACROSS * width, -1)))
