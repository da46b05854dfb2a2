"""A convolutional network as it is evaluated: batch normalisations in the convolutions before them, channels last.

The results differ from those of the separate layers only by rounding.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils import fuse_conv_bn_weights


class Step(NamedTuple):
    """A convolution with the batch normalisation and the ReLU after it."""

    convolution: nn.Conv2d  # from which stride and padding are taken
    weight: Tensor  # (C', C, k, k), channels last
    bias: Tensor | None  # (C',)
    relu: bool  # whether a ReLU follows

    def __call__(self, x: Tensor) -> Tensor:
        """``(N, C, H, W)`` to ``(N, C', H', W')``, channels last."""
        c = self.convolution
        y = F.conv2d(x, self.weight, self.bias, c.stride, c.padding, c.dilation, c.groups)
        return y.relu_() if self.relu else y


class Folded:
    """The steps of a network, computed at the first call, and again whenever its weights have changed."""

    def __init__(self) -> None:
        self._made: tuple[list, list[Step] | None] = ([], None)

    def steps(self, net: nn.Module) -> list[Step] | None:
        """The steps of ``net``, or ``None`` unless it is a chain of convolutions in evaluation mode.

        Like autograd it does not notice a change of weights through ``.data``.
        """
        if not isinstance(net, nn.Sequential) or any(layer.training for layer in net):
            return None
        stamp = _stamp(net)
        made = self._made  # once: another thread may replace it
        if not _same(made[0], stamp):
            made = self._made = stamp, _fold(net)
        return made[1]

    def __reduce__(self) -> tuple[type, tuple[()]]:  # a copy of the network has weights of its own
        return Folded, ()


def _stamp(net: nn.Sequential) -> list[tuple[Tensor, object, int]]:
    """Values that change with the weights: the tensors, how often they were written to, and their addresses."""
    held = [t for layer in net for t in (*layer._parameters.values(), *layer._buffers.values()) if t is not None]
    # Those made in inference mode do not count what is written to them: they differ each time.
    return [(t, object() if t.is_inference() else t._version, t.data_ptr()) for t in held]


def _same(one: list, other: list) -> bool:
    return len(one) == len(other) and all(
        a is b and version == v and place == p for (a, version, place), (b, v, p) in zip(one, other, strict=True)
    )


@torch.inference_mode(False)  # what is kept must be good for later calls outside of it
@torch.no_grad()
def _fold(net: nn.Sequential) -> list[Step] | None:
    steps: list[Step] = []
    layers = [layer for layer in net if not isinstance(layer, (nn.Dropout2d, nn.Identity))]
    for before, layer in zip([None, *layers], layers, strict=False):
        if isinstance(layer, nn.Conv2d) and layer.padding_mode == "zeros":
            steps.append(Step(layer, _channels_last(layer.weight), layer.bias, False))
        elif isinstance(layer, nn.BatchNorm2d) and isinstance(before, nn.Conv2d) and (kept := _statistics(layer)):
            steps[-1] = _normalised(steps[-1], layer, *kept)
        elif isinstance(layer, nn.ReLU) and steps:
            steps[-1] = steps[-1]._replace(relu=True)
        else:
            return None
    return steps or None


def _statistics(norm: nn.BatchNorm2d) -> tuple[Tensor, Tensor] | None:
    """Mean and variance, if the normalisation is a fixed scale and shift."""
    if not norm.affine or norm.running_mean is None or norm.running_var is None:
        return None
    return norm.running_mean, norm.running_var


def _normalised(step: Step, norm: nn.BatchNorm2d, mean: Tensor, variance: Tensor) -> Step:
    """The convolution that includes the normalisation; its weights are computed in float64."""
    bias = None if step.bias is None else step.bias.double()
    scale_and_shift = norm.weight.double(), norm.bias.double()
    fused = fuse_conv_bn_weights(
        step.weight.double(), bias, mean.double(), variance.double(), norm.eps, *scale_and_shift
    )
    weight, bias = (parameter.detach().to(step.weight.dtype) for parameter in fused)
    return step._replace(weight=_channels_last(weight), bias=bias)


def _channels_last(weight: Tensor) -> Tensor:
    return weight.contiguous(memory_format=torch.channels_last)
