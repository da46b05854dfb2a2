"""A person's image file, whatever it holds: the few pixels that a model takes, or all of it, to choose a part."""

from __future__ import annotations

import codecs
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, NamedTuple, TypeVar

import numpy as np
from PIL import Image

from ..files import UnreadableError, read_bytes
from .image_memory import decoding_memory
from .image_parts import TooManyParts, check_parts
from .image_scaling import MID_GREY, to_square, to_whole
from .images import DEFAULT_SIDE, ImageError, check_channels, check_side

__all__ = [
    "ImageLimits",
    "Preview",
    "preview_image",
    "read_image",
]

_Result = TypeVar("_Result")

MAX_BYTES = 64 * 2**20
MAX_PIXELS = 100_000_000
FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")
_MAGIC = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"II*\0", b"MM\0*")

_EMPTY = "This file is empty; choose a PNG or JPEG image."
_DAMAGED = "This image file is damaged or cut short; save or download it again."
_MANY_PARTS = (
    "This image file is made of more parts than cameras and editors write, and would take too long to read; open it in "
    "an image editor and save it anew."
)


class ImageLimits(NamedTuple):
    """Up to where :func:`read_image` reads a file.

    Attributes:
        file_bytes: length of the file, in bytes.
        pixels: of the image.
        memory: that decoding may take, in bytes; ``None`` for as much as there is. What it takes is told from the
            file's headers: 4 bytes a pixel for most images in colour, 6 or 8 for a JPEG that comes in several passes,
            16 for WebP.

    Example:
        >>> from ibinn_core.data.image_files import ImageLimits
        >>> import io
        >>> from PIL import Image
        >>> file = io.BytesIO()
        >>> Image.new("RGB", (640, 480), "red").save(file, "PNG")
        >>> ib.read_image(file, limits=ImageLimits(pixels=300_000))
        Traceback (most recent call last):
        ibinn_core.data.images.ImageError: This image has more than 0.3 megapixels; scale it down first.
    """

    file_bytes: int = MAX_BYTES
    pixels: int = MAX_PIXELS
    memory: int | None = None


LIMITS = ImageLimits()


class Preview(NamedTuple):
    """An image as a whole, scaled down, for a person who is to choose a part of it.

    Example:
        >>> from ibinn_core.data.image_files import Preview
        >>> Preview(np.zeros((60, 80, 4), np.uint8), width=640, height=480).is_square
        False
    """

    pixels: np.ndarray  # uint8 (h, w, 4), RGB with opacity
    width: int  # of the image itself, upright
    height: int  # likewise

    @property
    def is_square(self) -> bool:
        """Whether :func:`read_image` takes all of it."""
        return self.width == self.height

    @property
    def is_transparent(self) -> bool:
        """Whether something behind it would show through."""
        return bool((self.pixels[..., 3] < 255).any())


def read_image(
    source: bytes | str | os.PathLike[str] | BinaryIO,
    side: int = DEFAULT_SIDE,
    channels: int = 3,
    limits: ImageLimits = LIMITS,
    place: float = 0.5,
    ground: tuple[int, int, int] = MID_GREY,
) -> np.ndarray:
    """Turn an image file into the few pixels that a model takes.

    The largest square, centred unless `place` says otherwise, is scaled down (area average by the whole factor,
    Lanczos for the rest); smaller images are enlarged with Lanczos. EXIF orientation is applied, CMYK and palette
    images become RGB, grey ones and colours become what `channels` says, 16-bit samples are scaled to 8 bits,
    transparent parts are laid over `ground` where there is no channel for their opacity, and of an animation or a
    document the first frame is taken.

    Arguments:
        source: The bytes of a PNG, JPEG, GIF, WebP, BMP or TIFF file, a path to one, or a binary file object
            (read from its beginning if it can seek).
        side: of the result in pixels, from 8 to 64.
        channels: of the result: 1 for grey, 2 for grey with opacity, 3 for RGB, 4 for RGB with opacity.
        limits: to the file and to what reading it may take; if not given, 64 MiB and 100 megapixels.
        place: of the square along the longer side, from 0 (left, or top) to 1 (right, or bottom).
        ground: red, green and blue, from 0 to 255, of what is behind transparent parts; if not given, mid-grey.

    Returns:
        uint8 ``(side, side, channels)``.

    Raises:
        ImageError: The file is missing, empty, damaged, of another type, no regular file, or beyond the limits.
        TypeError: `source` is none of these.
        ValueError: `side`, `channels`, `place` or `ground` is out of range.

    Example:
        >>> import io
        >>> from PIL import Image
        >>> file = io.BytesIO()
        >>> Image.new("RGB", (640, 480), "red").save(file, "PNG")
        >>> image = ib.read_image(file)
        >>> image.shape, image[16, 16].tolist()
        ((32, 32, 3), [255, 0, 0])
        >>> ib.read_image(file, side=28, channels=1).shape
        (28, 28, 1)
    """
    check_side(side)
    check_channels(channels)
    if not 0 <= place <= 1:
        raise ValueError(f"The place of the square must be from 0 to 1, not {place}.")
    if len(ground) != 3 or not all(0 <= value <= 255 for value in ground):
        raise ValueError(f"The ground must be three values from 0 to 255, not {ground}.")
    return _read(source, side, limits, lambda image: to_square(image, side, channels, place, ground))


def preview_image(
    source: bytes | str | os.PathLike[str] | BinaryIO, longest: int = 360, limits: ImageLimits = LIMITS
) -> Preview:
    """Read an image file as a whole, upright and scaled down, so that a person sees what there is to choose.

    Arguments:
        source: as for `read_image`.
        longest: side of the result in pixels, at most.
        limits: as for `read_image`.

    Raises:
        ImageError: As of `read_image`.
        TypeError: `source` is nothing that an image can be read from.

    Example:
        >>> import io
        >>> from PIL import Image
        >>> from ibinn_core.data.image_files import preview_image
        >>> file = io.BytesIO()
        >>> Image.new("RGB", (640, 480), "red").save(file, "PNG")
        >>> preview = preview_image(file, longest=80)
        >>> preview.pixels.shape, preview.width, preview.is_square, preview.is_transparent
        ((60, 80, 4), 640, False, False)
    """
    return _read(source, longest, limits, lambda image: Preview(*to_whole(image, longest)))


def _read(
    source: bytes | str | os.PathLike[str] | BinaryIO,
    side: int,
    limits: ImageLimits,
    use: Callable[[Image.Image], _Result],
) -> _Result:
    """What ``use`` makes of the decoded image, of which each side has twice ``side`` pixels if the file has them."""
    data = _read_bytes(source, limits.file_bytes)
    try:
        check_parts(data)
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            _load(image, data, side, limits)
            return use(image)
    except ImageError:
        raise
    except TooManyParts as error:
        raise ImageError(_MANY_PARTS) from error
    except Image.UnidentifiedImageError as error:
        raise ImageError(_why_unreadable(data)) from error
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


def _why_unreadable(data: bytes) -> str:
    head = data[:4096]
    text = head.removeprefix(codecs.BOM_UTF8).lstrip().lower()
    if text.startswith((b"<svg", b"<?xml", b"<!doctype svg", b"<!--")) and b"<svg" in text:
        return "This SVG is a vector drawing; export it as PNG or JPEG first."
    if head.startswith(_MAGIC):
        return _DAMAGED
    if head[4:8] == b"ftyp":
        return "This is a HEIC or AVIF image, or a video; export it as PNG or JPEG first."
    if _is_text(head):
        return "This file holds text, not an image, whatever its name says; choose a PNG or JPEG image."
    return "This is no readable PNG, JPEG, GIF, WebP, BMP or TIFF image; export it as PNG or JPEG first."


def _is_text(head: bytes) -> bool:
    try:
        # Incremental, because `head` may end in the middle of a character.
        text = codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return all(character.isprintable() or character.isspace() for character in text)


def _too_large(limit: int) -> ImageError:
    return ImageError(f"This file is larger than {limit / 2**20:g} MiB; scale the image down first.")


def _too_many_pixels(limits: ImageLimits) -> ImageError:
    return ImageError(f"This image has more than {limits.pixels / 1e6:g} megapixels; scale it down first.")


def _load(image: Image.Image, data: bytes, side: int, limits: ImageLimits) -> None:
    """Decodes an image that is open, unless that would take too much."""
    width, height = image.size
    if width * height > limits.pixels:
        raise _too_many_pixels(limits)
    # JPEG only: decode straight to a half, a quarter or an eighth, leaving at least a factor of two.
    image.draft(None, (2 * side, 2 * side))
    if limits.memory is not None and decoding_memory(image, data) > limits.memory:
        raise ImageError(
            f"To read this image would take more than {limits.memory / 1e6:g} MB of memory; scale it down first."
        )
    image.load()
