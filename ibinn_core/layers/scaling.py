"""Scaling between couplings: by a constant (Appendix E) or ActNorm (Kingma & Dhariwal 2018)."""

import math

import torch
from torch import Tensor, nn

from .base import InvertibleLayer, constant_log_det


class FixedScaling(InvertibleLayer):
    """Multiplies by one positive constant; any shape ``(N, ...)``."""

    def __init__(self, scale: float):
        super().__init__()
        if not scale > 0:
            raise ValueError(f"the fixed scale must be positive, not {scale}")
        self.scale = scale

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return x * self.scale, constant_log_det(x, math.log(self.scale) * x[0].numel())

    def inverse(self, y: Tensor) -> Tensor:
        return y / self.scale


class ActNorm(InvertibleLayer):
    """A learned scale and shift a channel, for ``(N, C, H, W)`` or ``(N, C)``.

    ``fit(x)`` sets them so that each channel of ``x`` comes out with mean 0 and deviation 1. That it
    has happened is a buffer, saved with the weights: a loaded layer is never fitted again.
    """

    needs_fit = True
    fitted: Tensor

    def __init__(self, channels: int):
        super().__init__()
        self.log_scale = nn.Parameter(torch.zeros(channels))
        self.shift = nn.Parameter(torch.zeros(channels))
        self.register_buffer("fitted", torch.tensor(False))

    @torch.no_grad()
    def fit(self, x: Tensor) -> None:
        """Sets scale and shift from ``x`` (N, C, ...)."""
        dims = [0, *range(2, x.ndim)]
        self.log_scale.copy_(-x.std(dims, correction=0).clamp(min=1e-6).log())
        self.shift.copy_(-x.mean(dims) * self.log_scale.exp())
        self.fitted.fill_(True)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        pixels = x[0, 0].numel()
        y = x * self._shaped(self.log_scale.exp(), x) + self._shaped(self.shift, x)
        return y, (self.log_scale.sum() * pixels).expand(x.shape[0])

    def inverse(self, y: Tensor) -> Tensor:
        return (y - self._shaped(self.shift, y)) * self._shaped((-self.log_scale).exp(), y)

    @staticmethod
    def _shaped(parameter: Tensor, x: Tensor) -> Tensor:
        return parameter.view(-1, *[1] * (x.ndim - 2))
