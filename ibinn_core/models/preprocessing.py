"""Converts 8-bit pixels to the continuous x of a density.

A pixel u in 0..255 means the interval [u, u + 1) / 256 with centre (u + 1/2) / 256. Training adds noise (Section 3.1):

* *uniform* dequantisation: x is uniform over the interval. q(x) bounds the discrete likelihood from below.
* *Gaussian* noise of deviation σ in units of [0, 1] and density r: the likelihood at the centre is q(x) / r(0) (Eq. 42)
"""

import math
from numbers import Real
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from ..exploration.arrays import as_count
from .fields import LARGEST

if TYPE_CHECKING:  # allows computing bits/dim without torch
    import torch
    from torch import Tensor

_Values = TypeVar("_Values", float, np.ndarray, "Tensor")

LEVELS = 256
UNIFORM = "uniform"
NOISE_SEED = 0  # seed of the dequantisation for measuring models
Noise = str | float


def check_noise(noise: Noise) -> Noise:
    """Returns ``noise`` if it is ``"uniform"``, or a positive finite σ as a float; raises a ValueError otherwise."""
    if isinstance(noise, str) and noise == UNIFORM:
        return noise
    if isinstance(noise, Real) and not isinstance(noise, (bool, str)) and 0 < noise <= LARGEST:
        return float(noise)
    raise ValueError(f"noise must be 'uniform' or a positive sigma in units of [0, 1], not {noise!r}")


def pixel_centres(images: "Tensor") -> "Tensor":
    """Converts uint8 ``(N, H, W, C)`` to the centres of 8-bit pixels, float32 ``(N, C, H, W)``."""
    return images.permute(0, 3, 1, 2).float().add_(0.5).div_(256).contiguous()


def as_pixels(images: Any, shape: tuple[int, ...]) -> "Tensor":  # arrays, tensors or Pillow images
    """Converts one image or many to uint8 ``(N, H, W, C)``, or raises a ValueError; ``shape`` is (C, H, W)."""
    import torch

    def as_tensor(one: Any) -> "Tensor":  # an array, a tensor or an image of Pillow
        if hasattr(one, "convert"):
            if one.mode[0] in "IF" or one.has_transparency_data and one.convert("RGBA").getextrema()[3][0] < 255:
                raise ValueError("more than 8 bits, or transparent pixels")
            one = one.convert("L" if shape[0] == 1 else "RGB")
        return one if isinstance(one, torch.Tensor) else torch.from_numpy(np.array(one))

    if len(shape) != 3:
        raise ValueError(f"the model takes vectors of {shape[0]} numbers, not images: call it with a tensor (N, D)")
    wanted = (*shape[1:], shape[0])
    expected = f"images must be uint8 of the shape {wanted}, or (N, {', '.join(map(str, wanted))})"
    try:
        found = torch.stack([*map(as_tensor, images)]) if isinstance(images, (list, tuple)) else as_tensor(images)
    except (TypeError, ValueError, RuntimeError) as error:
        hint = "ib.read_image reads files, images of more than 8 bits, and transparent pixels"
        raise ValueError(f"{expected}, all of one size, not a {type(images).__name__} like this: {hint}") from error
    if shape[0] == 1 and found.shape[-2:] == shape[1:]:
        found = found[..., None]
    given, found = tuple(found.shape), found[None] if found.ndim == 3 else found
    if found.dtype != torch.uint8 or found.shape[1:] != wanted:
        kind, hint = str(found.dtype).removeprefix("torch."), "ib.read_image(path, side) scales a file"
        if found.dtype != torch.uint8:
            hint = "give the 8-bit pixels, from 0 to 255"
        elif found.shape[1:] == shape:
            hint = "np.moveaxis(images, -3, -1), or images.movedim(-3, -1) of a tensor, puts the channels last"
        raise ValueError(f"{expected}, not {kind} of the shape {given}: {hint}")
    return found


def _check_images(x: object, noise: Noise) -> None:
    import torch

    check_noise(noise)
    if not (isinstance(x, torch.Tensor) and x.is_floating_point() and x.ndim == 4):
        raise ValueError("images must be a float tensor of shape (N, C, H, W): convert 8-bit pixels with to_unit")


def add_noise(x: "Tensor", noise: Noise, generator: "torch.Generator | None" = None) -> "Tensor":
    """Pixel centres ``(N, C, H, W)`` with the training noise, not clipped to [0, 1].

    Arguments:
        x: images at pixel centres, ``(N, C, H, W)``.
        noise: ``"uniform"``, or σ in units of [0, 1].
        generator: generator of random numbers, on the device of ``x``.

    Raises:
        ValueError: for an invalid noise, or if ``x`` is not a tensor of images.

    Example:
        >>> x = ib.to_unit(ib.data.sample()[0][:3])
        >>> bool((ib.add_noise(x, "uniform") - x).abs().max() < 0.002)  # half the width of an 8-bit level, 1 / 512
        True
    """
    import torch

    _check_images(x, noise)
    if isinstance(noise, str):  # uniform
        return x + (torch.rand(x.shape, generator=generator, dtype=x.dtype, device=x.device) - 0.5) / LEVELS
    return x + noise * torch.randn(x.shape, generator=generator, dtype=x.dtype, device=x.device)


def dequantize(x: "Tensor", noise: Noise = UNIFORM) -> "Tensor":
    """Images with the noise of the training. All images get the same noise values.

    With Gaussian noise, ``x`` stays at the pixel centres (Eq. 42).

    Arguments:
        x: images at pixel centres, ``(N, C, H, W)``; :func:`ibinn_core.to_uint8` restores the pixels.
        noise: the noise of the model's training, ``model.noise``.

    Raises:
        ValueError: for an invalid noise, or if ``x`` is not a tensor of images.

    Example:
        >>> images = ib.data.sample()[0]
        >>> bool((ib.to_uint8(ib.dequantize(ib.to_unit(images))) == images).all())
        True
    """
    import torch

    _check_images(x, noise)
    if noise != UNIFORM:
        return x
    dims = math.prod(x.shape[1:])
    order = torch.randperm(dims, generator=torch.Generator().manual_seed(NOISE_SEED)).reshape(x.shape[1:])
    return x + ((order.to(x) + 0.5) / dims - 0.5) / LEVELS


def bits_per_dim(log_prob: _Values, dims: int, noise: Noise = UNIFORM) -> _Values:
    r"""Bits per dimension of 8-bit images, from their log-density over [0, 1] pixels. Vectors have no 8-bit levels.

    Arguments:
        log_prob: :math:`\log q(x)` in nats, any shape, NumPy or torch, or a list of numbers.
        dims: d, the number of values in an image.
        noise: noise of the training: ``"uniform"``, or σ in units of [0, 1].

    Returns:
        :math:`-\log q(x) / (d \ln 2) + 8` for uniform noise, :math:`-\log q(x) / (d \ln 2) - \frac12 \log_2
        (2\pi\sigma^2)` for Gaussian noise (Eq. 42).

    Raises:
        ValueError: for an invalid noise, or dimensions that are not a positive whole number.

    Example:
        >>> ib.bits_per_dim(0.0, dims=3072)  # a uniform density over [0, 1] needs all 8 bits
        8.0
        >>> ib.bits_per_dim(np.array([0.0, 3072 * np.log(16)]), dims=3072).round(3).tolist()
        [8.0, 4.0]
    """
    check_noise(noise)
    as_count(dims, 1, "dims")
    values: Any = np.asarray(log_prob) if isinstance(log_prob, (list, tuple)) else log_prob
    if isinstance(noise, str):  # uniform
        return values / (-dims * math.log(2)) + math.log2(LEVELS)
    return values / (-dims * math.log(2)) - 0.5 * math.log2(2 * math.pi * noise**2)
