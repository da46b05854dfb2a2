"""Small images as pixels: to and from a link, to and from the model's units.

Three forms occur in this library: a file of any size (`read_image`), uint8 pixels ``(H, W, C)``, and the model's
input, float32 ``(N, C, H, W)`` in ``(0, 1)`` (`to_unit`, `to_uint8`). H and W are from 8 to 64. C is 1 for grey, 2 for
grey with opacity, 3 for RGB and 4 for RGB with opacity; CIFAR-10's images have 32×32×3 values, MNIST's 28×28×1.
"""

from __future__ import annotations

import base64
import io
import math
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from ..exploration.arrays import MAX_CHANNELS

if TYPE_CHECKING:
    import torch

__all__ = [
    "ImageError",
    "encode_png",
    "from_url",
    "to_uint8",
    "to_unit",
    "to_url",
]

SMALLEST_SIDE, LARGEST_SIDE = 8, 64  # of an image, in pixels
DEFAULT_SIDE = 32
#: Pillow's names of what each number of channels means.
MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
_WANTED = f"with sides from {SMALLEST_SIDE} to {LARGEST_SIDE} and one to {MAX_CHANNELS} channels"
_BAD_LINK = "The image in this link is incomplete or damaged; copy the whole link, or choose the image again."


class ImageError(ValueError):
    """A file or a text that cannot be used as an image; the message is one sentence for the user."""


def encode_png(image: np.ndarray) -> bytes:
    """An image, uint8 ``(H, W, C)``, as the bytes of a PNG file, without loss; equal images give equal bytes.

    Two and four channels have their opacity last. Raises a ValueError for another shape or type.
    """
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8 or not _fits(image.shape):
        raise ValueError(f"Expected one uint8 image of shape (H, W, C) {_WANTED}, got {_describe(image)}.")
    buffer = io.BytesIO()
    to_pillow(image).save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()


def to_url(image: np.ndarray) -> str:
    """An image, uint8 ``(H, W, C)``, as text that fits into a link: its PNG in URL-safe base64, without padding.

    For 32×32×3 values it has at most about 4,400 characters. Raises a ValueError for another shape or type.
    """
    return base64.urlsafe_b64encode(encode_png(image)).rstrip(b"=").decode("ascii")


def from_url(text: str, shape: tuple[int, int, int] = (DEFAULT_SIDE, DEFAULT_SIDE, 3)) -> np.ndarray:
    """Read the image that `to_url` wrote.

    Arguments:
        text: URL-safe base64 of a PNG, with or without padding.
        shape: ``(H, W, C)`` that the image must have.

    Returns:
        uint8 ``(H, W, C)``.

    Raises:
        ImageError: `text` is anything else, for example an image of another shape.
        ValueError: No image has such a shape.
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
            if image.size != (width, height) or image.mode != MODES[channels]:
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
    """Quantise the models' units to 8-bit pixels: ``floor(256 x)``, clipped to 0..255; the exact inverse of `to_unit`.

    Arguments:
        x: Floating-point ``(N, C, H, W)``, on any device.
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


def check_channels(channels: int) -> None:
    """Raise a ValueError unless `channels` is a number of channels that an image may have."""
    if not isinstance(channels, Integral) or channels not in MODES:
        raise ValueError(f"An image has one to {MAX_CHANNELS} channels, not {channels}.")


def to_pillow(image: np.ndarray) -> Image.Image:
    """Pillow's form of pixels ``(H, W, C)``; of grey ones it wants no channel."""
    return Image.fromarray(np.ascontiguousarray(image[..., 0] if image.shape[-1] == 1 else image))


def _fits(shape: tuple[int, ...]) -> bool:
    """Whether an image may have the shape ``(H, W, C)``."""
    if len(shape) != 3 or not all(isinstance(size, Integral) for size in shape):
        return False
    height, width, channels = shape
    return all(SMALLEST_SIDE <= side <= LARGEST_SIDE for side in (height, width)) and channels in MODES


def _no_pixels(images: object) -> ValueError:
    return ValueError(f"Expected uint8 images of shape (N, H, W, C) {_WANTED}, got {_describe(images)}.")


def _describe(value: Any) -> str:  # whatever a caller gave in place of images
    if hasattr(value, "dtype") and hasattr(value, "shape"):
        return f"{str(value.dtype).removeprefix('torch.')} of shape {tuple(value.shape)}"
    return type(value).__name__
