r"""Data-dependent whitening in front of the flow: fixed, exactly invertible, with a known log-det."""

import torch
from torch import Tensor, nn

from .base import FixedMatrix, InvertibleLayer, constant_log_det


class Whitening(InvertibleLayer):
    r"""ZCA of square pixel blocks, on one grid after another, each shifted cyclically.

    For each shift, the image is cut into blocks of ``C x block x block`` values and each block ``b``
    becomes :math:`(b - m)\,W` with one symmetric :math:`W = \Sigma^{-1/2}` for all blocks. Whitening
    with a symmetric matrix leaves a pixel where it was, so the next grid, shifted, removes what is
    left across the borders of the last. The untrained flow is then already a Gaussian model of
    images. The log-determinant is the sum of the matrices' over all blocks.

    Arguments:
        shape: ``(C, H, W)`` of the image; ``block`` divides H and W.
        block: side of a block in pixels.
        shifts: one whitening each, the offset of its grid in pixels (down and to the right).
    """

    needs_fit = True
    fitted: Tensor

    def __init__(self, shape: tuple[int, int, int], block: int = 8, shifts: tuple[int, ...] = (0, 4, 2, 6)):
        super().__init__()
        channels, height, width = shape
        if height % block or width % block:
            raise ValueError(f"whitening blocks of {block} pixels do not tile an image of {height} x {width}")
        self.grid = (channels, height // block, block, width // block, block)
        self.blocks = self.grid[1] * self.grid[3]
        self.shifts = shifts
        size = channels * block * block
        self.matrices = nn.ModuleList(FixedMatrix(torch.eye(size)) for _ in shifts)
        self.register_buffer("means", torch.zeros(len(shifts), size))
        self.register_buffer("fitted", torch.tensor(False))

    @torch.no_grad()
    def fit(self, x: Tensor) -> None:
        """Sets every matrix and mean from images ``x`` (N, C, H, W), grid after grid."""
        for index in range(len(self.shifts)):
            blocks = self._cut(x, index)
            mean = blocks.mean(0, dtype=torch.float64)
            covariance = _covariance(blocks, mean)
            variance, directions = torch.linalg.eigh(covariance)
            # A direction that the data does not use must not be amplified without limit.
            scale = variance.clamp(min=1e-6 * variance.max().item()).rsqrt()
            self.matrices[index].set(directions * scale @ directions.T)
            self.means[index] = mean
            x = self._whiten(x, index)
        self.fitted.fill_(True)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        for index in range(len(self.shifts)):
            x = self._whiten(x, index)
        return x, constant_log_det(x, self.blocks * sum(m.log_abs_det for m in self.matrices))

    def inverse(self, y: Tensor) -> Tensor:
        for index in reversed(range(len(self.shifts))):
            blocks = self._cut(y, index) @ self.matrices[index].inverse + self.means[index]
            y = self._paste(blocks, index)
        return y

    def _whiten(self, x: Tensor, index: int) -> Tensor:
        return self._paste((self._cut(x, index) - self.means[index]) @ self.matrices[index].matrix, index)

    def _cut(self, x: Tensor, index: int) -> Tensor:
        """``(N, C, H, W)`` to ``(N · blocks, C · block²)``."""
        shift = self.shifts[index]
        rolled = x.roll((-shift, -shift), (2, 3)) if shift else x
        return rolled.reshape(-1, *self.grid).permute(0, 2, 4, 1, 3, 5).reshape(-1, self.means.shape[1])

    def _paste(self, blocks: Tensor, index: int) -> Tensor:
        """The inverse of :meth:`_cut`."""
        channels, rows, height, columns, width = self.grid
        shift = self.shifts[index]
        tiles = blocks.view(-1, rows, columns, channels, height, width).permute(0, 3, 1, 4, 2, 5)
        x = tiles.reshape(-1, channels, rows * height, columns * width)
        return x.roll((shift, shift), (2, 3)) if shift else x


def _covariance(samples: Tensor, mean: Tensor, chunk: int = 65536) -> Tensor:
    """Covariance of ``samples`` (M, D) in float64, without a float64 copy of all of them."""
    total = torch.zeros(len(mean), len(mean), dtype=torch.float64, device=samples.device)
    for part in samples.split(chunk):
        centred = part.double() - mean
        total += centred.T @ centred
    return total / len(samples)
