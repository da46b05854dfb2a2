"""Small images as pixels: uint8 ``(N, H, W, C)``, or the models' units, float32 ``(N, C, H, W)`` in ``(0, 1)``.

C is 1 for grey and 3 for RGB.
"""

from __future__ import annotations

import contextlib
import hashlib
import math
from collections.abc import Sequence
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageOps

from ..models.preprocessing import pixel_centres

if TYPE_CHECKING:
    import torch

__all__ = ["ImageError", "scale_images", "to_uint8", "to_unit"]

SMALLEST_SIDE, LARGEST_SIDE = 8, 64  # sides of an image, in pixels
DEFAULT_SIDE = 32
#: Pillow's name of the mode for each number of channels.
MODES = {1: "L", 3: "RGB"}

MID_GREY = (128, 128, 128)
_EXIF_BYTES = 2**16  # most bytes of EXIF or XMP that are read; a JPEG segment holds no more
_EIGHT_OF_SIXTEEN = np.round(np.arange(65536) / 257).astype(np.uint8)


class ImageError(ValueError):
    """An image is unusable; the message is a sentence for the user."""


def to_unit(images: np.ndarray | torch.Tensor) -> torch.Tensor:
    """Map 8-bit pixels to the models' units: the centre of each of the 256 bins, ``(u + 0.5) / 256``.

    Arguments:
        images: uint8 ``(N, H, W, C)``, a NumPy array or a tensor; anything else raises a ValueError.

    Returns:
        float32 ``(N, C, H, W)``, values in ``[1/512, 511/512]``, contiguous; on the device of `images`.

    Example:
        >>> black = ib.to_unit(np.zeros((1, 32, 32, 3), dtype=np.uint8))
        >>> black.shape, black.unique().item() == 1 / 512
        (torch.Size([1, 3, 32, 32]), True)
    """
    import torch

    if isinstance(images, np.ndarray) and images.dtype == np.uint8:
        # A copy: tensors cannot share read-only arrays or negative strides.
        images = torch.from_numpy(np.array(images, order="C"))
    if not (torch.is_tensor(images) and images.dtype == torch.uint8 and images.ndim == 4 and images.shape[3] in MODES):
        raise ValueError(f"Expected uint8 images of shape (N, H, W, C) with C of 1 or 3, got {_describe(images)}.")
    return pixel_centres(images)


def to_uint8(x: torch.Tensor, missing: float | None = None) -> np.ndarray:
    """Quantise the models' units to 8-bit pixels: ``floor(256 x)``, clipped to 0..255; the exact inverse of `to_unit`.

    Arguments:
        x: floating-point ``(N, C, H, W)``, on any device.
        missing: the number that replaces NaN and infinities, which a decoded image may have; if None, they raise a
            ValueError.

    Returns:
        uint8 ``(N, H, W, C)``, contiguous.

    Raises:
        ValueError: for invalid arguments.

    Example:
        >>> images, labels = ib.data.sample()
        >>> bool((ib.to_uint8(ib.to_unit(images)) == images).all())
        True
    """
    import torch

    if not (torch.is_tensor(x) and x.is_floating_point() and x.ndim == 4 and x.shape[1] in MODES):
        kind = _describe(x) if torch.is_tensor(x) else f"{type(x).__name__}: {_describe(x)}"
        raise ValueError(f"Expected a floating-point tensor of shape (N, C, H, W) with C of 1 or 3, got {kind}.")
    if missing is not None:
        if not (isinstance(missing, Real) and math.isfinite(missing)):
            raise ValueError(f"The replacement of NaN and infinities must be a finite number, not {missing!r}.")
        x = x.nan_to_num(missing, missing, missing)
    elif not torch.isfinite(x).all():
        raise ValueError("Cannot turn NaN or infinite values into pixels.")
    # In half precision 256 x could round up across a bin's border.
    wide = x.detach().to(torch.promote_types(x.dtype, torch.float32))
    pixels = wide.mul(256).floor_().clamp_(0, 255).to(torch.uint8)
    return np.ascontiguousarray(pixels.permute(0, 2, 3, 1).cpu().numpy())


def scale_images(images: np.ndarray, side: int, channels: int) -> np.ndarray:
    """Scales images, uint8 ``(N, H, W, C)``, as `read_image` does: uint8 ``(N, side, side, channels)``."""
    check_pixels(images)
    check_size(side, channels)
    scaled = [to_square(to_pillow(image), side, channels) for image in images]
    return np.stack(scaled) if scaled else np.empty((0, side, side, channels), np.uint8)


def to_square(image: Image.Image, side: int, channels: int, ground: tuple[int, int, int] = MID_GREY) -> np.ndarray:
    """The largest centred square of an image, upright and scaled: uint8 ``(side, side, channels)``."""
    upright = _in_plain_mode(_upright(image))
    length = min(upright.size)
    left, top = ((whole - length) // 2 for whole in upright.size)
    square = (left, top, left + length, top + length)
    small = upright.resize((side, side), Image.Resampling.LANCZOS, box=square, reducing_gap=1.0)
    if small.mode == "RGBa":
        small = Image.alpha_composite(Image.new("RGBA", small.size, (*ground, 255)), small.convert("RGBA"))
    return np.array(small.convert(MODES[channels])).reshape(side, side, channels)


def _upright(image: Image.Image) -> Image.Image:
    """Rotates the image as its EXIF or XMP says."""
    for name in ("exif", "Raw profile type exif", "xmp", "XML:com.adobe.xmp"):
        if name in image.info:  # an untrusted file may have millions of entries
            image.info[name] = image.info[name][:_EXIF_BYTES]
    with contextlib.suppress(Exception):  # broken EXIF data must not prevent reading the pixels
        return ImageOps.exif_transpose(image)
    return image


def _in_plain_mode(image: Image.Image) -> Image.Image:
    """Converts to RGB, to grey for 16-bit images, or to premultiplied RGBa for images with transparency."""
    # Pillow itself would clip 16-bit samples at 255. Older versions of Pillow give a 16-bit PNG the mode "I".
    if image.mode.startswith("I"):
        return Image.fromarray(_EIGHT_OF_SIXTEEN[np.asarray(image)])
    if image.has_transparency_data:
        return image.convert("RGBA").convert("RGBa")
    return image.convert("RGB")


def pixel_hash(images: np.ndarray) -> np.ndarray:
    """A hash of each image's pixels, uint64 ``(N,)``, by which `locate` finds the image in any copy of its data set.

    The hash is BLAKE2b with 8 bytes, little-endian, of the bytes of an image, uint8 ``(H, W, C)``. Other images raise a
    ValueError.
    """
    check_pixels(images)
    digests = [hashlib.blake2b(image.tobytes(), digest_size=8).digest() for image in images]
    return np.frombuffer(b"".join(digests), dtype="<u8").astype(np.uint64)


def locate(hashes: np.ndarray, images: np.ndarray) -> np.ndarray:
    """The index of the image with each hash, int64 ``(M,)``: the first if an image occurs twice, -1 if there is none.

    ``hashes``: uint64 ``(M,)``, from `pixel_hash`; ``images``: uint8 ``(N, H, W, C)``. Other types raise a ValueError.
    """
    if not isinstance(hashes, np.ndarray) or hashes.dtype != np.uint64 or hashes.ndim != 1:
        raise ValueError("Expected hashes of type uint64 and shape (M,), as pixel_hash returns them.")
    return rows_of(pixel_hash(images), hashes)


def rows_of(hashes: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The first position of each of the ``wanted`` hashes ``(M,)`` among ``hashes`` ``(N,)``, or -1."""
    if not len(hashes):
        return np.full(len(wanted), -1)
    order = np.argsort(hashes, kind="stable")
    rows = order[np.searchsorted(hashes, wanted, sorter=order).clip(max=len(hashes) - 1)]
    return np.where(hashes[rows] == wanted, rows, -1)


def fingerprint(classes: Sequence[str], *splits: tuple[np.ndarray, np.ndarray]) -> str:
    """Computes 16 hexadecimal digits that identify classes and splits, whatever the order of the images."""
    digest = hashlib.sha256(repr(tuple(classes)).encode())
    for images, labels in splits:
        rows = np.stack([pixel_hash(images), np.asarray(labels).astype(np.uint64)], 1).astype("<u8")
        digest.update(repr(images.shape).encode() + rows[np.lexsort(rows.T)].tobytes())
    return digest.hexdigest()[:16]


def check_pixels(images: object) -> None:
    """Raises a ValueError unless `images` is a uint8 array ``(N, H, W, C)``."""
    if not (isinstance(images, np.ndarray) and images.dtype == np.uint8 and images.ndim == 4):
        raise ValueError(f"Expected uint8 images of shape (N, H, W, C) in a NumPy array, got {_describe(images)}.")


def check_size(side: int, channels: int) -> None:
    """Raises a ValueError unless an image may have this side and these channels."""
    if not isinstance(side, Integral) or not SMALLEST_SIDE <= side <= LARGEST_SIDE:
        raise ValueError(f"The side of an image must be from {SMALLEST_SIDE} to {LARGEST_SIDE} pixels, not {side}.")
    if not isinstance(channels, Integral) or channels not in MODES:
        raise ValueError(f"An image has 1 or 3 channels, not {channels}.")


def to_pillow(image: np.ndarray) -> Image.Image:
    """Converts pixels ``(H, W, C)`` to Pillow's form, where grey images have no channel axis."""
    return Image.fromarray(np.ascontiguousarray(image[..., 0] if image.shape[-1] == 1 else image))


def _describe(value: Any) -> str:  # any value from a caller
    if hasattr(value, "dtype") and hasattr(value, "shape"):
        return f"{str(value.dtype).removeprefix('torch.')} of shape {tuple(value.shape)}"
    return type(value).__name__
