"""The images of a data set as sheets of small pictures, which a browser fetches when it needs some of them.

They lie in a folder of :file:`static/vendor`, written once. Images that are near one another under a model share a
sheet, so that a browser that shows a part of latent space fetches few of them.
"""

import functools
import hashlib
from pathlib import Path

import numpy as np

from app.figures.layout import NONE, Sheets
from app.figures.sheets import ACROSS, near_one_another, sheet_of
from app.vendor import FOLDER, publish_folder
from app.widgets.component import static_url
from ibinn_core.files import new_folder

PICTURES = FOLDER / "pictures"


def sheets_of(images: np.ndarray, places: np.ndarray) -> Sheets | None:
    """The sheets of images, uint8 ``(N, H, W, C)``; those that lie together, at ``places``, ``(N, 2)``, share a sheet.

    ``None`` if there are too many.

    Raises:
        OSError: if the folder cannot be written.
    """
    if not 0 < len(images) < NONE:
        return None
    order = near_one_another(places, ACROSS**2)
    text = hashlib.sha256(images.tobytes())
    text.update(np.asarray((*images.shape, *order), np.int64).tobytes())
    folder = PICTURES / text.hexdigest()[:16]
    publish_folder(folder, functools.partial(_write, images[order]))
    numbers = np.empty(len(images), np.uint16)
    numbers[order] = np.arange(len(images))
    return Sheets(static_url(f"vendor/pictures/{folder.name}/"), numbers, ACROSS, (images.shape[2], images.shape[1]))


def _write(images: np.ndarray, folder: Path) -> None:
    with new_folder(folder) as partial:
        for number, first in enumerate(range(0, len(images), ACROSS**2)):
            sheet_of(images[first : first + ACROSS**2]).save(partial / f"{number}.png", compress_level=3)
