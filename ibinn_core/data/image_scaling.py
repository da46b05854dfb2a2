"""Decoded images scaled to what a model takes: upright, in plain modes, in bands that need little memory."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable

import numpy as np
from PIL import ExifTags, Image

from .images import MODES, ImageError, check_channels, check_pixels, check_side, to_pillow

__all__ = ["scale_images"]

MID_GREY = (128, 128, 128)
_EXIF_BYTES = 2**16  # that are read of EXIF or XMP; a JPEG holds no more of either in one piece
_BAND = 2**20  # pixels that are converted at once
_EIGHT_OF_SIXTEEN = np.round(np.arange(65536) / 257).astype(np.uint8)

_Part = Callable[[tuple[int, int, int, int]], Image.Image]


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
        >>> from ibinn_core.data.image_scaling import scale_images
        >>> scale_images(ib.data.sample()[0], side=28, channels=1).shape
        (20, 28, 28, 1)
    """
    check_pixels(images)
    check_side(side)
    check_channels(channels)
    scaled = [to_square(to_pillow(image), side, channels) for image in images]
    return np.stack(scaled) if scaled else np.empty((0, side, side, channels), np.uint8)


def to_square(
    image: Image.Image,
    side: int,
    channels: int,
    place: float = 0.5,
    ground: tuple[int, int, int] = MID_GREY,
) -> np.ndarray:
    """The largest square of an image, scaled: uint8 ``(side, side, channels)``; it lies at ``place``."""
    part, size = _upright(image)
    return _fit(part, size, side, channels, place, ground)


def to_whole(image: Image.Image, longest: int) -> tuple[np.ndarray, int, int]:
    """All of an image, no side longer than ``longest``: uint8 ``(h, w, 4)``; and its own width and height, upright."""
    part, (width, height) = _upright(image)
    factor = max(1, max(width, height) // longest)
    small = _reduced(part, (0, width), (0, height), factor)
    scale = min(1.0, longest / max(width, height))
    size = max(1, round(scale * width)), max(1, round(scale * height))
    if size != small.size:
        small = small.resize(size, Image.Resampling.LANCZOS)
    return np.array(small.convert("RGBA")), width, height


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
    return np.array(small.convert(MODES[channels])).reshape(side, side, channels)


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
