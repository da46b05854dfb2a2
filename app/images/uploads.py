"""An image file that a person uploads, read within limits that hold for all sessions together."""

import threading
from typing import BinaryIO

import numpy as np

from ibinn_core.data.images import ImageError, ImageLimits, read_image

#: What a file may be, and what decoding it may take. Streamlit's ``maxUploadSize`` is the same size.
LIMITS = ImageLimits(file_bytes=10 * 2**20, pixels=25_000_000, memory=150_000_000)
PATIENCE = 10.0  # seconds that a person waits for the images of others

_turn = threading.Semaphore(1)  # so that the memory is that of one image, however many people upload one


def read_upload(file: BinaryIO, side: int, channels: int) -> np.ndarray:
    """The pixels of a file, uint8 ``(side, side, channels)``, as :func:`ibinn_core.read_image` makes them.

    Raises:
        ImageError: The file is no image that can be read, or is beyond the limits, or other people's images take too
            long.
    """
    if not _turn.acquire(timeout=PATIENCE):
        raise ImageError("Other people's images are being read; choose the file again in a moment.")
    try:
        return read_image(file, side, channels, LIMITS)
    finally:
        _turn.release()
