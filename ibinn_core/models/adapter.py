"""A flow of another library as an invertible layer. The flow's methods identify its library, which is not imported.

=============================  =========================================================================================
methods                        library of the flow
=============================  =========================================================================================
``transform`` and ``base``     zuko: a lazy ``Flow`` without a context
``forward_and_log_det`` and    normflows: ``NormalizingFlow`` and ``MultiscaleFlow`` without a condition; they map
``inverse_and_log_det``        latents to images
``forward(x, rev=, jac=)``     FrEIA: ``SequenceINN`` and ``GraphINN`` without a condition
``encode`` and ``decode``      any module: ``encode(x)`` gives z and the log-determinant, ``decode(z)`` gives x
``forward`` and                this library: an :class:`~ibinn_core.layers.InvertibleLayer`, such as a
``inverse_and_log_det``        :class:`~ibinn_core.Flow` of layers chosen by hand
=============================  =========================================================================================

The mixture replaces the flow's base distribution.
"""

import copy
import inspect
import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from ..files import reason
from ..layers import InvertibleLayer

PROBES = 2  # number of inputs to test a flow with


class FlowAdapter(InvertibleLayer):
    """A flow of any library between inputs ``(N, *shape)`` and latents ``(N, D)``; several latents are concatenated.

    Arguments:
        flow: a module with the methods of one row in the table of this file. This class tests a copy of the flow.
        shape: ``(C, H, W)`` of an image, or ``(D,)``. A flow may take such inputs, or vectors ``(N, D)``.

    Raises:
        TypeError: for an object without these methods.
        ValueError: for a flow that does not take such inputs, or does not map each to D numbers and a log-determinant.
    """

    def __init__(self, flow: Any, shape: tuple[int, ...]) -> None:  # flow: a flow of any library
        super().__init__()
        _methods(flow)
        self.net, self.shape, self.dims = flow, shape, math.prod(shape)
        self._takes, self._parts = self._tried()

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        z, log_det = _methods(self.net)[0](x.reshape(-1, *self._takes))
        log_det = torch.as_tensor(log_det, dtype=x.dtype, device=x.device).reshape(-1)
        return torch.cat([part.flatten(1) for part in _parts(z)], 1), log_det.expand(x.shape[0])

    def inverse_and_log_det(self, y: Tensor) -> tuple[Tensor, Tensor]:
        x = self.inverse(y)
        return x, -self(x)[1]

    def inverse(self, y: Tensor) -> Tensor:
        pieces = y.split([math.prod(shape) for shape in self._parts], 1)
        parts = [piece.reshape(-1, *shape) for piece, shape in zip(pieces, self._parts, strict=True)]
        return _methods(self.net)[1](parts if len(parts) > 1 else parts[0]).reshape(-1, *self.shape)

    def _tried(self) -> tuple[tuple[int, ...], list[tuple[int, ...]]]:
        x = torch.rand(PROBES, self.dims, generator=torch.Generator().manual_seed(0))
        x = x.to(next((p for p in self.net.parameters() if p.is_floating_point()), x))
        reasons = []
        for shape in dict.fromkeys([self.shape, (self.dims,)]):
            try:
                with torch.no_grad():
                    z, log_det = _methods(copy.deepcopy(self.net).eval())[0](x.reshape(-1, *shape))
                return shape, self._shapes_of(_parts(z), log_det)
            except Exception as error:  # other libraries raise different errors for a wrong shape
                reasons.append(f"{(PROBES, *shape)} ({reason(error)})")
        raise ValueError(f"without a context, the flow takes no inputs of the shape {', nor '.join(reasons)}")

    def _shapes_of(self, parts: list[Tensor], log_det: Any) -> list[tuple[int, ...]]:
        if any(len(part) != PROBES for part in parts) or sum(map(torch.numel, parts)) != PROBES * self.dims:
            raise ValueError(f"latents of shapes {[tuple(part.shape) for part in parts]}, not {self.dims} numbers each")
        size = log_det.numel() if isinstance(log_det, Tensor) else 1
        if size not in (1, PROBES):
            raise ValueError(f"a log-determinant of {size} numbers for {PROBES} inputs")
        return [tuple(part.shape[1:]) for part in parts]


def _methods(flow: Any) -> tuple[Callable, Callable]:  # flow: a flow of any library
    """Returns the functions from inputs to latents with log-determinant, and back; or raises a TypeError."""
    if isinstance(flow, torch.distributions.Distribution):
        raise TypeError("this is a distribution of zuko: pass the lazy flow, not flow()")
    names = "encode", "decode", "transform", "base", "forward_and_log_det", "inverse_and_log_det", "forward"
    has = {name for name in names if issubclass(type(flow), nn.Module) and hasattr(flow, name)}
    if {"transform", "base"} <= has:
        return lambda x: flow().transform.call_and_ladj(x), lambda z: flow().transform.inv(z)
    if {"forward_and_log_det", "inverse_and_log_det"} <= has:
        return flow.inverse_and_log_det, lambda z: flow.forward_and_log_det(z)[0]
    if has and {"rev", "jac"} <= inspect.signature(flow.forward).parameters.keys():
        return lambda x: flow(x, rev=False, jac=True), lambda z: flow(z, rev=True, jac=False)[0]
    if {"encode", "decode"} <= has:
        return flow.encode, flow.decode
    if "inverse_and_log_det" in has:
        return flow, lambda z: flow.inverse_and_log_det(z)[0]
    raise TypeError(
        f"{type(flow).__name__} does not have the methods of a flow: pass a flow of FrEIA, normflows or zuko, or a "
        "module with encode(x), which gives z and the log-determinant, and decode(z)"
    )


def _parts(z: Any) -> list[Tensor]:  # z: a tensor, or the latents of any library
    return [z] if isinstance(z, Tensor) else list(z)
