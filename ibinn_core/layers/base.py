r"""The contract of an invertible layer.

An invertible layer is a bijection :math:`f` with a known Jacobian determinant:

* ``forward(x) -> (y, log_det)`` with :math:`y = f(x)` and
  :math:`\mathrm{log\_det}_n = \log|\det \partial f / \partial x|` at the n-th sample, a tensor of
  shape ``(N,)`` in nats;
* ``inverse_and_log_det(y) -> (x, log_det)`` with :math:`x = f^{-1}(y)` and the log-determinant of
  :math:`f^{-1}` at ``y``, which is the negative of ``forward``'s at ``x``;
* ``inverse(y) -> x``, the same without the log-determinant, which the base class defines.

All accept a batch along the first dimension, treat each sample on its own in evaluation mode, never
change their argument, and keep its dtype. A layer whose parameters are set from data rather than by
gradients also has ``fit(x)``, which is called once with the layer's own input before training.
"""

from collections.abc import Callable
from typing import Self

import torch
from torch import Tensor, nn


class InvertibleLayer(nn.Module):
    """Base class of all invertible layers; the text of this module states the contract.

    Example:
        >>> from ibinn_core.layers import InvertibleLayer
        >>> class Double(InvertibleLayer):
        ...     def forward(self, x):
        ...         return 2 * x, torch.full((len(x),), x[0].numel() * np.log(2))
        ...     def inverse_and_log_det(self, y):
        ...         return y / 2, torch.full((len(y),), -y[0].numel() * np.log(2))
        >>> y, log_det = Double()(torch.ones(1, 3))
        >>> y.tolist(), Double().inverse(y).tolist(), round(log_det.item(), 4)  # 3 log 2
        ([[2.0, 2.0, 2.0]], [[1.0, 1.0, 1.0]], 2.0794)
    """

    #: Whether the layer sets parameters from data through ``fit(x)`` before training.
    needs_fit = False

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Maps inputs ``(N, ...)`` to the outputs and the log-determinant ``(N,)`` in nats; each layer defines it."""
        raise TypeError(f"{type(self).__name__} does not define forward(x) -> (y, log_det)")

    def inverse_and_log_det(self, y: Tensor) -> tuple[Tensor, Tensor]:
        """Maps outputs ``(N, ...)`` back to the inputs, with the log-determinant ``(N,)``; each layer defines it."""
        raise TypeError(f"{type(self).__name__} does not define inverse_and_log_det(y) -> (x, log_det)")

    def inverse(self, y: Tensor) -> Tensor:
        """Maps outputs ``(N, ...)`` back to the inputs that they come from."""
        return self.inverse_and_log_det(y)[0]


def constant_log_det(x: Tensor, value: float | Tensor) -> Tensor:
    """A log-determinant that is the same for every sample, shape ``(N,)``, in the dtype of ``x``."""
    return x.new_zeros(x.shape[0]) + value


class Derived(nn.Module):
    """A module of which some buffers follow from others, whose exact values may change: on loading, casting, moving."""

    def derive(self) -> None:
        """Recomputes what depends on the stored values, after these were changed in place; not on the meta device.

        Raises:
            ValueError: if a stored matrix has no inverse.
        """
        if not next(self.buffers()).is_meta:
            self._derive()

    def _derive(self) -> None:
        raise TypeError(f"{type(self).__name__} does not define _derive()")

    def _apply(self, fn: Callable[[Tensor], Tensor], *args: bool, **kwargs: bool) -> Self:
        result = super()._apply(fn, *args, **kwargs)
        self.derive()
        return result

    def _load_from_state_dict(self, *args: object, **kwargs: object) -> None:
        super()._load_from_state_dict(*args, **kwargs)
        self.derive()


def inverse_in_span(basis: Tensor, push: Tensor) -> tuple[Tensor, Tensor]:
    """Inverts y = h + h P A Pᵀ: the B of h = y + y P B Pᵀ, and ``log |det|``, of A ``(S, S)`` and P ``(D, S)``.

    The determinant is that of 1 + A PᵀP (Sylvester), and the inverse is of the same form (Woodbury). P need not be
    orthonormal: rounded to float32 it no longer is.

    Raises:
        ValueError: if the map is singular or not finite.
    """
    inner = torch.eye(len(push), dtype=push.dtype) + push @ (basis.T @ basis)
    sign, log_abs_det = torch.linalg.slogdet(inner)
    if sign == 0 or not log_abs_det.isfinite():
        raise ValueError("the matrix of a layer behind the flow is singular or not finite: the layer has no inverse")
    return -torch.linalg.solve(inner, push), log_abs_det


class FixedMatrix(Derived):
    """A constant square matrix, or a stack of them, with inverse and log-determinant.

    Only the matrix is stored. Inverse and log-determinant are computed in float64 *from the stored values* whenever
    these change, so that a matrix that was rounded when it was saved is still inverted exactly.

    Arguments:
        matrix: shape ``(..., D, D)``, invertible.

    Raises:
        ValueError: if the matrix, or one of the stack, is singular.

    Attributes:
        matrix, inverse: of the shape ``(..., D, D)``, float32.
        log_abs_det: ``log |det matrix|``, a float64 scalar; for a stack the sum.
    """

    matrix: Tensor
    inverse: Tensor
    log_abs_det: Tensor

    def __init__(self, matrix: Tensor) -> None:
        super().__init__()
        self.register_buffer("matrix", matrix.detach().float().clone())
        for name in ("inverse", "log_abs_det"):
            self.register_buffer(name, torch.empty(0), persistent=False)
        self.derive()

    def set(self, matrix: Tensor) -> None:
        """Replaces the matrix in place (shape ``(..., D, D)``) and calls :meth:`derive`."""
        self.matrix.copy_(matrix)
        self.derive()

    def _derive(self) -> None:
        exact = self.matrix.detach().cpu().double()
        sign, log_abs_det = torch.linalg.slogdet(exact)
        if (sign == 0).any():
            raise ValueError(f"a fixed matrix of shape {tuple(exact.shape)} is singular: the layer has no inverse")
        self.log_abs_det = log_abs_det.sum().to(self.matrix.device)
        self.inverse = torch.linalg.inv(exact).to(self.matrix)
