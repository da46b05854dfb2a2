"""A folder of images without classes: a question to a model, not a data set."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from .errors import DatasetError
from .image_files import LIMITS, ImageLimits, read_image
from .images import ImageError
from .readers import IMAGE_SUFFIXES

MOST_IMAGES = 1000


def read_images(
    folder: str | os.PathLike[str],
    image_shape: tuple[int, int, int],
    most: int = MOST_IMAGES,
    limits: ImageLimits = LIMITS,
) -> tuple[np.ndarray, list[str]]:
    """The images in a folder, as a model takes them.

    Files are PNG, JPEG, WebP or BMP; others, names that begin with a point, and folders are passed by. The largest
    centred square of each is scaled (:func:`ibinn_core.read_image`).

    Arguments:
        folder: of the files, in whose order of names they come.
        image_shape: ``(C, H, W)`` of the model's images, which are squares.
        most: how many images there may be.
        limits: of each file.

    Returns:
        Images, uint8 ``(N, H, W, C)``, at least one, and the names of their files.

    Raises:
        DatasetError: in one sentence, for what is no folder, holds no image or too many, or a file that cannot be used.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> from PIL import Image
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     Image.new("RGB", (640, 480), "red").save(Path(folder, "red.png"))
        ...     images, names = ib.data.read_images(folder, (1, 28, 28))
        >>> images.shape, names
        ((1, 28, 28, 1), ['red.png'])
    """
    channels, side, width = image_shape
    if side != width:
        raise DatasetError(f"Image files become squares, and the model takes images of {side} x {width} pixels.")
    folder = Path(folder)
    try:
        files = sorted(
            file for file in folder.iterdir() if file.suffix.lower() in IMAGE_SUFFIXES and file.name[0] != "."
        )
        files = [file for file in files if file.is_file()]
    except OSError as error:
        raise DatasetError(f"{folder} is no folder that can be listed ({error.strerror}).") from error
    if not files or len(files) > most:
        found = "no PNG, JPEG, WebP or BMP images" if not files else f"{len(files)} images, more than {most}"
        raise DatasetError(f"{folder} holds {found}.")
    images = np.empty((len(files), side, side, channels), np.uint8)
    for row, file in enumerate(files):
        try:
            images[row] = read_image(file, side, channels, limits)
        except ImageError as error:
            reason = str(error)
            raise DatasetError(f"{file} cannot be used: {reason[0].lower()}{reason[1:]}") from error
    return images, [file.name for file in files]
