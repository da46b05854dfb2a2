r"""Marginal Gaussianisation: every pixel by itself becomes a standard normal variable (Chen and Gopinath 2000)."""

import math

import torch
from torch import Tensor

from .base import InvertibleLayer

LEVELS = 256  # of an 8-bit pixel; level k covers [k / LEVELS, (k + 1) / LEVELS)
TAIL = 1e-12  # smallest probability that is told from 0: seven standard deviations out


class MarginalGaussianization(InvertibleLayer):
    r"""Each pixel through its own distribution function and the normal quantile, ``(N, C, H, W)`` to the same shape.

    A digit on black is ink in few places and background in most, so that a pixel's distribution is far from any
    Gaussian: affine layers have to scale the background's dequantisation noise up by hundreds, and wherever ink is
    rare, it then lies hundreds of deviations out. Here pixel i of colour c has the distribution

    .. math::
        F_i(x) = p_i\, U_b(x) + (1 - p_i)\, S_c(x),

    with :math:`p_i` the share of images in which it is background, :math:`U_b` uniform over the background's level b,
    and :math:`S_c` the histogram of all other levels of that colour, the same at every place. Then

    .. math::
        y = \Phi^{-1}(F_i(x)), \qquad
        \log\left|\frac{\partial y}{\partial x}\right| = \log f_i(x) - \log \varphi(y).

    F is piecewise linear between the 257 borders of the levels, so both directions are exact up to rounding; they
    are computed in float64, in the upper half from 1 - F, whose small values float64 keeps apart.

    Arguments:
        shape: ``(C, H, W)`` of the image, any numbers from 1 on.

    ``forward`` takes pixels in [0, 1], where a dequantised image lies; what is outside is taken to the border.
    ``inverse`` gives pixels in [0, 1] for any latents, and plain background wherever y says so.

    Example:
        >>> from ibinn_core.layers import MarginalGaussianization
        >>> layer = MarginalGaussianization((1, 4, 4))
        >>> ink = torch.randint(100, 256, (2000, 1, 4, 4)) * (torch.rand(2000, 1, 4, 4) < 0.1)
        >>> layer.fit((ink + torch.rand(ink.shape)) / 256)
        >>> y, _ = layer((ink + torch.rand(ink.shape)) / 256)
        >>> bool(y.abs().max() < 6), round(y.std().item(), 1)  # no ink lies far out, though it is rare
        (True, 1.0)
    """

    needs_fit = True
    fitted: Tensor
    background: Tensor
    level: Tensor
    others: Tensor

    def __init__(self, shape: tuple[int, int, int]) -> None:
        super().__init__()
        channels = shape[0]
        self.register_buffer("background", torch.full(shape, 0.5))  # p
        self.register_buffer("level", torch.zeros(channels, dtype=torch.int64))  # b
        self.register_buffer("others", torch.linspace(0, 1, LEVELS + 1).repeat(channels, 1))  # S at the borders
        self.register_buffer("fitted", torch.tensor(False))

    @torch.no_grad()
    def fit(self, x: Tensor) -> None:
        """Sets the distributions from images ``x`` (N, C, H, W) in [0, 1].

        A colour's background is its most frequent level. Counts start from 1, so that nothing is impossible.
        """
        levels = (x * LEVELS).floor().clamp(0, LEVELS - 1).long()
        for channel in range(x.shape[1]):
            counts = torch.bincount(levels[:, channel].flatten(), minlength=LEVELS).double()
            level = int(counts.argmax())
            counts += 1
            counts[level] = 0
            self.level[channel] = level
            self.others[channel, 1:] = (counts.cumsum(0) / counts.sum()).to(self.others)
            self.background[channel] = ((levels[:, channel] == level).double().sum(0) + 1).to(self.background) / (
                len(x) + 2
            )
        self.fitted.fill_(True)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Maps pixels ``(N, C, H, W)`` in [0, 1] to y of the same shape, with the log-determinant ``(N,)``."""
        position = x.double().clamp(0, 1) * LEVELS
        share, level = self._background()
        index = position.detach().floor().long().clamp(0, LEVELS - 1)
        below, above = self._others_at(index), self._others_at(index + 1)
        within, inked = position - index, (position - level).clamp(0, 1)
        others = below + within * (above - below)
        rest = (1 - above) + (1 - within) * (above - below)
        lower = share * inked + (1 - share) * others
        upper = share * (1 - inked) + (1 - share) * rest
        is_low = lower < upper
        y = torch.special.ndtri(torch.where(is_low, lower, upper).clamp(min=TAIL))
        y = torch.where(is_low, y, -y)
        density = LEVELS * (share * (index == level) + (1 - share) * (above - below))
        log_det = density.log() + (y.square() + math.log(2 * math.pi)) / 2
        return y.to(x.dtype), log_det.flatten(1).sum(1).to(x.dtype)

    def inverse(self, y: Tensor) -> Tensor:
        """Maps y ``(N, C, H, W)`` back to pixels in [0, 1], of the same shape."""
        share, level = self._background()
        lower, upper = torch.special.ndtr(y.double()), torch.special.ndtr(-y.double())
        first, last = (1 - share) * self._others_at(level), (1 - share) * (1 - self._others_at(level + 1))
        background = level + ((lower - first) / share).clamp(0, 1)
        below = self._position_of_other(lower / (1 - share))
        above = self._position_of_other(1 - upper / (1 - share))
        position = torch.where(lower < first, below, torch.where(upper < last, above, background))
        return (position / LEVELS).to(y.dtype)

    def _background(self) -> tuple[Tensor, Tensor]:
        """The shares p ``(C, H, W)`` in float64, and b ``(C, 1, 1)``."""
        return self.background.double(), self.level[:, None, None]

    def _others_at(self, border: Tensor) -> Tensor:
        """S of each colour at the lower border of levels ``(..., C, H, W)``."""
        channel = torch.arange(len(self.level), device=border.device)[:, None, None]
        return self.others.double()[channel, border]

    def _position_of_other(self, probability: Tensor) -> Tensor:
        """The inverse of S, ``(N, C, H, W)``, in levels from 0 to 256."""
        borders = self.others.double()
        by_colour = probability.clamp(0, 1).transpose(0, 1).flatten(1).contiguous()
        index = (torch.searchsorted(borders, by_colour, right=True) - 1).clamp(0, LEVELS - 1)
        start, end = borders.gather(1, index), borders.gather(1, index + 1)
        # A level without mass has no inside: its border is as good.
        within = ((by_colour - start) / (end - start).clamp(min=TAIL)).clamp(0, 1)
        count, _, *places = probability.shape
        return (index + within).view(-1, count, *places).transpose(0, 1)
