"""Layers that only move or rescale values."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from .base import InvertibleLayer, constant_log_det


class Normalization(InvertibleLayer):
    """``(x - mean) / std`` in each channel of ``(N, C, H, W)``, with one mean and one positive std for each."""

    mean: Tensor
    std: Tensor

    def __init__(self, mean: Sequence[float], std: Sequence[float]) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean).view(-1, 1, 1))
        self.register_buffer("std", torch.tensor(std).view(-1, 1, 1))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return (x - self.mean) / self.std, self._log_det(x)

    def inverse_and_log_det(self, y: Tensor) -> tuple[Tensor, Tensor]:
        return y * self.std + self.mean, -self._log_det(y)

    def _log_det(self, x: Tensor) -> Tensor:
        return constant_log_det(x, -self.std.double().log().sum() * (x.shape[2] * x.shape[3]))


class Squeeze(InvertibleLayer):
    """i-RevNet downsampling (Jacobsen et al. 2018): ``(N, C, H, W)`` to ``(N, 4C, H/2, W/2)``, H and W even."""

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return F.pixel_unshuffle(x, 2), constant_log_det(x, 0.0)

    def inverse_and_log_det(self, y: Tensor) -> tuple[Tensor, Tensor]:
        return F.pixel_shuffle(y, 2), constant_log_det(y, 0.0)


class Flatten(InvertibleLayer):
    """``(N, C, H, W)`` to ``(N, C·H·W)``; ``shape`` is ``(C, H, W)``."""

    def __init__(self, shape: tuple[int, int, int]) -> None:
        super().__init__()
        self.shape = shape

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return x.flatten(1), constant_log_det(x, 0.0)

    def inverse_and_log_det(self, y: Tensor) -> tuple[Tensor, Tensor]:
        return y.unflatten(1, self.shape), constant_log_det(y, 0.0)
