"""Images as text for links: a PNG in URL-safe base64, without padding."""

import base64
import io

import numpy as np
from PIL import Image

from ibinn_core.data.images import MODES, ImageError, to_pillow

_BAD_LINK = "The image in this link is incomplete or damaged; copy the whole link, or choose the image again."


def to_url(image: np.ndarray) -> str:
    """Encodes an image, uint8 ``(H, W, C)``, as text; 32×32×3 values need at most about 4,400 characters."""
    buffer = io.BytesIO()
    to_pillow(image).save(buffer, format="PNG", optimize=True)
    return base64.urlsafe_b64encode(buffer.getvalue()).rstrip(b"=").decode("ascii")


def from_url(text: str, shape: tuple[int, int, int]) -> np.ndarray:
    """Decodes an image from :func:`to_url`, uint8 of ``shape`` ``(H, W, C)``; any other text raises an ImageError."""
    height, width, channels = shape
    # An upper limit: noise does not compress, base64 turns three bytes into four characters, and a PNG has headers.
    if len(text) > 2 * height * width * channels + 2048:
        raise ImageError(_BAD_LINK)
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
            if image.size != (width, height) or image.mode != MODES[channels]:
                raise ImageError(_BAD_LINK)
            return np.array(image).reshape(shape)
    except Exception as error:  # Pillow's decoders raise almost any error on damaged files
        raise ImageError(_BAD_LINK) from error
