r"""The contract of an invertible layer, a bijection :math:`f`.

* ``forward(x) -> (y, log_det)`` with :math:`y = f(x)` and, for each of N samples, the log-determinant
  :math:`\log|\det \partial f / \partial x|` in nats, ``(N,)``;
* ``inverse_and_log_det(y) -> (x, log_det)`` with :math:`x = f^{-1}(y)` and the log-determinant of :math:`f^{-1}`;
* ``inverse(y) -> x``, which the base class defines.

In evaluation mode a layer treats each sample separately. It never changes its argument, and its results have the
argument's dtype. If a layer of a flow sets parameters from data, it has ``fit(x)``, which does this, and ``fitted``,
which is true after that.
"""

from collections.abc import Callable
from typing import Self

import torch
from torch import Tensor, nn


class InvertibleLayer(nn.Module):
    """Base class of all invertible layers. The docstring of this module is their contract.

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

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Maps inputs ``(N, ...)`` to outputs, with the log-determinant ``(N,)`` in nats."""
        raise TypeError(f"{type(self).__name__} does not define forward(x) -> (y, log_det)")

    def inverse_and_log_det(self, y: Tensor) -> tuple[Tensor, Tensor]:
        """Maps outputs ``(N, ...)`` back to inputs, with the log-determinant ``(N,)`` in nats."""
        raise TypeError(f"{type(self).__name__} does not define inverse_and_log_det(y) -> (x, log_det)")

    def inverse(self, y: Tensor) -> Tensor:
        """Maps outputs ``(N, ...)`` back to inputs, without the log-determinant."""
        return self.inverse_and_log_det(y)[0]


def constant_log_det(x: Tensor, value: float | Tensor) -> Tensor:
    """Returns the same log-determinant for every sample, ``(N,)``, in the dtype of ``x``."""
    return x.new_zeros(x.shape[0]) + value


class Derived(nn.Module):
    """A module with buffers that are computed from stored buffers. Loading, casting or moving recomputes them."""

    def derive(self) -> None:
        """Recomputes the derived buffers after a stored value changed; raises a ValueError for a singular matrix."""
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


class FixedMatrix(Derived):
    """A constant matrix ``(..., D, D)``, or a stack of matrices, with inverse and log-determinant.

    These are computed in float64 *from the stored values*, so they belong to the stored matrix even if saving has
    rounded it.

    Raises:
        ValueError: the matrix, or one of the stack, is singular.

    Attributes:
        matrix, inverse: ``(..., D, D)``, float32.
        log_abs_det: ``log |det matrix|``, a float64 scalar; the sum for a stack.
    """

    def __init__(self, matrix: Tensor) -> None:
        super().__init__()
        self.matrix = nn.Buffer(matrix.detach().float().clone())
        for name in ("inverse", "log_abs_det"):
            self.register_buffer(name, torch.empty(0), persistent=False)
        self.derive()

    def set(self, matrix: Tensor) -> None:
        """Replaces the matrix ``(..., D, D)`` in place."""
        self.matrix.copy_(matrix)
        self.derive()

    def _derive(self) -> None:
        exact = self.matrix.detach().cpu().double()
        sign, log_abs_det = torch.linalg.slogdet(exact)
        if (sign == 0).any():
            raise ValueError(f"a fixed matrix of shape {tuple(exact.shape)} is singular: the layer has no inverse")
        self.log_abs_det = log_abs_det.sum().to(self.matrix.device)
        self.inverse = torch.linalg.inv(exact).to(self.matrix)
