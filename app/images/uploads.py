"""An image file that a person uploads, decoded beside the server within limits."""

from typing import BinaryIO

import numpy as np

from app.desk import EndedError, question
from app.models import asking
from ibinn_core.data.image_files import ImageLimits, read_image
from ibinn_core.data.images import ImageError

#: What a file may be. Streamlit's ``maxUploadSize`` is the same size.
LIMITS = ImageLimits(file_bytes=10 * 2**20, pixels=25_000_000)
WHITE = (255, 255, 255)


def read_upload(file: BinaryIO, side: int, channels: int) -> np.ndarray:
    """The pixels of a file, uint8 ``(side, side, channels)``, as :func:`ibinn_core.read_image` makes them.

    What is transparent is laid on white.

    Raises:
        ImageError: The file is no image that can be read, or is beyond the limits.
    """
    file.seek(0)
    data = file.read(LIMITS.file_bytes + 1)  # all of it, or as much as tells that it is too large
    try:
        return asking.ask(question(read_image, data, side, channels, LIMITS, WHITE))
    except EndedError as error:
        raise ImageError("This image takes too much memory; save it anew as a PNG.") from error
