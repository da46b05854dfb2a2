r"""Affine coupling blocks (Fig. 13 and Appendix E; Dinh et al. 2017).

.. math::
    v_1 = u_1, \qquad v_2 = u_2 \odot \exp(s(u_1)) + t(u_1), \qquad \log|\det J| = \sum s(u_1)

with :math:`s = c \tanh(\tilde s)`, so that no block scales by more than :math:`e^{\pm c}`.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from .base import InvertibleLayer
from .subnetwork import Subnetwork


class _Coupling(InvertibleLayer):
    """What both coupling blocks share: the split, and scale and shift from one sub-network."""

    def __init__(self, channels: int, subnetwork: Subnetwork, clamp: float) -> None:
        super().__init__()
        if channels < 2:
            raise ValueError(f"a coupling needs at least two channels, not {channels}")
        self.split = (channels // 2, channels - channels // 2)
        self.subnetwork = subnetwork
        self.clamp = clamp

    def coefficients(self, u1: Tensor) -> tuple[Tensor, Tensor]:
        """Log-scale (within ``[-clamp, clamp]``) and shift, both of the shape of the transformed half."""
        log_scale, shift = self.subnetwork(u1).chunk(2, dim=1)
        return self.clamp * torch.tanh(log_scale), shift


class AffineCoupling(_Coupling):
    """Affine coupling of the two halves of the channels, for ``(N, C, H, W)`` or ``(N, C)``.

    Arguments:
        channels: C, at least two; the first ``C // 2`` pass unchanged.
        subnetwork: ``(features_in, features_out) -> Subnetwork``. It gives the log-scales, then the shifts.
        clamp: c, the largest absolute log-scale.

    Raises:
        ValueError: for fewer than two channels.
    """

    def __init__(self, channels: int, subnetwork: Callable[[int, int], Subnetwork], clamp: float = 0.7) -> None:
        super().__init__(channels, subnetwork(channels // 2, 2 * (channels - channels // 2)), clamp)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        u1, u2 = x.split(self.split, dim=1)
        log_scale, shift = self.coefficients(u1)
        return torch.cat([u1, u2 * log_scale.exp() + shift], dim=1), log_scale.flatten(1).sum(1)

    def inverse_and_log_det(self, y: Tensor) -> tuple[Tensor, Tensor]:
        v1, v2 = y.split(self.split, dim=1)
        log_scale, shift = self.coefficients(v1)
        return torch.cat([v1, (v2 - shift) * (-log_scale).exp()], dim=1), -log_scale.flatten(1).sum(1)


class DownsamplingCoupling(_Coupling):
    """The paper's downsampling coupling block (Appendix E), ``(N, C, H, W)`` to ``(N, 4C, H/2, W/2)``.

    The coefficients come from the other half at the higher resolution, through a strided convolution.

    Arguments:
        channels: C of the input, at least two.
        subnetwork: ``(features_in, features_out) -> Subnetwork`` that halves height and width.
        clamp: the largest absolute log-scale.

    Raises:
        ValueError: for fewer than two channels.
    """

    def __init__(self, channels: int, subnetwork: Callable[[int, int], Subnetwork], clamp: float = 0.7) -> None:
        super().__init__(channels, subnetwork(channels // 2, 8 * (channels - channels // 2)), clamp)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        u1, u2 = x.split(self.split, dim=1)
        log_scale, shift = self.coefficients(u1)
        v2 = F.pixel_unshuffle(u2, 2) * log_scale.exp() + shift
        return torch.cat([F.pixel_unshuffle(u1, 2), v2], dim=1), log_scale.flatten(1).sum(1)

    def inverse_and_log_det(self, y: Tensor) -> tuple[Tensor, Tensor]:
        v1, v2 = y.split([4 * size for size in self.split], dim=1)
        u1 = F.pixel_shuffle(v1, 2)
        log_scale, shift = self.coefficients(u1)
        u2 = F.pixel_shuffle((v2 - shift) * (-log_scale).exp(), 2)
        return torch.cat([u1, u2], dim=1), -log_scale.flatten(1).sum(1)
