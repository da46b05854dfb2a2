"""Reads an image file as the small image that a model takes."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from PIL import Image

from ..files import read_bytes, reason
from .images import DEFAULT_SIDE, MID_GREY, ImageError, check_size, to_square

__all__ = ["ImageLimits", "read_image"]

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
_SCAN = b"\xff\xda"  # the mark of a JPEG scan; the data of pixels never contain it
MAX_SCANNED = 500_000_000  # most pixels in all scans of a JPEG, since a small file can have hundreds of scans
_DAMAGED = "This file is damaged, or not a PNG, JPEG, WebP, GIF or BMP image; save it again in one of these formats."


class ImageLimits(NamedTuple):
    """Limits of :func:`read_image`: bytes of a file, pixels of an image."""

    file_bytes: int = 64 * 2**20
    pixels: int = 100_000_000


LIMITS = ImageLimits()


def read_image(
    source: bytes | str | os.PathLike[str] | BinaryIO,
    side: int = DEFAULT_SIDE,
    channels: int = 3,
    limits: ImageLimits = LIMITS,
    ground: tuple[int, int, int] = MID_GREY,
) -> np.ndarray:
    """Turn an image file into the few pixels that a model takes.

    The largest centred square is scaled by an area average with an integer factor, then by Lanczos, and turned as EXIF
    says. CMYK and palette images become RGB. 16-bit samples become 8-bit samples. An animation gives its first frame.

    Arguments:
        source: the bytes of a PNG, JPEG, WebP, GIF or BMP file, the path of such a file, or a binary file object.
        side: side of the result in pixels, from 8 to 64.
        channels: channels of the result: 1 for grey, 3 for RGB.
        limits: limits of the file; by default 64 MiB and 100 megapixels.
        ground: colour behind transparent pixels: red, green and blue from 0 to 255.

    Returns:
        uint8 ``(side, side, channels)``.

    Raises:
        ImageError: The file is missing, empty, damaged, of another type, not a regular file, or beyond the limits.
        TypeError: `source` is neither bytes, nor a path, nor a file.
        ValueError: `side`, `channels` or `ground` is out of range.

    Example:
        >>> import io
        >>> from PIL import Image
        >>> file = io.BytesIO()
        >>> Image.new("RGB", (640, 480), "red").save(file, "PNG")
        >>> file.seek(0)
        0
        >>> ib.read_image(file).shape
        (32, 32, 3)
    """
    check_size(side, channels)
    if len(ground) != 3 or not all(0 <= value <= 255 for value in ground):
        raise ValueError(f"The ground must be three values from 0 to 255, not {ground}.")
    data = _read_bytes(source, limits.file_bytes)
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            scans = data.count(_SCAN) if image.format == "JPEG" else 1
            if image.width * image.height > min(limits.pixels, MAX_SCANNED / scans):
                raise Image.DecompressionBombError
            # JPEG only: decode directly at a half, a quarter or an eighth of the size.
            image.draft(None, (2 * side, 2 * side))
            image.load()  # reads all: EXIF may follow the pixels of a PNG
            return to_square(image, side, channels, ground)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        most = f"{limits.pixels / 1e6:g} megapixels"
        raise ImageError(f"This image has more than {most}, or is saved in very many scans; scale it down.") from error
    except MemoryError as error:
        raise ImageError("This image needs more memory than there is; scale it down first.") from error
    except Exception as error:  # Pillow's decoders raise many kinds of errors on damaged files
        raise ImageError(_DAMAGED) from error


def _read_bytes(source: bytes | str | os.PathLike[str] | BinaryIO, limit: int) -> bytes:
    if isinstance(source, (bytes, bytearray, memoryview)):
        data = bytes(source)
    elif isinstance(source, (str, os.PathLike)):
        try:
            data = read_bytes(Path(source), limit)
        except (OSError, ValueError) as error:  # ValueError: an invalid file name
            raise ImageError(f"The image file {os.fspath(source)!r} cannot be read: {reason(error)}.") from error
    elif hasattr(source, "read"):
        data = source.read(limit + 1)
    else:
        raise TypeError(f"An image is read from bytes, a path or a binary file, not from {type(source).__name__}.")
    if len(data) > limit:
        raise ImageError(f"This file is larger than {limit / 2**20:g} MiB; scale the image down first.")
    return data
