"""An image file that a person uploads, decoded beside the server within limits."""

from typing import BinaryIO

import numpy as np

from app.desk import EndedError, question
from app.inference.computations import LIMITS, decoded_image
from app.models import asking
from ibinn_core.data.images import ImageError


def read_upload(file: BinaryIO, side: int, channels: int) -> np.ndarray:
    """The pixels of a file, uint8 ``(side, side, channels)``, as :func:`ibinn_core.read_image` makes them.

    What is transparent is laid on white.

    Raises:
        ImageError: The file is no image that can be read, or is beyond the limits.
    """
    file.seek(0)
    data = file.read(LIMITS.file_bytes + 1)  # all of it, or as much as tells that it is too large
    try:
        return asking.ask(question(decoded_image, data, side, channels))
    except EndedError as error:
        raise ImageError("This image takes too long to read, or too much memory; save it anew as a PNG.") from error
