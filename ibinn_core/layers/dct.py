"""The discrete cosine transform in place of global average pooling (Jacobsen et al. 2019)."""

import math

import torch
from torch import Tensor

from .base import FixedMatrix, InvertibleLayer, constant_log_det


def dct_matrix(size: int) -> Tensor:
    """The orthonormal DCT-II matrix, float64 ``(size, size)``; row k is the k-th frequency."""
    frequency = torch.arange(size, dtype=torch.float64)[:, None]
    position = torch.arange(size, dtype=torch.float64)[None, :]
    matrix = torch.cos(math.pi * (position + 0.5) * frequency / size) * math.sqrt(2 / size)
    matrix[0] /= math.sqrt(2)  # without this the transform is not orthonormal
    return matrix


class DCT(InvertibleLayer):
    """Two-dimensional DCT-II of each channel, ``(N, C, S, S)`` to the same shape.

    The first coefficient of a channel is its mean times S, which is all that global pooling would keep.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        one_dimension = dct_matrix(size)
        self.transform = FixedMatrix(torch.kron(one_dimension, one_dimension))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self._mapped(self.transform.matrix, x), self._log_det(x)

    def inverse_and_log_det(self, y: Tensor) -> tuple[Tensor, Tensor]:
        return self._mapped(self.transform.inverse, y), -self._log_det(y)

    def _log_det(self, x: Tensor) -> Tensor:
        return constant_log_det(x, self.transform.log_abs_det * x.shape[1])

    @staticmethod
    def _mapped(matrix: Tensor, x: Tensor) -> Tensor:
        return (x.flatten(2) @ matrix.T).view(x.shape)
