"""Sub-networks that predict the coefficients of a coupling. The flow never inverts a sub-network."""

from typing import TypeVar

import torch
from torch import Tensor, nn

from .batchnorm import Folded

_Layer = TypeVar("_Layer", nn.Conv2d, nn.Linear)


class Subnetwork(nn.Module):
    """A feed-forward network from ``(N, C, ...)`` to ``(N, C', ...)``.

    With ``autocast_dtype`` (such as ``torch.bfloat16``) only this network runs under autocast, not the whole flow.
    """

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net
        self.autocast_dtype: torch.dtype | None = None
        self._folded = Folded()

    def forward(self, x: Tensor) -> Tensor:
        """Maps ``(N, C, ...)`` to ``(N, C', ...)``, in the dtype of ``x``."""
        if self.autocast_dtype is not None:
            with torch.autocast(x.device.type, dtype=self.autocast_dtype):
                return self.net(x).to(x.dtype)
        folded = self._folded.of(self.net) if self._may_fold() else None
        return self.net(x) if folded is None else folded(x).contiguous()

    def _may_fold(self) -> bool:
        """Checks that the weights need no gradient, and that nothing replaces the weights, as ``torch.func`` does."""
        if torch.compiler.is_compiling():  # the compiler would treat folded weights as constants
            return False
        is_fixed = not torch.is_grad_enabled()
        return all(isinstance(p, nn.Parameter) and (is_fixed or not p.requires_grad) for p in self.net.parameters())


def set_autocast(module: nn.Module, dtype: torch.dtype | None) -> None:
    """Runs only the sub-networks of ``module`` under autocast to ``dtype`` (``None`` disables autocast)."""
    for part in module.modules():
        if isinstance(part, Subnetwork):
            part.autocast_dtype = dtype


def zero_initialised(layer: _Layer) -> _Layer:
    """Sets weight and bias to zero, so that a coupling starts as the identity."""
    nn.init.zeros_(layer.weight)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer


def convolutional(channels_in: int, channels_out: int, width: int, stride: int = 1, dropout: float = 0.0) -> Subnetwork:
    """3x3, BN, ReLU, 3x3, BN, ReLU, 1x1: a ResNet branch (He et al. 2016) as in the authors' code.

    It maps ``(N, channels_in, H, W)`` to ``(N, channels_out, H / stride, W / stride)``; its last layer starts at zero.
    Dropout drops whole channels of the second hidden layer.
    """
    return Subnetwork(
        nn.Sequential(
            nn.Conv2d(channels_in, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
            nn.Conv2d(width, width, 3, padding=1, stride=stride, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
            nn.Dropout2d(dropout) if dropout else nn.Identity(),
            zero_initialised(nn.Conv2d(width, channels_out, 1)),
        )
    )


def fully_connected(features_in: int, features_out: int, width: int, dropout: float = 0.0) -> Subnetwork:
    """Two hidden layers of ``width`` with ReLU, and an output layer: ``(N, features_in)`` to ``(N, features_out)``.

    Dropout acts on the second hidden layer. The output layer starts at zero.
    """
    return Subnetwork(
        nn.Sequential(
            nn.Linear(features_in, width),
            nn.ReLU(inplace=True),
            nn.Linear(width, width),
            nn.ReLU(inplace=True),
            nn.Dropout(dropout) if dropout else nn.Identity(),
            zero_initialised(nn.Linear(width, features_out)),
        )
    )
