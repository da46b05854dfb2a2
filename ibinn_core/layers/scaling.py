"""Layers that scale and shift values; ActNorm is from Kingma & Dhariwal (2018)."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from .base import InvertibleLayer, constant_log_det


class FixedScaling(InvertibleLayer):
    """Multiplies values ``(N, ...)`` by a positive constant. Raises a ValueError for other constants."""

    def __init__(self, scale: float) -> None:
        super().__init__()
        if not scale > 0:
            raise ValueError(f"the fixed scale must be positive, not {scale}")
        self.scale = scale

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return x * self.scale, self._log_det(x)

    def inverse_and_log_det(self, y: Tensor) -> tuple[Tensor, Tensor]:
        return y / self.scale, -self._log_det(y)

    def _log_det(self, x: Tensor) -> Tensor:
        return constant_log_det(x, math.log(self.scale) * math.prod(x.shape[1:]))


class ActNorm(InvertibleLayer):
    """A learned scale and shift of each of C channels, for ``(N, C, H, W)`` or ``(N, C)``.

    ``fit(x)`` gives each channel of ``x`` mean 0 and deviation 1.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.log_scale = nn.Parameter(torch.zeros(channels))
        self.shift = nn.Parameter(torch.zeros(channels))
        self.fitted = nn.Buffer(torch.tensor(False))

    @torch.no_grad()
    def fit(self, x: Tensor) -> None:
        """Sets scale and shift from ``x`` (N, C, ...)."""
        dims = [0, *range(2, x.ndim)]
        self.log_scale.copy_(-x.std(dims, correction=0).clamp(min=1e-6).log())
        self.shift.copy_(-x.mean(dims) * self.log_scale.exp())
        self.fitted.fill_(True)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return x * self._shaped(self.log_scale.exp(), x) + self._shaped(self.shift, x), self._log_det(x)

    def inverse_and_log_det(self, y: Tensor) -> tuple[Tensor, Tensor]:
        x = (y - self._shaped(self.shift, y)) * self._shaped((-self.log_scale).exp(), y)
        return x, -self._log_det(y)

    def _log_det(self, x: Tensor) -> Tensor:
        return (self.log_scale.sum() * math.prod(x.shape[2:])).expand(x.shape[0])

    @staticmethod
    def _shaped(parameter: Tensor, x: Tensor) -> Tensor:
        return parameter.view(-1, *[1] * (x.ndim - 2))


class Normalization(InvertibleLayer):
    """``(x - mean) / std`` for ``(N, C, H, W)``, with one mean and one positive std per channel."""

    def __init__(self, mean: Sequence[float], std: Sequence[float]) -> None:
        super().__init__()
        self.mean = nn.Buffer(torch.tensor(mean).view(-1, 1, 1))
        self.std = nn.Buffer(torch.tensor(std).view(-1, 1, 1))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return (x - self.mean) / self.std, self._log_det(x)

    def inverse_and_log_det(self, y: Tensor) -> tuple[Tensor, Tensor]:
        return y * self.std + self.mean, -self._log_det(y)

    def _log_det(self, x: Tensor) -> Tensor:
        return constant_log_det(x, -self.std.double().log().sum() * (x.shape[2] * x.shape[3]))
