"""A person's image file as the few pixels that a model takes."""

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
from .images import DEFAULT_SIDE, MID_GREY, ImageError, check_channels, check_side, to_square

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


#: The most parts of a file: segments of a JPEG, chunks of a PNG, blocks of a GIF. A PNG of 60 MB has some 8,000 chunks
#: as editors write them.
MOST_PARTS = 50_000
MOST_SCANS = 100  # of a JPEG; editors write up to 15
MOST_SCANNED = 500_000_000  # pixels of all scans of a JPEG together
MOST_FILLING = 2**12  # bytes between the segments of a JPEG, which mean nothing

_MARKER = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]")  # of a segment; within a scan others mean data
_FRAMES = {0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}  # which have the image's size
_SCAN, _END, _ALONE = 0xDA, 0xD9, {0x01, 0xD8}  # the last have no length


class TooManyParts(ValueError):
    """A file is made of more parts than any camera or editor writes."""


def check_parts(data: bytes) -> None:
    """Raises a TooManyParts for a PNG, JPEG or GIF file, ``data``, of more parts than any camera or editor writes.

    Others have few parts that a reader looks at one by one. What is cut short or no such file is left to the decoder.
    """
    if data.startswith(b"\xff\xd8"):
        _check_jpeg(data)
    elif data.startswith(b"\x89PNG\r\n\x1a\n"):
        _count(_png_chunks(data))
    elif data.startswith(b"GIF8"):
        _count(_gif_blocks(data))


def _count(parts: Iterator[int]) -> None:
    for number, _ in enumerate(parts, 1):
        if number > MOST_PARTS:
            raise TooManyParts(f"the file has more than {MOST_PARTS} parts")


def _check_jpeg(data: bytes) -> None:
    place, parts, scans, pixels, filling = 2, 0, 0, 0, 0
    while (found := _MARKER.search(data, place)) and data[found.end() - 1] != _END:
        marker, parts = data[found.end() - 1], parts + 1
        filling += len(found[0]) - 2 if scans else found.end() - 2 - place  # between scans lie their data
        if parts > MOST_PARTS:
            raise TooManyParts(f"the file has more than {MOST_PARTS} parts")
        if filling > MOST_FILLING:
            raise TooManyParts(f"the file has more than {MOST_FILLING} bytes between its parts")
        place = found.end()
        if marker in _ALONE:
            continue
        segment = data[place : place + 7]
        if len(segment) < 2:
            return
        if marker in _FRAMES and len(segment) == 7:
            height, width = struct.unpack(">HH", segment[3:])
            pixels = max(pixels, height * width)
        if marker == _SCAN:
            scans += 1
            if scans > MOST_SCANS or scans * pixels > MOST_SCANNED:
                raise TooManyParts(f"the image comes in {scans} passes or more")
        place += struct.unpack(">H", segment[:2])[0]


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
