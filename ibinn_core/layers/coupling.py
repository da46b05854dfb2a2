r"""Affine coupling blocks (Fig. 13 and Appendix E; Dinh et al. 2017).

.. math::
    v_1 = u_1, \qquad v_2 = u_2 \odot \exp(s(u_1)) + t(u_1), \qquad \log|\det J| = \sum s(u_1)

with :math:`s = c \tanh(\tilde s)`, so that a block scales by factors from :math:`e^{-c}` to :math:`e^c`.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from .base import InvertibleLayer
from .subnetwork import Subnetwork


class AffineCoupling(InvertibleLayer):
    """Affine coupling of the two halves of the channels, for ``(N, C, H, W)`` or ``(N, C)``.

    Arguments:
        channels: C, at least two; the first ``C // 2`` pass unchanged.
        subnetwork: ``(features_in, features_out) -> Subnetwork``. It gives the log-scales, then the shifts.
        clamp: c, the largest absolute log-scale.

    Raises:
        ValueError: for fewer than two channels.
    """

    growth = 1  # factor on the number of channels

    def __init__(self, channels: int, subnetwork: Callable[[int, int], Subnetwork], clamp: float = 0.7) -> None:
        super().__init__()
        if channels < 2:
            raise ValueError(f"a coupling needs at least two channels, not {channels}")
        self.split = (channels // 2, channels - channels // 2)
        self.subnetwork = subnetwork(self.split[0], 2 * self.growth * self.split[1])
        self.clamp = clamp

    def coefficients(self, u1: Tensor) -> tuple[Tensor, Tensor]:
        """Computes log-scale (within ``[-clamp, clamp]``) and shift, both in the shape of the transformed half."""
        log_scale, shift = self.subnetwork(u1).chunk(2, dim=1)
        return self.clamp * torch.tanh(log_scale), shift

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        u1, u2 = x.split(self.split, dim=1)
        log_scale, shift = self.coefficients(u1)
        v2 = self._down(u2) * log_scale.exp() + shift
        return torch.cat([self._down(u1), v2], dim=1), log_scale.flatten(1).sum(1)

    def inverse_and_log_det(self, y: Tensor) -> tuple[Tensor, Tensor]:
        v1, v2 = y.split([self.growth * size for size in self.split], dim=1)
        u1 = self._up(v1)
        log_scale, shift = self.coefficients(u1)
        u2 = self._up((v2 - shift) * (-log_scale).exp())
        return torch.cat([u1, u2], dim=1), -log_scale.flatten(1).sum(1)

    def _down(self, u: Tensor) -> Tensor:
        return u

    def _up(self, v: Tensor) -> Tensor:
        return v


class DownsamplingCoupling(AffineCoupling):
    """The paper's downsampling coupling block (Appendix E), ``(N, C, H, W)`` to ``(N, 4C, H/2, W/2)``.

    The coefficients come from the other half at the higher resolution: the sub-network halves height and width.
    """

    growth = 4

    def _down(self, u: Tensor) -> Tensor:
        return F.pixel_unshuffle(u, 2)

    def _up(self, v: Tensor) -> Tensor:
        return F.pixel_shuffle(v, 2)
