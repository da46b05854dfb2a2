"""An image file that a person uploads, read within limits that hold for all sessions together."""

import threading
from collections.abc import Callable
from typing import BinaryIO, TypeVar

import numpy as np

from app.palette import ACCENT
from ibinn_core.data.images import MID_GREY, ImageError, ImageLimits, Preview, preview_image, read_image

#: What a file may be, and what decoding it may take. Streamlit's ``maxUploadSize`` is the same size.
LIMITS = ImageLimits(file_bytes=10 * 2**20, pixels=25_000_000, memory=150_000_000)
PATIENCE = 10.0  # seconds that a person waits for the images of others
#: What may be behind the transparent parts of an image, the usual one first.
GROUNDS = {"white": (255, 255, 255), "black": (0, 0, 0), "grey": MID_GREY}
WHITE = GROUNDS["white"]
LEFT_OUT = 0.3  # opacity of what is not in the square
FRAME = 2  # pixels

_Result = TypeVar("_Result")
_turn = threading.Semaphore(1)  # so that the memory is that of one image, however many people upload one


def read_upload(
    file: BinaryIO, side: int, channels: int, place: float = 0.5, ground: tuple[int, int, int] = WHITE
) -> np.ndarray:
    """The pixels of a file, uint8 ``(side, side, channels)``, as :func:`ibinn_core.read_image` makes them.

    ``place`` is that of the square along the image's longer side, from 0 to 1, and ``ground`` shows through what is
    transparent.

    Raises:
        ImageError: The file is no image that can be read, or is beyond the limits, or other people's images take too
            long.
    """
    return _in_turn(lambda: read_image(file, side, channels, LIMITS, place, ground))


def preview_upload(file: BinaryIO) -> Preview:
    """The whole image, small; raises an ``ImageError`` as :func:`read_upload` does."""
    return _in_turn(lambda: preview_image(file, limits=LIMITS))


def _in_turn(read: Callable[[], _Result]) -> _Result:
    if not _turn.acquire(timeout=PATIENCE):
        raise ImageError("Other people's images are being read; choose the file again in a moment.")
    try:
        return read()
    finally:
        _turn.release()


def crop_picture(preview: Preview, place: float, ground: tuple[int, int, int] = WHITE) -> np.ndarray:
    """The whole image, pale outside the square at ``place``, which is framed: uint8 ``(h, w, 3)``."""
    opacity = preview.pixels[..., 3:] / 255
    picture = opacity * preview.pixels[..., :3] + (1 - opacity) * np.array(ground)
    height, width = picture.shape[:2]
    side = min(height, width)
    left, top = round(place * (width - side)), round(place * (height - side))
    pale = LEFT_OUT * picture + (1 - LEFT_OUT) * 255
    box = slice(top, top + side), slice(left, left + side)
    pale[box] = [int(ACCENT[i : i + 2], 16) for i in (1, 3, 5)]
    inner = slice(top + FRAME, top + side - FRAME), slice(left + FRAME, left + side - FRAME)
    pale[inner] = picture[inner]
    return np.round(pale).astype(np.uint8)
