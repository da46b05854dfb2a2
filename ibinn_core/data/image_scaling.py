"""Images scaled to what a model takes, upright."""

from __future__ import annotations

import contextlib

import numpy as np
from PIL import ExifTags, Image

from .images import MODES, check_channels, check_pixels, check_side, to_pillow

__all__ = ["scale_images"]

MID_GREY = (128, 128, 128)
_EXIF_BYTES = 2**16  # that are read of EXIF or XMP; a JPEG holds no more of either in one piece
_EIGHT_OF_SIXTEEN = np.round(np.arange(65536) / 257).astype(np.uint8)


def scale_images(images: np.ndarray, side: int, channels: int) -> np.ndarray:
    """Images, uint8 ``(N, H, W, C)``, as `read_image` would make them of files: uint8 ``(N, side, side, channels)``.

    Raises:
        ValueError: An argument has another shape, type or range.
    """
    check_pixels(images)
    check_side(side)
    check_channels(channels)
    scaled = [to_square(to_pillow(image), side, channels) for image in images]
    return np.stack(scaled) if scaled else np.empty((0, side, side, channels), np.uint8)


def to_square(image: Image.Image, side: int, channels: int, ground: tuple[int, int, int] = MID_GREY) -> np.ndarray:
    """The largest centred square of an image, upright and scaled: uint8 ``(side, side, channels)``.

    The whole part of the factor is an exact area average; Lanczos does the fraction.
    """
    turn, upright = _turn_of(image), _in_plain_mode(image)
    if turn is not None:
        upright = upright.transpose(turn)
    length = min(upright.size)
    left, top = ((whole - length) // 2 for whole in upright.size)
    square = (left, top, left + length, top + length)
    small = upright.resize((side, side), Image.Resampling.LANCZOS, box=square, reducing_gap=1.0)
    if small.mode == "RGBa":
        small = small.convert("RGBA")
        if channels in (1, 3):
            small = Image.alpha_composite(Image.new("RGBA", small.size, (*ground, 255)), small)
    return np.array(small.convert(MODES[channels])).reshape(side, side, channels)


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


def _turn_of(image: Image.Image) -> Image.Transpose | None:
    """How the pixels of an image must be turned."""
    for name in ("exif", "Raw profile type exif", "xmp", "XML:com.adobe.xmp"):
        if name in image.info:  # a stranger's may have millions of entries
            image.info[name] = image.info[name][:_EXIF_BYTES]
    with contextlib.suppress(Exception):  # broken EXIF data is no reason to refuse sound pixels
        return _TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    return None


def _in_plain_mode(image: Image.Image) -> Image.Image:
    """The image in RGB, in grey if it has 16 bits, or, where anything is transparent, in RGBa.

    The colours of RGBa are premultiplied, so that averages are right.
    """
    # Pillow itself would clip 16-bit samples at 255; older versions call a 16-bit PNG "I".
    if image.mode.startswith("I"):
        return Image.fromarray(_EIGHT_OF_SIXTEEN[np.asarray(image)])
    if image.has_transparency_data:
        return image.convert("RGBA").convert("RGBa")
    return image.convert("RGB")
