"""An image as text that fits into a link: a PNG in URL-safe base64, without padding."""

import base64
import io

import numpy as np
from PIL import Image

from ibinn_core.data.images import MODES, ImageError, to_pillow

_BAD_LINK = "The image in this link is incomplete or damaged; copy the whole link, or choose the image again."


def to_url(image: np.ndarray) -> str:
    """The text of an image, uint8 ``(H, W, C)``: for 32×32×3 values at most about 4,400 characters."""
    buffer = io.BytesIO()
    to_pillow(image).save(buffer, format="PNG", optimize=True)
    return base64.urlsafe_b64encode(buffer.getvalue()).rstrip(b"=").decode("ascii")


def from_url(text: str, shape: tuple[int, int, int]) -> np.ndarray:
    """The image that `to_url` wrote, uint8 of the given shape ``(H, W, C)``; an ImageError for any other text."""
    height, width, channels = shape
    # Noise does not compress, and base64 makes four characters out of three bytes; a PNG has some bytes around it.
    if len(text) > 2 * height * width * channels + 2048:
        raise ImageError(_BAD_LINK)
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
            if image.size != (width, height) or image.mode != MODES[channels]:
                raise ImageError(_BAD_LINK)
            return np.array(image).reshape(shape)
    except Exception as error:  # Pillow's decoders raise nearly anything on damaged files
        raise ImageError(_BAD_LINK) from error
