"""Fixed mixing of channels between couplings (Ardizzone et al. 2019)."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from .base import FixedMatrix, InvertibleLayer, constant_log_det


class SoftPermutation(InvertibleLayer):
    """A random rotation (or reflection) of C channels, for ``(N, C, H, W)`` or ``(N, C)``, never trained.

    The generator draws it uniformly from the orthogonal group. It is orthogonal up to rounding, so that log-determinant
    and inverse are those of the stored matrix.
    """

    def __init__(self, channels: int, generator: torch.Generator) -> None:
        super().__init__()
        gaussian = torch.randn(channels, channels, generator=generator, dtype=torch.float64)
        q, r = torch.linalg.qr(gaussian)
        # Without fixing the signs of R's diagonal, QR does not sample uniformly (Mezzadri 2007).
        self.rotation = FixedMatrix(q * r.diagonal().sign())

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self._mixed(x, self.rotation.matrix), self._log_det(x)

    def inverse_and_log_det(self, y: Tensor) -> tuple[Tensor, Tensor]:
        return self._mixed(y, self.rotation.inverse), -self._log_det(y)

    def _log_det(self, x: Tensor) -> Tensor:
        return constant_log_det(x, self.rotation.log_abs_det * math.prod(x.shape[2:]))

    @staticmethod
    def _mixed(x: Tensor, matrix: Tensor) -> Tensor:
        return F.linear(x, matrix) if x.ndim == 2 else F.conv2d(x, matrix[:, :, None, None])


class HardPermutation(InvertibleLayer):
    """A random order of the features of ``(N, D)``, where a D x D rotation would be too large."""

    order: Tensor

    def __init__(self, features: int, generator: torch.Generator) -> None:
        super().__init__()
        self.register_buffer("order", torch.randperm(features, generator=generator))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return x[:, self.order], constant_log_det(x, 0.0)

    def inverse_and_log_det(self, y: Tensor) -> tuple[Tensor, Tensor]:
        return torch.zeros_like(y).index_copy(1, self.order, y), constant_log_det(y, 0.0)
