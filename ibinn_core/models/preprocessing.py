r"""From 8-bit pixels to the continuous x of a density, and what that owes to the likelihood.

A pixel value u in 0..255 stands for the interval [u, u + 1) / 256; its centre is (u + 1/2) / 256.
Training adds noise, of one of two kinds:

* *uniform* dequantisation: x is uniform over the pixel's interval. q(x) then bounds the discrete
  likelihood from below, and a pixel is worth log2 256 = 8 bits before the model has learned anything.
* *Gaussian* noise of deviation σ in units of [0, 1] (Section 3.1): x is the centre plus σ·n, and the
  discrete likelihood is estimated at the centre, without noise, as q(x) / r(0) (Eq. 42).
"""

import math
from numbers import Real
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # so that bits/dim can be computed where torch is not wanted
    import torch
    from torch import Tensor

LEVELS = 256
UNIFORM = "uniform"
Noise = str | float


def check_noise(noise: Noise) -> Noise:
    """Returns ``noise`` if it is ``"uniform"`` or a positive σ, else raises a ValueError."""
    if isinstance(noise, str):
        if noise == UNIFORM:
            return noise
    elif isinstance(noise, Real) and not isinstance(noise, bool) and 0 < noise < math.inf:
        return float(noise)
    raise ValueError(f"noise must be 'uniform' or a positive sigma in units of [0, 1], not {noise!r}")


def add_noise(x: "Tensor", noise: Noise, generator: "torch.Generator | None" = None) -> "Tensor":
    """Adds the training noise to pixel centres ``x`` (N, C, H, W)."""
    import torch

    check_noise(noise)
    if isinstance(noise, str):  # uniform
        return x + (torch.rand(x.shape, generator=generator, dtype=x.dtype, device=x.device) - 0.5) / LEVELS
    return x + noise * torch.randn(x.shape, generator=generator, dtype=x.dtype, device=x.device)


def bits_per_dim(log_prob, dims: int, noise: Noise = UNIFORM):
    r"""Bits per dimension of images whose log-density over [0, 1] pixels is known.

    Arguments:
        log_prob: :math:`\log q(x)` in nats, any shape, NumPy or torch. For a model trained with uniform
            noise, at a dequantised x; for one trained with Gaussian noise, at the pixel centres.
        dims: the number of values in an image.
        noise: what the model was trained with: ``"uniform"``, or σ in units of [0, 1].

    Returns:
        :math:`-\log q(x) / (d \ln 2) + 8`, or :math:`-\log q(x) / (d \ln 2) - \frac12 \log_2 (2\pi\sigma^2)`
        (Eq. 42), in the shape and kind of ``log_prob``.
    """
    check_noise(noise)
    if isinstance(noise, str):  # uniform
        return -log_prob / (dims * math.log(2)) + math.log2(LEVELS)
    return -log_prob / (dims * math.log(2)) - 0.5 * math.log2(2 * math.pi * noise**2)


def noisy_bits_per_dim(log_prob, dims: int, noise: Noise = UNIFORM):
    r"""What :func:`bits_per_dim` estimates, from images *with* the noise of the training, Gaussian noise too.

    There :math:`\mathbb{E} \log r(\varepsilon) = \log r(0) - d / 2` stands in the place of Eq. 42's
    :math:`\log r(0)`. Arguments, returned value and unit are as those of :func:`bits_per_dim`.
    """
    return bits_per_dim(log_prob, dims, noise) - (0 if noise == UNIFORM else 0.5 * math.log2(math.e))
