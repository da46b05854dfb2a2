"""A person's image file as the few pixels that a model takes."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from PIL import Image

from ..files import UnreadableError, read_bytes
from .image_parts import TooManyParts, check_parts
from .image_scaling import MID_GREY, to_square
from .images import DEFAULT_SIDE, ImageError, check_channels, check_side

__all__ = ["ImageLimits", "read_image"]

MAX_BYTES = 64 * 2**20
MAX_PIXELS = 100_000_000
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
_MAGIC = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF")

_EMPTY = "This file is empty; choose a PNG or JPEG image."
_OTHER = "Only PNG, JPEG, WebP, GIF and BMP images can be read; save this file as one of them first."
_DAMAGED = "This image file is damaged or cut short; save or download it again."
_MANY_PARTS = (
    "This image file is made of more parts than cameras and editors write, and would take too long to read; open it in "
    "an image editor and save it anew."
)


class ImageLimits(NamedTuple):
    """Up to where :func:`read_image` reads a file: its length in bytes, and the pixels of the image."""

    file_bytes: int = MAX_BYTES
    pixels: int = MAX_PIXELS


LIMITS = ImageLimits()


def read_image(
    source: bytes | str | os.PathLike[str] | BinaryIO,
    side: int = DEFAULT_SIDE,
    channels: int = 3,
    limits: ImageLimits = LIMITS,
    ground: tuple[int, int, int] = MID_GREY,
) -> np.ndarray:
    """Turn an image file into the few pixels that a model takes.

    The largest centred square is scaled down (area average by the whole factor, Lanczos for the rest); smaller images
    are enlarged with Lanczos. EXIF orientation is applied, CMYK and palette images become RGB, 16-bit samples are
    scaled to 8 bits, and of an animation the first frame is taken.

    Arguments:
        source: The bytes of a PNG, JPEG, WebP, GIF or BMP file, a path to one, or a binary file object.
        side: of the result in pixels, from 8 to 64.
        channels: of the result: 1 for grey, 2 for grey with opacity, 3 for RGB, 4 for RGB with opacity.
        limits: to the file; if not given, 64 MiB and 100 megapixels.
        ground: red, green and blue, from 0 to 255, behind transparent parts where there is no channel for opacity.

    Returns:
        uint8 ``(side, side, channels)``.

    Raises:
        ImageError: The file is missing, empty, damaged, of another type, no regular file, or beyond the limits.
        TypeError: `source` is none of these.
        ValueError: `side`, `channels` or `ground` is out of range.

    Example:
        >>> import io
        >>> from PIL import Image
        >>> file = io.BytesIO()
        >>> Image.new("RGB", (640, 480), "red").save(file, "PNG")
        >>> ib.read_image(file).shape, ib.read_image(file, side=28, channels=1).shape
        ((32, 32, 3), (28, 28, 1))
    """
    check_side(side)
    check_channels(channels)
    if len(ground) != 3 or not all(0 <= value <= 255 for value in ground):
        raise ValueError(f"The ground must be three values from 0 to 255, not {ground}.")
    data = _read_bytes(source, limits.file_bytes)
    try:
        check_parts(data)
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            if image.width * image.height > limits.pixels:
                raise _too_many_pixels(limits)
            # JPEG only: decode straight to a half, a quarter or an eighth, leaving at least a factor of two.
            image.draft(None, (2 * side, 2 * side))
            image.load()  # a PNG's EXIF may follow its pixels
            return to_square(image, side, channels, ground)
    except ImageError:
        raise
    except TooManyParts as error:
        raise ImageError(_MANY_PARTS) from error
    except Image.UnidentifiedImageError as error:
        raise ImageError(_DAMAGED if data.startswith(_MAGIC) else _OTHER) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels(limits) from error
    except MemoryError as error:
        raise ImageError("This image needs more memory than there is; scale it down first.") from error
    except Exception as error:  # Pillow's decoders raise nearly anything on damaged files
        raise ImageError(_DAMAGED) from error


def _read_bytes(source: bytes | str | os.PathLike[str] | BinaryIO, limit: int) -> bytes:
    if isinstance(source, (bytes, bytearray, memoryview)):
        data = bytes(source)
    elif isinstance(source, (str, os.PathLike)):
        return _read_file(source, limit)
    elif not hasattr(source, "read"):
        raise TypeError(f"An image is read from bytes, a path or a binary file, not from {type(source).__name__}.")
    else:
        # An upload widget hands out the same object again, read to its end.
        if source.seekable():
            source.seek(0)
        data = source.read(limit + 1)
    if not data:
        raise ImageError(_EMPTY)
    if len(data) > limit:
        raise _too_large(limit)
    return data


def _read_file(path: str | os.PathLike[str], limit: int) -> bytes:
    try:
        data = read_bytes(Path(path), limit)
    except UnreadableError as error:
        if "larger" in str(error):
            raise _too_large(limit) from error
        raise ImageError(f"The image file {_named(path)} {error}; choose a PNG or JPEG image.") from error
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        reason = getattr(error, "strerror", None) or error
        raise ImageError(f"The image file {_named(path)} cannot be read ({reason}).") from error
    if not data:
        raise ImageError(_EMPTY)
    return data


def _named(path: str | os.PathLike[str]) -> str:
    """A path for a message: as it is, or escaped where it cannot be printed."""
    text = os.fspath(path)
    return str(text) if str(text).isprintable() else ascii(text)


def _too_large(limit: int) -> ImageError:
    return ImageError(f"This file is larger than {limit / 2**20:g} MiB; scale the image down first.")


def _too_many_pixels(limits: ImageLimits) -> ImageError:
    return ImageError(f"This image has more than {limits.pixels / 1e6:g} megapixels; scale it down first.")
