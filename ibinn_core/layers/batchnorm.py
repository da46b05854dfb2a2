"""A convolutional network for evaluation: convolutions contain the batch normalisations, and channels come last.

Compared with the separate layers, results differ only by rounding.
"""

import copy
from concurrent.futures import ThreadPoolExecutor
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

_STEPS = nn.ReLU, nn.Dropout2d, nn.Identity  # other layers that such a network may have


class Folded:
    """The folded copy of a network, made at the first call and remade after any change of its weights."""

    def __init__(self) -> None:
        self._made: tuple[list, nn.Sequential | None] = ([], None)

    def of(self, net: nn.Module) -> nn.Sequential | None:
        """Returns ``net`` with fewer layers, or ``None`` unless it is a chain of convolutions in evaluation mode.

        Like autograd, this method does not notice changes of weights through ``.data``.
        """
        if not isinstance(net, nn.Sequential) or not _can_fold(net):
            return None
        stamp = _stamp(net)
        made = self._made  # read once: another thread may replace it
        if not _same(made[0], stamp):
            with ThreadPoolExecutor(1) as plain:  # outside of inference mode, and of torch.func, which forbids the copy
                made = self._made = stamp, plain.submit(fold, net).result()
        return made[1]

    def __reduce__(self) -> tuple[type, tuple[()]]:  # a copy of the network has its own weights
        return Folded, ()


@torch.no_grad()
def fold(net: nn.Sequential) -> nn.Sequential:
    """Folds each normalisation into the convolution before it; the weights are computed in float64."""
    layers: list[nn.Module] = []
    for layer in copy.deepcopy(net).double():
        if isinstance(layer, nn.BatchNorm2d):
            layers[-1] = fuse_conv_bn_eval(cast(nn.Conv2d, layers[-1]), layer)
        elif not isinstance(layer, (nn.Dropout2d, nn.Identity)):
            layers.append(layer)
    folded = nn.Sequential(*layers).to(next(net.parameters()).dtype)
    return folded.requires_grad_(False).to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]


def _can_fold(net: nn.Sequential) -> bool:
    for before, layer in zip([None, *net], net, strict=False):
        is_fixed = isinstance(layer, nn.BatchNorm2d) and layer.affine and layer.track_running_stats
        if not (isinstance(layer, (nn.Conv2d, *_STEPS)) or (is_fixed and isinstance(before, nn.Conv2d))):
            return False
    return isinstance(next(iter(net), None), nn.Conv2d) and not any(layer.training for layer in net)


def _stamp(net: nn.Sequential) -> list[tuple[Tensor, object, int]]:
    """Returns values that change with the weights: the tensors, their versions, and their addresses."""
    held = [t for layer in net for t in (*layer._parameters.values(), *layer._buffers.values()) if t is not None]
    # Tensors made in inference mode have no version, so they always count as changed.
    return [(t, object() if t.is_inference() else t._version, t.data_ptr()) for t in held]


def _same(one: list, other: list) -> bool:
    return len(one) == len(other) and all(
        a is b and version == v and address == p for (a, version, address), (b, v, p) in zip(one, other, strict=True)
    )
