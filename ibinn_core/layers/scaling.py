"""Scaling: by a constant (Appendix E), ActNorm (Kingma & Dhariwal 2018), or a batch's own statistics."""

import math

import torch
from torch import Tensor, nn

from .base import InvertibleLayer, constant_log_det
from .subnetwork import batch_statistics


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


class BatchScaling(InvertibleLayer):
    r"""Invertible batch normalisation of each feature of ``(N, D)`` (Dinh et al. 2017, Section 3.7).

    .. math::
        y = (x - m) / s, \qquad \log|\det J| = -\sum \log s

    In training m and s are the batch's own mean and deviation, and gradients pass through them; so the
    scale of what comes in makes no difference to y or to the likelihood, and no objective can shrink
    the latents to make its own task easier. In evaluation, and in the inverse, they are running
    averages: each sample is treated on its own.

    Arguments:
        features: D.
        momentum: weight of a new batch in the running averages.
    """

    needs_fit = True
    fitted: Tensor
    running_mean: Tensor
    running_var: Tensor

    def __init__(self, features: int, momentum: float = 0.02, eps: float = 1e-6):
        super().__init__()
        self.momentum, self.eps = momentum, eps
        self.register_buffer("running_mean", torch.zeros(features))
        self.register_buffer("running_var", torch.ones(features))
        self.register_buffer("fitted", torch.tensor(False))

    @torch.no_grad()
    def fit(self, x: Tensor) -> None:
        """Sets the running averages from ``x`` (N, D)."""
        self.running_mean.copy_(x.mean(0))
        self.running_var.copy_(x.var(0))
        self.fitted.fill_(True)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        if self.training:
            if len(x) < 2:
                raise ValueError("BatchScaling needs at least two samples in training: one has no deviation")
            mean, variance, count = batch_statistics(x, (0,))
            with torch.no_grad():
                self.running_mean.lerp_(mean, self.momentum)
                self.running_var.lerp_(variance * count / (count - 1), self.momentum)
        else:
            mean, variance = self.running_mean, self.running_var
        variance = variance + self.eps
        return (x - mean) * variance.rsqrt(), (-variance.log().sum() / 2).expand(x.shape[0])

    def inverse(self, y: Tensor) -> Tensor:
        return y * (self.running_var + self.eps).sqrt() + self.running_mean
