"""Fixed linear maps: rotations of channels (Ardizzone et al. 2019), cosine transform, permutations, reshapes."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .base import FixedMatrix, InvertibleLayer, constant_log_det


class SoftPermutation(InvertibleLayer):
    """A random rotation (or reflection) of C channels, for ``(N, C, H, W)`` or ``(N, C)``, never trained.

    The generator draws the matrix uniformly from the orthogonal group. It is orthogonal only up to rounding, so
    log-determinant and inverse are computed from the stored matrix.
    """

    def __init__(self, channels: int, generator: torch.Generator) -> None:
        super().__init__()
        matrix = torch.empty(channels, channels, dtype=torch.float64)
        self.rotation = FixedMatrix(nn.init.orthogonal_(matrix, generator=generator))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self._mixed(x, self.rotation.matrix), self._log_det(x)

    def inverse_and_log_det(self, y: Tensor) -> tuple[Tensor, Tensor]:
        return self._mixed(y, self.rotation.inverse), -self._log_det(y)

    def _log_det(self, x: Tensor) -> Tensor:
        return constant_log_det(x, self.rotation.log_abs_det * math.prod(x.shape[2:]))

    @staticmethod
    def _mixed(x: Tensor, matrix: Tensor) -> Tensor:
        return F.linear(x, matrix) if x.ndim == 2 else F.conv2d(x, matrix[:, :, None, None])


class HardPermutation(InvertibleLayer):
    """A random order of the features of ``(N, D)``, where a D x D rotation would be too large."""

    def __init__(self, features: int, generator: torch.Generator) -> None:
        super().__init__()
        self.order = nn.Buffer(torch.randperm(features, generator=generator))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return x[:, self.order], constant_log_det(x, 0.0)

    def inverse_and_log_det(self, y: Tensor) -> tuple[Tensor, Tensor]:
        return torch.zeros_like(y).index_copy(1, self.order, y), constant_log_det(y, 0.0)


def dct_matrix(size: int) -> Tensor:
    """The orthonormal DCT-II matrix, float64 ``(size, size)``; row k is the k-th frequency."""
    frequency = torch.arange(size, dtype=torch.float64)[:, None]
    position = torch.arange(size, dtype=torch.float64)[None, :]
    matrix = torch.cos(math.pi * (position + 0.5) * frequency / size) * math.sqrt(2 / size)
    matrix[0] /= math.sqrt(2)  # without this the transform is not orthonormal
    return matrix


class DCT(InvertibleLayer):
    """Two-dimensional DCT-II of each channel, ``(N, C, S, S)`` to the same shape (Jacobsen et al. 2019).

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


class Squeeze(InvertibleLayer):
    """i-RevNet downsampling (Jacobsen et al. 2018): ``(N, C, H, W)`` to ``(N, 4C, H/2, W/2)``, H and W even."""

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return F.pixel_unshuffle(x, 2), constant_log_det(x, 0.0)

    def inverse_and_log_det(self, y: Tensor) -> tuple[Tensor, Tensor]:
        return F.pixel_shuffle(y, 2), constant_log_det(y, 0.0)


class Flatten(InvertibleLayer):
    """Flattens ``(N, C, H, W)`` to ``(N, C·H·W)``; ``shape`` is ``(C, H, W)``."""

    def __init__(self, shape: tuple[int, int, int]) -> None:
        super().__init__()
        self.shape = shape

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return x.flatten(1), constant_log_det(x, 0.0)

    def inverse_and_log_det(self, y: Tensor) -> tuple[Tensor, Tensor]:
        return y.unflatten(1, self.shape), constant_log_det(y, 0.0)
