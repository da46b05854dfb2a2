r"""Data-dependent whitening in front of the flow: fixed, exactly invertible, with a known log-det."""

from collections.abc import Sequence
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .base import FixedMatrix, InvertibleLayer, constant_log_det
from .linear import dct_matrix

# Directions without variance must not be amplified without limit.
SMALLEST_VARIANCE = 1e-6  # relative to the largest variance of the same matrix
SMALLEST_OF_ALL = 1e-10  # relative to the largest variance of a stack of matrices
PART = 4096  # samples at a time


class ColourWhitening(InvertibleLayer):
    r"""ZCA of the colours at each place separately, ``(N, C, H, W)`` to the same ``shape``.

    At each place the C values become :math:`W (x - m)`. Each place has its own mean and symmetric :math:`W =
    \Sigma^{-1/2}`.
    """

    def __init__(self, shape: tuple[int, int, int]) -> None:
        super().__init__()
        channels, height, width = shape
        self.colours = FixedMatrix(torch.eye(channels).repeat(height, width, 1, 1))
        self.mean = nn.Buffer(torch.zeros(shape))
        self.fitted = nn.Buffer(torch.tensor(False))

    @torch.no_grad()
    def fit(self, x: Tensor) -> None:
        """Sets mean and matrix of every place from images ``x`` (N, C, H, W)."""
        mean, matrix = _whitening(x.permute(2, 3, 1, 0))
        self.colours.set(matrix)
        self.mean.copy_(mean.permute(2, 0, 1))
        self.fitted.fill_(True)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return _at_every_pixel(self.colours.matrix, x - self.mean), constant_log_det(x, self.colours.log_abs_det)

    def inverse_and_log_det(self, y: Tensor) -> tuple[Tensor, Tensor]:
        x = _at_every_pixel(self.colours.inverse, y) + self.mean
        return x, constant_log_det(y, -self.colours.log_abs_det)


class CosineWhitening(InvertibleLayer):
    r"""Whitening in the cosine domain: at each frequency the colours are decorrelated and scaled to variance 1.

    Each colour goes through an orthonormal DCT-II of the *whole* image, :math:`X = C_H\, x\, C_W^T`. The
    frequencies of photographs are nearly uncorrelated. :class:`ColourWhitening` whitens the colours at each frequency.
    The inverse transform then gives pixels.
    """

    def __init__(self, shape: tuple[int, int, int]) -> None:
        super().__init__()
        _, height, width = shape
        self.rows = FixedMatrix(dct_matrix(height))
        self.columns = FixedMatrix(dct_matrix(width))
        self.frequencies = ColourWhitening(shape)

    @property
    def fitted(self) -> Tensor:
        """Whether every frequency is fitted."""
        return self.frequencies.fitted

    @torch.no_grad()
    def fit(self, x: Tensor) -> None:
        """Sets mean and matrix of every frequency from images ``x`` (N, C, H, W)."""
        self.frequencies.fit(self._to_frequencies(x))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        whitened, log_det = self.frequencies(self._to_frequencies(x))
        # The stored matrices of both directions are exact inverses, so their log-dets cancel.
        return self._to_pixels(whitened), log_det

    def inverse_and_log_det(self, y: Tensor) -> tuple[Tensor, Tensor]:
        frequencies, log_det = self.frequencies.inverse_and_log_det(self._to_frequencies(y))
        return self._to_pixels(frequencies), log_det

    def _to_frequencies(self, x: Tensor) -> Tensor:
        return self.rows.matrix @ x @ self.columns.matrix.mT

    def _to_pixels(self, frequencies: Tensor) -> Tensor:
        return self.rows.inverse @ frequencies @ self.columns.inverse.mT


class Whitening(InvertibleLayer):
    r"""ZCA of square pixel blocks on several cyclically shifted grids, one grid after another.

    All blocks of a grid share one symmetric :math:`W = \Sigma^{-1/2}`; the next grid removes correlations across the
    borders of these blocks.

    Arguments:
        shape: ``(C, H, W)`` of the image.
        block: side of a block in pixels, which must divide H and W.
        shifts: shift of each grid in pixels, down and to the right.
    """

    def __init__(self, shape: tuple[int, int, int], block: int = 8, shifts: tuple[int, ...] = (0, 4, 2, 6)) -> None:
        super().__init__()
        channels, height, width = shape
        if height % block or width % block:
            raise ValueError(f"whitening blocks of {block} pixels do not tile an image of {height} x {width}")
        self.block, self.blocks = block, height * width // block**2
        self.shifts = shifts
        size = channels * block * block
        self.matrices = cast(Sequence[FixedMatrix], nn.ModuleList(FixedMatrix(torch.eye(size)) for _ in shifts))
        self.means = nn.Buffer(torch.zeros(len(shifts), size))
        self.fitted = nn.Buffer(torch.tensor(False))

    @torch.no_grad()
    def fit(self, x: Tensor) -> None:
        """Sets every matrix and mean from images ``x`` (N, C, H, W), grid after grid."""
        for index, matrix in enumerate(self.matrices):
            self.means[index], found = _whitening(self._cut(x, index).flatten(0, 2).T)
            matrix.set(found)
            x = self._whiten(x, index)
        self.fitted.fill_(True)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        for index in range(len(self.shifts)):
            x = self._whiten(x, index)
        return x, self._log_det(x)

    def inverse_and_log_det(self, y: Tensor) -> tuple[Tensor, Tensor]:
        for index in reversed(range(len(self.shifts))):
            y = self._paste(self._cut(y, index) @ self.matrices[index].inverse + self.means[index], index)
        return y, -self._log_det(y)

    def _log_det(self, x: Tensor) -> Tensor:
        return constant_log_det(x, self.blocks * sum(m.log_abs_det for m in self.matrices))

    def _whiten(self, x: Tensor, index: int) -> Tensor:
        return self._paste((self._cut(x, index) - self.means[index]) @ self.matrices[index].matrix, index)

    def _cut(self, x: Tensor, index: int) -> Tensor:
        """Cuts images ``(N, C, H, W)`` into blocks ``(N, H / block, W / block, C · block²)``."""
        shift = -self.shifts[index]
        return F.pixel_unshuffle(x.roll((shift, shift), (2, 3)), self.block).permute(0, 2, 3, 1)

    def _paste(self, blocks: Tensor, index: int) -> Tensor:
        """Inverts :meth:`_cut`."""
        shift = self.shifts[index]
        return F.pixel_shuffle(blocks.permute(0, 3, 1, 2), self.block).roll((shift, shift), (2, 3))


def _at_every_pixel(matrices: Tensor, x: Tensor) -> Tensor:
    """Multiplies ``matrices`` (H, W, C, C) by the colours of ``x`` (N, C, H, W)."""
    # A sum of products: C is about 3, and a thousand matrix products of this size are slower.
    return (matrices.permute(2, 3, 0, 1) * x[:, None]).sum(2)


def _whitening(samples: Tensor) -> tuple[Tensor, Tensor]:
    """Computes mean ``(..., D)`` and symmetric Σ^(-1/2) ``(..., D, D)`` of ``samples`` (..., D, N), in float64."""
    mean = samples.mean(-1, keepdim=True, dtype=torch.float64)
    covariance = samples.new_zeros((), dtype=torch.float64)
    for part in samples.split(PART, -1):  # avoids a float64 copy of all samples
        centred = part.double() - mean
        covariance = covariance + centred @ centred.mT / samples.shape[-1]
    variance, directions = torch.linalg.eigh(covariance)
    floor = SMALLEST_VARIANCE * variance.amax(-1, keepdim=True)
    floor = floor.clamp(min=SMALLEST_OF_ALL * variance.max().item())
    scale = torch.maximum(variance, floor).rsqrt()
    return mean.squeeze(-1), directions * scale[..., None, :] @ directions.mT
