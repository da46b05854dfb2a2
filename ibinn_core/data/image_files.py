"""An image file as the few pixels that a model takes.

A file of a few hundred kilobytes can keep a decoder busy for a minute: a JPEG of hundreds of scans, each over all
pixels, or a million empty segments, chunks or comments. These are counted from the headers before anything is decoded.
"""

from __future__ import annotations

import io
import os
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from PIL import Image

from ..files import UnreadableError, read_bytes
from .images import DEFAULT_SIDE, MID_GREY, ImageError, check_size, to_square

__all__ = ["ImageLimits", "read_image"]

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
_MAGIC = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF")

#: The most segments of a JPEG, chunks of a PNG, or blocks of a GIF. Editors write some 8,000 chunks for a PNG of 60 MB.
MOST_PARTS = 50_000
MOST_SCANS = 100  # of a JPEG; editors write up to 15
MOST_SCANNED = 500_000_000  # pixels of all scans of a JPEG together
MOST_FILLING = 2**12  # bytes between the segments of a JPEG, which mean nothing

_MARKER = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]")  # of a segment; within a scan others mean data
_FRAMES = {0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}  # which have the image's size
_SCAN, _END, _ALONE = 0xDA, 0xD9, {0x01, 0xD8}  # the last have no length

_EMPTY = "This file is empty; choose a PNG or JPEG image."
_OTHER = "Only PNG, JPEG, WebP, GIF and BMP images can be read; save this file as one of them first."
_DAMAGED = "This image file is damaged or cut short; save or download it again."
_MANY_PARTS = (
    "This image file is made of more parts than cameras and editors write, and would take too long to read; open it in "
    "an image editor and save it anew."
)


class ImageLimits(NamedTuple):
    """The longest file that :func:`read_image` reads, in bytes, and the largest image, in pixels."""

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

    The largest centred square is scaled (area average by the whole factor, Lanczos for the rest). EXIF orientation is
    applied, CMYK and palette images become RGB, 16-bit samples 8-bit, and an animation gives its first frame.

    Arguments:
        source: the bytes of a PNG, JPEG, WebP, GIF or BMP file, a path to one, or a binary file object.
        side: of the result in pixels, from 8 to 64.
        channels: of the result: 1 for grey, 2 for grey with opacity, 3 for RGB, 4 for RGB with opacity.
        limits: to the file; by default 64 MiB and 100 megapixels.
        ground: red, green and blue, from 0 to 255, behind transparent pixels if there is no channel for opacity.

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
    check_size(side, channels)
    if len(ground) != 3 or not all(0 <= value <= 255 for value in ground):
        raise ValueError(f"The ground must be three values from 0 to 255, not {ground}.")
    data = _read_bytes(source, limits.file_bytes)
    check_parts(data)
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            if image.width * image.height > limits.pixels:
                raise Image.DecompressionBombError
            # JPEG only: decode straight to a half, a quarter or an eighth, leaving at least a factor of two.
            image.draft(None, (2 * side, 2 * side))
            image.load()  # a PNG's EXIF may follow its pixels
            return to_square(image, side, channels, ground)
    except Image.UnidentifiedImageError as error:
        raise ImageError(_DAMAGED if data.startswith(_MAGIC) else _OTHER) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        most = f"{limits.pixels / 1e6:g} megapixels"
        raise ImageError(f"This image has more than {most}; scale it down first.") from error
    except MemoryError as error:
        raise ImageError("This image needs more memory than there is; scale it down first.") from error
    except Exception as error:  # Pillow's decoders raise nearly anything on damaged files
        raise ImageError(_DAMAGED) from error


def _read_bytes(source: bytes | str | os.PathLike[str] | BinaryIO, limit: int) -> bytes:
    if isinstance(source, (bytes, bytearray, memoryview)):
        data = bytes(source)
    elif isinstance(source, (str, os.PathLike)):
        data = _read_file(source, limit)
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
    text = os.fspath(path)
    name = str(text) if str(text).isprintable() else ascii(text)
    try:
        return read_bytes(Path(path), limit)
    except UnreadableError as error:
        if "larger" in str(error):
            raise _too_large(limit) from error
        raise ImageError(f"The image file {name} {error}; choose a PNG or JPEG image.") from error
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        reason = getattr(error, "strerror", None) or error
        raise ImageError(f"The image file {name} cannot be read ({reason}).") from error


def _too_large(limit: int) -> ImageError:
    return ImageError(f"This file is larger than {limit / 2**20:g} MiB; scale the image down first.")


def check_parts(data: bytes) -> None:
    """Raises an ImageError for a PNG, JPEG or GIF file of more segments, chunks or blocks than cameras write."""
    if data.startswith(b"\xff\xd8"):
        _check_jpeg(data)
    elif data.startswith(b"\x89PNG\r\n\x1a\n"):
        _count(_png_chunks(data))
    elif data.startswith(b"GIF8"):
        _count(_gif_blocks(data))


def _count(parts: Iterator[int]) -> None:
    for number, _ in enumerate(parts, 1):
        if number > MOST_PARTS:
            raise ImageError(_MANY_PARTS)


def _check_jpeg(data: bytes) -> None:
    place, segments, scans, pixels, filling = 2, 0, 0, 0, 0
    while (found := _MARKER.search(data, place)) and data[found.end() - 1] != _END:
        marker, segments = data[found.end() - 1], segments + 1
        filling += len(found[0]) - 2 if scans else found.end() - 2 - place  # between scans lie their data
        place = found.end()
        header = data[place : place + 7]
        if marker in _FRAMES and len(header) == 7:
            height, width = struct.unpack(">HH", header[3:])
            pixels = max(pixels, height * width)
        scans += marker == _SCAN
        if segments > MOST_PARTS or filling > MOST_FILLING or scans > MOST_SCANS or scans * pixels > MOST_SCANNED:
            raise ImageError(_MANY_PARTS)
        if marker not in _ALONE:
            if len(header) < 2:
                return
            place += struct.unpack(">H", header[:2])[0]


def _png_chunks(data: bytes) -> Iterator[int]:
    place = 8
    while place + 8 <= len(data):
        yield place
        (length,) = struct.unpack(">I", data[place : place + 4])
        place += length + 12


def _gif_blocks(data: bytes) -> Iterator[int]:
    """Up to the first image, which is all that is read."""
    if len(data) < 13:
        return
    place = 13 + (3 << (data[10] & 7) + 1 if data[10] & 128 else 0)
    while data[place : place + 1] == b"!":
        place += 2
        while place < len(data):
            yield place
            size = data[place]
            place += size + 1
            if not size:
                break
