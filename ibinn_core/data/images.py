"""Small images: from a person's own file, to and from a link, to and from the model's units.

Three forms occur in this library: a file of any size (`read_image`), uint8 pixels ``(H, W, C)``, and the model's
input, float32 ``(N, C, H, W)`` in ``(0, 1)`` (`to_unit`, `to_uint8`). H and W are from 8 to 64. C is 1 for grey, 2 for
grey with opacity, 3 for RGB and 4 for RGB with opacity; CIFAR-10's images have 32×32×3 values, MNIST's 28×28×1.
"""

from __future__ import annotations

import base64
import codecs
import contextlib
import io
import math
import os
from collections.abc import Callable
from numbers import Integral, Real
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, TypeVar

import numpy as np
from PIL import ExifTags, Image

from ..exploration.arrays import MAX_CHANNELS
from ..files import UnreadableError, read_bytes
from .image_memory import decoding_memory
from .image_parts import TooManyParts, check_parts

if TYPE_CHECKING:
    import torch

__all__ = [
    "ImageError",
    "encode_png",
    "from_url",
    "preview_image",
    "read_image",
    "scale_images",
    "to_uint8",
    "to_unit",
    "to_url",
]

_Result = TypeVar("_Result")

SMALLEST_SIDE, LARGEST_SIDE = 8, 64  # of an image, in pixels
DEFAULT_SIDE = 32
MAX_BYTES = 64 * 2**20
MAX_PIXELS = 100_000_000
_EXIF_BYTES = 2**16  # that are read of EXIF or XMP; a JPEG holds no more of either in one piece
_BAND = 2**20  # pixels that are converted at once

FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")
_MAGIC = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"II*\0", b"MM\0*")
MID_GREY = (128, 128, 128)
# Pillow's names of what each number of channels means.
_MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
_WANTED = f"with sides from {SMALLEST_SIDE} to {LARGEST_SIDE} and one to {MAX_CHANNELS} channels"

_EMPTY = "This file is empty; choose a PNG or JPEG image."
_DAMAGED = "This image file is damaged or cut short; save or download it again."
_MANY_PARTS = (
    "This image file is made of more parts than cameras and editors write, and would take too long to read; open it in "
    "an image editor and save it anew."
)
_BAD_LINK = "The image in this link is incomplete or damaged; copy the whole link, or choose the image again."

_EIGHT_OF_SIXTEEN = np.round(np.arange(65536) / 257).astype(np.uint8)


class ImageError(ValueError):
    """A file or a text that cannot be used as an image; the message is one sentence for the user.

    Example:
        >>> ib.read_image(b"these bytes are no image")
        Traceback (most recent call last):
        ibinn_core.data.images.ImageError: This file holds text, not an image, whatever its name says; choose a ...
    """


class ImageLimits(NamedTuple):
    """Up to where :func:`read_image` reads a file.

    Attributes:
        file_bytes: length of the file, in bytes.
        pixels: of the image.
        memory: that decoding may take, in bytes; ``None`` for as much as there is. What it takes is told from the
            file's headers: 4 bytes a pixel for most images in colour, 6 or 8 for a JPEG that comes in several passes,
            16 for WebP.

    Example:
        >>> from ibinn_core.data.images import ImageLimits
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
    """An image as a whole, scaled down, for a person who is to choose a part of it."""

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
    return _read(source, side, limits, lambda image: _shrink(image, side, channels, place, ground))


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
        >>> from ibinn_core.data.images import preview_image
        >>> file = io.BytesIO()
        >>> Image.new("RGB", (640, 480), "red").save(file, "PNG")
        >>> preview = preview_image(file, longest=80)
        >>> preview.pixels.shape, preview.width, preview.is_square, preview.is_transparent
        ((60, 80, 4), 640, False, False)
    """
    return _read(source, longest, limits, lambda image: _whole(image, longest))


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


def encode_png(image: np.ndarray) -> bytes:
    """Encode an image as a PNG file, without loss.

    Arguments:
        image: uint8 ``(H, W, C)``; two and four channels have their opacity last.

    Returns:
        The bytes of the file; equal images give equal bytes.

    Raises:
        ValueError: `image` has another shape or type.

    Example:
        >>> from ibinn_core.data.images import encode_png
        >>> image = ib.data.sample()[0][0]
        >>> bool((ib.read_image(encode_png(image)) == image).all())
        True
    """
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8 or not _fits(image.shape):
        raise ValueError(f"Expected one uint8 image of shape (H, W, C) {_WANTED}, got {_describe(image)}.")
    buffer = io.BytesIO()
    _to_pillow(image).save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()


def to_url(image: np.ndarray) -> str:
    """Write an image as text that fits into a link: its PNG in URL-safe base64, without padding.

    Arguments:
        image: uint8 ``(H, W, C)``.

    Returns:
        Characters out of ``A-Z a-z 0-9 - _``: for 32×32×3 values at most about 4,400, for others in proportion.

    Raises:
        ValueError: `image` has another shape or type.

    Example:
        >>> from ibinn_core.data.images import from_url, to_url
        >>> image = ib.data.sample()[0][0]
        >>> bool((from_url(to_url(image)) == image).all())
        True
    """
    return base64.urlsafe_b64encode(encode_png(image)).rstrip(b"=").decode("ascii")


def from_url(text: str, shape: tuple[int, int, int] = (DEFAULT_SIDE, DEFAULT_SIDE, 3)) -> np.ndarray:
    """Read the image that `to_url` wrote.

    Arguments:
        text: URL-safe base64 of a PNG, with or without padding.
        shape: ``(H, W, C)`` that the image must have.

    Returns:
        uint8 ``(H, W, C)``, equal to the one that was written.

    Raises:
        ImageError: `text` is anything else, for example an image of another shape.
        ValueError: No image has such a shape.

    Example:
        >>> from ibinn_core.data.images import from_url
        >>> from_url("no-image")
        Traceback (most recent call last):
        ibinn_core.data.images.ImageError: The image in this link is incomplete or damaged; ...
    """
    if not isinstance(text, str):
        raise TypeError(f"A link is text, not {type(text).__name__}.")
    if not _fits(shape):
        raise ValueError(f"Expected a shape (H, W, C) {_WANTED}, got {shape}.")
    height, width, channels = shape
    # Noise does not compress, and base64 makes four characters out of three bytes; a PNG has some bytes around it.
    if len(text) > 2 * height * width * channels + 2048:
        raise ImageError(_BAD_LINK)
    try:
        text = text.rstrip("=")
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
            if image.size != (width, height) or image.mode != _MODES[channels]:
                raise ImageError(_BAD_LINK)
            return np.array(image).reshape(shape)
    except Exception as error:  # Pillow's decoders raise nearly anything on damaged files
        raise ImageError(_BAD_LINK) from error


def to_unit(images: np.ndarray | torch.Tensor) -> torch.Tensor:
    """Map 8-bit pixels to the models' units: the centre of each of the 256 bins, ``(u + 0.5) / 256``.

    Arguments:
        images: uint8 ``(N, H, W, C)``, a NumPy array or a tensor.

    Returns:
        float32 ``(N, C, H, W)``, values in ``[1/512, 511/512]``, contiguous; on the device of `images`.

    Raises:
        ValueError: `images` has another shape or type.

    Example:
        >>> black = ib.to_unit(np.zeros((1, 32, 32, 3), dtype=np.uint8))
        >>> black.shape, black.unique().item() == 1 / 512
        (torch.Size([1, 3, 32, 32]), True)
    """
    import torch

    if not torch.is_tensor(images):
        if not isinstance(images, np.ndarray) or images.dtype != np.uint8:
            raise _no_pixels(images)
        # A copy: the caller's array may be read-only or have negative strides, which tensors cannot share.
        images = torch.from_numpy(np.array(images, order="C"))
    if images.dtype != torch.uint8 or images.ndim != 4 or not _fits(images.shape[1:]):
        raise _no_pixels(images)
    return images.permute(0, 3, 1, 2).float().add_(0.5).div_(256).contiguous()


def to_uint8(x: torch.Tensor, missing: float | None = None) -> np.ndarray:
    """Quantise the models' units to 8-bit pixels: ``floor(256 x)``, clipped to 0..255.

    It is the exact inverse of `to_unit`.

    Arguments:
        x: Floating-point ``(N, C, H, W)``, values outside ``[0, 1]`` are clipped; on any device.
        missing: The value that replaces NaN and infinities, which a model may decode; if None they are an error.

    Returns:
        uint8 ``(N, H, W, C)``, contiguous.

    Raises:
        ValueError: `x` has another shape or type, holds NaN or an infinity and `missing` is None, or `missing` is not a
            finite number.

    Example:
        >>> images, labels = ib.data.sample()
        >>> bool((ib.to_uint8(ib.to_unit(images)) == images).all())
        True
    """
    import torch

    if not (torch.is_tensor(x) and x.is_floating_point() and x.ndim == 4 and _fits((*x.shape[2:], x.shape[1]))):
        raise ValueError(f"Expected a floating-point tensor of shape (N, C, H, W) {_WANTED}, got {_describe(x)}.")
    if missing is not None:
        if not (isinstance(missing, Real) and math.isfinite(missing)):
            raise ValueError(f"What replaces NaN and infinities must be a finite number, not {missing!r}.")
        x = x.nan_to_num(missing, missing, missing)
    elif not torch.isfinite(x).all():
        raise ValueError("Cannot turn NaN or infinite values into pixels.")
    # In half precision 256 x could round up across a bin's border.
    wide = x.detach().to(torch.promote_types(x.dtype, torch.float32))
    pixels = wide.mul(256).floor_().clamp_(0, 255).to(torch.uint8)
    return np.ascontiguousarray(pixels.permute(0, 2, 3, 1).cpu().numpy())


def check_pixels(images: object) -> None:
    """Raise a ValueError unless `images` is a NumPy array, uint8 ``(N, H, W, C)``, of images that a model may take."""
    if not (
        isinstance(images, np.ndarray) and images.dtype == np.uint8 and images.ndim == 4 and _fits(images.shape[1:])
    ):
        raise ValueError(
            f"Expected uint8 images of shape (N, H, W, C) {_WANTED} in a NumPy array, got {_describe(images)}."
        )


def check_side(side: int) -> None:
    """Raise a ValueError unless `side` is a number of pixels that the side of an image may have."""
    if not isinstance(side, Integral) or not SMALLEST_SIDE <= side <= LARGEST_SIDE:
        raise ValueError(f"The side of an image must be from {SMALLEST_SIDE} to {LARGEST_SIDE} pixels, not {side}.")


def scale_images(images: np.ndarray, side: int, channels: int) -> np.ndarray:
    """Images as others have them: scaled, grey or in colour, as `read_image` would make them of files.

    Arguments:
        images: uint8 ``(N, H, W, C)``.
        side: height and width of the result, as for `read_image`.
        channels: of the result, as for `read_image`.

    Returns:
        uint8 ``(N, side, side, channels)``.

    Raises:
        ValueError: An argument has another shape, type or range.

    Example:
        >>> from ibinn_core.data.images import scale_images
        >>> scale_images(ib.data.sample()[0], side=28, channels=1).shape
        (20, 28, 28, 1)
    """
    check_pixels(images)
    check_side(side)
    check_channels(channels)
    scaled = [_shrink(_to_pillow(image), side, channels) for image in images]
    return np.stack(scaled) if scaled else np.empty((0, side, side, channels), np.uint8)


def check_channels(channels: int) -> None:
    """Raise a ValueError unless `channels` is a number of channels that an image may have."""
    if not isinstance(channels, Integral) or channels not in _MODES:
        raise ValueError(f"An image has one to {MAX_CHANNELS} channels, not {channels}.")


def _fits(shape: tuple[int, ...]) -> bool:
    """Whether an image may have the shape ``(H, W, C)``."""
    if len(shape) != 3 or not all(isinstance(size, Integral) for size in shape):
        return False
    height, width, channels = shape
    return all(SMALLEST_SIDE <= side <= LARGEST_SIDE for side in (height, width)) and channels in _MODES


def _no_pixels(images: object) -> ValueError:
    return ValueError(f"Expected uint8 images of shape (N, H, W, C) {_WANTED}, got {_describe(images)}.")


def _to_pillow(image: np.ndarray) -> Image.Image:
    """Pillow's form of pixels ``(H, W, C)``; of grey ones it wants no channel."""
    return Image.fromarray(np.ascontiguousarray(image[..., 0] if image.shape[-1] == 1 else image))


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


def _shrink(
    image: Image.Image,
    side: int,
    channels: int,
    place: float = 0.5,
    ground: tuple[int, int, int] = MID_GREY,
) -> np.ndarray:
    part, size = _upright(image)
    return _fit(part, size, side, channels, place, ground)


def _whole(image: Image.Image, longest: int) -> Preview:
    part, (width, height) = _upright(image)
    factor = max(1, max(width, height) // longest)
    small = _reduced(part, (0, width), (0, height), factor)
    scale = min(1.0, longest / max(width, height))
    size = max(1, round(scale * width)), max(1, round(scale * height))
    if size != small.size:
        small = small.resize(size, Image.Resampling.LANCZOS)
    return Preview(np.array(small.convert("RGBA")), width, height)


_Part = Callable[[tuple[int, int, int, int]], Image.Image]


def _upright(image: Image.Image) -> tuple[_Part, tuple[int, int]]:
    """What cuts parts ``(left, top, right, bottom)`` out of the turned image, in a plain mode; its width and height."""
    turn = _turn_of(image)
    convert = _to_plain_mode_of(image)
    width, height = image.size
    size = (height, width) if turn in _LYING else (width, height)

    def part(box: tuple[int, int, int, int]) -> Image.Image:
        cut = image.crop(box if turn is None else _before(turn, box, *image.size))
        return convert(cut if turn is None else cut.transpose(turn))

    return part, size


# What EXIF and XMP call an orientation, and what undoes it.
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_LYING = (_TURNS[5], _TURNS[6], _TURNS[7], _TURNS[8])  # those that make a width of a height


def _turn_of(image: Image.Image) -> Image.Transpose | None:
    """How the pixels of a decoded image must be turned; Pillow itself has turned those of a TIFF."""
    for name in ("exif", "Raw profile type exif", "xmp", "XML:com.adobe.xmp"):
        if name in image.info:  # a stranger's may have millions of entries
            image.info[name] = image.info[name][:_EXIF_BYTES]
    with contextlib.suppress(Exception):  # broken EXIF data is no reason to refuse sound pixels
        return _TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    return None


def _before(turn: Image.Transpose, box: tuple[int, int, int, int], width: int, height: int) -> tuple:
    """Where a part of the turned image is in one of ``width`` by ``height`` that is not turned yet."""
    left, top, right, bottom = box
    if turn in _LYING:
        left, top, right, bottom = top, left, bottom, right
    method = Image.Transpose
    if turn in (method.FLIP_LEFT_RIGHT, method.ROTATE_180, method.ROTATE_90, method.TRANSVERSE):
        left, right = width - right, width - left
    if turn in (method.FLIP_TOP_BOTTOM, method.ROTATE_180, method.ROTATE_270, method.TRANSVERSE):
        top, bottom = height - bottom, height - top
    return left, top, right, bottom


def _fit(
    part: _Part,
    size: tuple[int, int],
    side: int,
    channels: int,
    place: float,
    ground: tuple[int, int, int],
) -> np.ndarray:
    """The largest square of an image, scaled: uint8 ``(side, side, channels)``.

    The result is that of ``resize(…, box=square, reducing_gap=1)``: the whole part of the factor is an exact area
    average, and Lanczos does the fraction. But ``resize`` needs the whole image in a plain mode, which may take several
    times the memory; ``part`` cuts a part ``(left, top, right, bottom)`` out of the image in that mode.
    """
    left, top, length = _square(*size, place)
    factor = max(1, length // side)
    margin = 2.5 * length / side  # pixels around the square that Lanczos takes into account
    across, down = (
        (max(0, int(start - margin)), min(whole, math.ceil(start + length + margin)))
        for start, whole in zip((left, top), size, strict=True)
    )
    small = _reduced(part, across, down, factor)
    x, y = (left - across[0]) / factor, (top - down[0]) / factor
    square = (x, y, x + length / factor, y + length / factor)
    small = small.resize((side, side), Image.Resampling.LANCZOS, box=square)
    if small.mode == "RGBa":
        small = small.convert("RGBA")
        if channels in (1, 3):
            small = Image.alpha_composite(Image.new("RGBA", small.size, (*ground, 255)), small)
    return np.array(small.convert(_MODES[channels])).reshape(side, side, channels)


def _reduced(part: _Part, across: tuple[int, int], down: tuple[int, int], factor: int) -> Image.Image:
    """The area average by a whole factor of what lies between two columns and two rows, taken in bands."""
    rows = max(1, _BAND // (across[1] - across[0]) // factor) * factor
    bands = []
    for begin in range(*down, rows):
        band = part((across[0], begin, across[1], min(begin + rows, down[1])))
        bands.append(band.reduce(factor) if factor > 1 else band)
    return _below_each_other(bands)


def _below_each_other(bands: list[Image.Image]) -> Image.Image:
    whole = Image.new(bands[0].mode, (bands[0].width, sum(band.height for band in bands)))
    begin = 0
    for band in bands:
        whole.paste(band, (0, begin))
        begin += band.height
    return whole


def _to_plain_mode_of(image: Image.Image) -> Callable[[Image.Image], Image.Image]:
    """What makes of an image, or of a part of it, L, RGB, or, where anything is transparent, RGBa.

    The colours of RGBa are premultiplied, so that averages are right.
    """
    # Pillow itself would clip 16-bit samples at 255; older versions call a 16-bit PNG "I".
    if image.mode.startswith("I;16") or (image.mode == "I" and image.format == "PNG"):
        return lambda part: Image.fromarray(_EIGHT_OF_SIXTEEN[np.asarray(part)])
    if image.mode in ("I", "F"):
        raise ImageError("This image has 32-bit samples; save it with 8 or 16 bits a channel first.")
    if image.has_transparency_data:
        return lambda part: part.convert("RGBA").convert("RGBa")
    return lambda part: part.convert("RGB")


def _square(width: int, height: int, place: float) -> tuple[int, int, int]:
    """Left, top and length of the largest square, at a place from 0 to 1 along the longer side."""
    side = min(width, height)
    return int(place * (width - side)), int(place * (height - side)), side


def _describe(value: Any) -> str:  # whatever a caller gave in place of images
    if hasattr(value, "dtype") and hasattr(value, "shape"):
        return f"{str(value.dtype).removeprefix('torch.')} of shape {tuple(value.shape)}"
    return type(value).__name__
