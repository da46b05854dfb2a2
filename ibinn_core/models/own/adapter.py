"""A flow of another library as an invertible layer, recognised by what it can do; no such library is imported.

=============================  =========================================================================================
what it has                    whose it is
=============================  =========================================================================================
``forward`` and                this library's: an :class:`~ibinn_core.layers.InvertibleLayer`, such as a
``inverse_and_log_det``        :class:`~ibinn_core.Flow` of layers chosen by hand
``encode`` and ``decode``      anybody's: ``encode(x)`` gives z and the log-determinant, or z alone where there is a
                               ``log_det(x)`` too
a pair of modules              anybody's: the first is called as ``encode``, the second as ``decode``
``transform`` and ``base``     zuko: a lazy ``Flow`` without a context
``forward_and_log_det`` and    normflows: ``NormalizingFlow`` and ``MultiscaleFlow`` without a condition; theirs go
``inverse_and_log_det``        from latents to images
``forward(x, rev=, jac=)``     FrEIA: ``SequenceINN`` and ``GraphINN`` without a condition
=============================  =========================================================================================

Base distributions are left aside: the mixture takes their place. Latents of several parts, as multi-scale flows have
them, are put side by side.
"""

import copy
import inspect
import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from ...layers import InvertibleLayer

PROBES = 2  # images that a flow is tried on


#: There and back through a flow, each with the log-determinant, of which the way back may know none.
_Ways = tuple[Callable[[Tensor], tuple[Any, Any]], Callable[[Any], tuple[Any, Any]]]


class FlowAdapter(InvertibleLayer):
    """A flow of any library between images ``(N, C, H, W)`` and latents ``(N, D)``.

    Arguments:
        flow: one of those in the table of the module. It is tried on a copy, so that a layer that takes its scale from
            the first batch that it sees has not seen one yet.
        image_shape: ``(C, H, W)``, of which D is the product. A flow may take images, or vectors ``(N, D)``.

    Raises:
        TypeError: for what is no flow by its interface.
        ValueError: for a flow that does not take such images, or does not give D latents and a log-determinant of each.

    Attributes:
        net: the flow, or, of a pair and of an object that is no module itself, the modules that they have: what is
            stored and trained.
    """

    def __init__(self, flow: object, image_shape: tuple[int, int, int]) -> None:
        super().__init__()
        self.image_shape = image_shape
        self.dims = math.prod(image_shape)
        self._flow = [flow]  # in a list, so that it is no module of this one a second time
        _ways_of(flow)
        self.net = flow if isinstance(flow, nn.Module) else nn.ModuleList(_modules(flow))
        self._takes_images, self._parts = self._tried(flow)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Maps images ``(N, C, H, W)`` to latents ``(N, D)``, with the log-determinant ``(N,)`` in nats."""
        encode, _ = _ways_of(self._flow[0])
        z, log_det = encode(x if self._takes_images else x.flatten(1))
        return _side_by_side(z), _of_each(log_det, x)

    def inverse_and_log_det(self, y: Tensor) -> tuple[Tensor, Tensor]:
        """Maps latents ``(N, D)`` back to images ``(N, C, H, W)``, with the log-determinant ``(N,)`` in nats."""
        x, log_det = self._decoded(y)
        return x, -self(x)[1] if log_det is None else _of_each(log_det, y)

    def inverse(self, y: Tensor) -> Tensor:
        """Maps latents ``(N, D)`` back to images ``(N, C, H, W)``."""
        return self._decoded(y)[0]

    def _decoded(self, y: Tensor) -> tuple[Tensor, Any]:
        _, decode = _ways_of(self._flow[0])
        x, log_det = decode(self._in_parts(y))
        return _side_by_side(x).reshape(-1, *self.image_shape), log_det

    def _in_parts(self, z: Tensor) -> Any:  # for a stranger's flow
        """Latents ``(N, D)`` as the flow has them: of its shape, or in parts of theirs."""
        shapes, is_one = self._parts
        pieces = z.split([math.prod(shape) for shape in shapes], 1)
        parts = [piece.reshape(-1, *shape) for piece, shape in zip(pieces, shapes, strict=True)]
        return parts[0] if is_one else parts

    def _tried(self, flow: Any) -> tuple[bool, tuple[list[tuple[int, ...]], bool]]:  # anybody's
        """Whether it takes images or vectors, and the shapes of its latents' parts and whether there is but one."""
        parameter = next((p for module in _modules(flow) for p in module.parameters() if p.is_floating_point()), None)
        x = torch.rand(PROBES, *self.image_shape, generator=torch.Generator().manual_seed(0))
        x = x if parameter is None else x.to(parameter)
        reasons = []
        for takes_images in (True, False):
            other = copy.deepcopy(flow)
            for module in _modules(other):
                module.eval()
            try:
                with torch.no_grad():
                    z, log_det = _ways_of(other)[0](x if takes_images else x.flatten(1))
                return takes_images, self._shapes_of(z, log_det)
            except Exception as error:  # what a stranger's network says of a wrong shape is anyone's guess
                reasons.append(" ".join(str(error).split())[:120] or type(error).__name__)
        raise ValueError(
            f"the flow takes neither images {(PROBES, *self.image_shape)} ({reasons[0]}) nor vectors "
            f"{(PROBES, self.dims)} ({reasons[1]})"
        )

    def _shapes_of(self, z: Any, log_det: Any) -> tuple[list[tuple[int, ...]], bool]:
        parts = [z] if isinstance(z, Tensor) else list(z)
        shapes = [tuple(part.shape[1:]) for part in parts]
        if any(len(part) != PROBES for part in parts) or sum(map(math.prod, shapes)) != self.dims:
            raise ValueError(f"latents of the shapes {[tuple(p.shape) for p in parts]}")
        size = log_det.numel() if isinstance(log_det, Tensor) else 1
        if size not in (1, PROBES):
            raise ValueError(f"a log-determinant of {size} numbers for {PROBES} images")
        return shapes, isinstance(z, Tensor)


def _ways_of(flow: Any) -> _Ways:  # anybody's
    """There and back through a flow, by what it has; a TypeError if that is of no kind."""
    has = {name for name in _NAMES if callable(getattr(flow, name, None))}
    if isinstance(flow, InvertibleLayer):
        return flow, flow.inverse_and_log_det
    if isinstance(flow, (tuple, list)):
        if len(flow) != 2 or not all(map(callable, flow)):
            raise TypeError(f"a pair is an encoder and a decoder, not {len(flow)} of which one cannot be called")
        return _pair(flow[0], flow[1], getattr(flow[0], "log_det", None))
    if {"encode", "decode"} <= has:
        return _pair(flow.encode, flow.decode, getattr(flow, "log_det", None))
    if "transform" in has and hasattr(flow, "base") and callable(flow):  # zuko, of which each call gives a distribution
        lazy: Callable[[], Any] = flow
        return lambda x: lazy().transform.call_and_ladj(x), lambda z: lazy().transform.inv.call_and_ladj(z)
    if {"forward_and_log_det", "inverse_and_log_det"} <= has:  # normflows, whose forward goes to images
        return flow.inverse_and_log_det, flow.forward_and_log_det
    if "forward" in has and {"rev", "jac"} <= inspect.signature(flow.forward).parameters.keys():  # FrEIA
        return lambda x: flow(x, rev=False, jac=True), lambda z: flow(z, rev=True, jac=True)
    raise TypeError(
        f"a {type(flow).__name__} is no flow by its interface: give one of FrEIA, normflows or zuko, or an object with "
        "encode(x), which gives z and the log-determinant, and decode(z)"
    )


def _pair(encode: Callable, decode: Callable, log_det: Callable | None) -> _Ways:
    """An encoder and a decoder, and what gives the log-determinant if the encoder does not."""

    def there(x: Tensor) -> tuple[Any, Any]:
        found = encode(x)
        if log_det is not None:
            return (found[0] if isinstance(found, tuple) else found), log_det(x)
        if not isinstance(found, tuple) or len(found) != 2:
            raise ValueError("encode gives no log-determinant, and there is no log_det")
        return found

    def back(z: Any) -> tuple[Any, Any]:
        found = decode(z)
        return (found[0] if isinstance(found, tuple) else found), None

    return there, back


_NAMES = ("encode", "decode", "transform", "forward_and_log_det", "inverse_and_log_det", "forward")


def _modules(flow: Any) -> list[nn.Module]:  # anybody's
    """What of a flow is a module: itself, the members of a pair, or what an object holds."""
    is_object = not isinstance(flow, (tuple, list, nn.Module))
    parts: Sequence = flow if isinstance(flow, (tuple, list)) else list(vars(flow).values()) if is_object else [flow]
    return [part for part in parts if isinstance(part, nn.Module)]


def _side_by_side(z: Any) -> Tensor:  # of a stranger's flow
    """Latents ``(N, D)`` out of one tensor or several."""
    parts = [z] if isinstance(z, Tensor) else list(z)
    return parts[0].flatten(1) if len(parts) == 1 else torch.cat([part.flatten(1) for part in parts], 1)


def _of_each(log_det: Any, like: Tensor) -> Tensor:  # of a stranger's flow
    """The log-determinant of each image, ``(N,)``, also where a flow says one number for all."""
    return torch.as_tensor(log_det, dtype=like.dtype, device=like.device).reshape(-1).expand(len(like))
