r"""Conditional Gaussianisation: maps each pixel to a standard normal value, given pixels around it, in a few steps."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .base import InvertibleLayer
from .normal_cdf import distribution, lower_quantile
from .subnetwork import convolutional

LEVELS = 256  # number of 8-bit values; level k covers [k / LEVELS, (k + 1) / LEVELS)
TAIL = 1e-12  # smallest probability in the tail: seven standard deviations out
BINS = 24  # bins of a pixel's brightness: one for the background level, the others equally frequent
WIDTH = 64  # hidden channels of the sub-networks
# A thin bin between two other bins can hardly be inverted in float32. So a share of the ink's probability is uniform
# over the bins of ink. Where ink is improbable, its bins go to the tail of the Gaussian, which has enough room. So over
# all bins a far smaller share is enough. A larger share would cause stray dots in samples.
LEAST_SHADE, LEAST = 1e-3, 1e-5  # shares of uniform distributions over the bins of ink and over all bins
SMOOTHING = 1e-3  # share of the uniform distribution in the histogram of levels: M must rise at rare levels too


class ConditionalGaussianization(InvertibleLayer):
    r"""Maps each pixel by its conditional distribution function and the normal quantile, ``(N, C, H, W)`` both ways.

    This is a piecewise-linear coupling (Müller et al. 2019, Section 4.1) of pixels for drawings on a plain ground. A
    fixed function M of a pixel's value, from the histogram of all images, divides [0, 1] into K bins. One bin is the
    background's level. The other bins hold equally many of the remaining values. With probabilities w of the bins,
    pixel i goes to

    .. math::
        y_i = \Phi^{-1}(F_i(x_i)), \qquad
        F_i(x) = \sum_{k < b} w_{ik} + (M(x) - b)\, w_{ib} \quad\text{for } M(x) \in [b, b + 1),

    where w is the softmax of a table (a number for each bin of each pixel) plus the output of a sub-network for the
    known pixels, mixed with small uniform shares. In each 2x2 square the upper left pixel is known first, then the
    lower right. The upper left pixels are an image of half the size, which is split once more if its sides are even.

    ``forward`` clips to [0, 1]; ``inverse`` gives pixels in [0, 1] for any latents.

    Arguments:
        shape: ``(C, H, W)`` of the image; H and W even.

    Raises:
        ValueError: for an odd side.
    """

    def __init__(self, shape: tuple[int, int, int]) -> None:
        super().__init__()
        channels, *sides = shape
        if any(side % 2 for side in sides):
            raise ValueError(f"conditional Gaussianisation needs even sides, not {sides[0]} x {sides[1]}")
        self.halvings = 1 if any(side % 4 for side in sides) else 2
        # For each step, beginning with the smallest image: number of values per square, height and width
        self._steps = [(channels, *(side >> self.halvings for side in sides))]
        networks = []
        for halving in range(self.halvings, 0, -1):
            for known, count in ((channels, channels), (2 * channels, 2 * channels)):
                self._steps.append((count, *(side >> halving for side in sides)))
                networks.append(convolutional(2 * known, count * BINS, WIDTH))
        self.subnetwork = nn.ModuleList(networks)
        # The table is a vector, since weight decay skips vectors: a table of logarithms need not be small.
        self.logits = nn.Parameter(torch.zeros(math.prod(shape) * BINS))
        self.level = nn.Buffer(torch.zeros(channels, dtype=torch.int64))  # level of the background
        self.borders = nn.Buffer(torch.linspace(0, BINS, LEVELS + 1).repeat(channels, 1))  # M at the borders
        self.fitted = nn.Buffer(torch.tensor(False))

    @torch.no_grad()
    def fit(self, x: Tensor) -> None:
        """Sets M and the table from images ``x`` (N, C, H, W) in [0, 1]; the background is the most frequent level."""
        levels = (x * LEVELS).floor().clamp(0, LEVELS - 1).long()
        for channel in range(x.shape[1]):
            counts = torch.bincount(levels[:, channel].flatten(), minlength=LEVELS).double()
            level = int(counts.argmax())
            self.level[channel] = level
            self.borders[channel] = _borders(counts, level).to(self.borders)
        tables = []
        for values in self._split(self._position(x)[0]):
            bins = values.long().clamp(max=BINS - 1)
            counts = torch.stack([(bins == k).double().sum(0) for k in range(BINS)], 1) + 0.2
            tables.append((counts / counts.sum(1, keepdim=True)).log().flatten())
        self.logits.copy_(torch.cat(tables))
        self.fitted.fill_(True)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        position, slope = self._position(x)
        values = self._split(position)
        lower, upper, density = [], [], []
        for step, value in enumerate(values):
            index = value.detach().long().clamp(max=BINS - 1)
            weights, within = self._weights(step, values, x), value - index
            ends = weights.cumsum(2)
            here, end = _at(index, weights, ends)
            # The differences are exactly 0 in the first and in the last bin, so that small probabilities stay exact.
            lower.append((end - here) + within * here)
            upper.append((ends[:, :, -1] - end) + (1 - within) * here)
            density.append(here)
        below, above = self._join(lower), self._join(upper)
        is_low = below < above
        y = lower_quantile(torch.where(is_low, below, above).clamp(min=TAIL))  # called once, since its graph is large
        y = torch.where(is_low, y, -y)
        return y.to(x.dtype), (slope.log().flatten(1).sum(1) + _log_det(y, self._join(density))).to(x.dtype)

    def inverse_and_log_det(self, y: Tensor) -> tuple[Tensor, Tensor]:
        exact, values, density = y.double(), [], []
        for step, probability in enumerate(self._split(distribution(exact))):
            weights = self._weights(step, values, y)
            ends = weights.cumsum(2)
            index = (ends[:, :, :-1] <= probability[:, :, None]).sum(2)
            here, end = _at(index, weights, ends)
            values.append(index + (1 - (end - probability) / here).clamp(0, 1))
            density.append(here)
        position = self._join(values)
        index = torch.zeros_like(position, dtype=torch.int64)
        for half in (128, 64, 32, 16, 8, 4, 2, 1):
            index = torch.where(self._border(index + half) <= position, index + half, index)
        start, end = self._border(index), self._border(index + 1)
        x = (index + (position - start) / (end - start)) / LEVELS
        log_det = _log_det(exact, self._join(density)) + (LEVELS * (end - start)).log().flatten(1).sum(1)
        return x.to(y.dtype), -log_det.to(y.dtype)

    def _position(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Computes M and its slope, float64, at pixels (N, C, H, W)."""
        position = x.double().clamp(0, 1) * LEVELS
        index = position.detach().floor().long().clamp(0, LEVELS - 1)
        start, end = self._border(index), self._border(index + 1)
        return start + (position - index) * (end - start), LEVELS * (end - start)

    def _border(self, level: Tensor) -> Tensor:
        """Returns M at the lower border of levels ``(N, C, H, W)``."""
        channel = torch.arange(len(self.level), device=level.device)[:, None, None]
        return self.borders.double()[channel, level]

    def _weights(self, step: int, values: list[Tensor], images: Tensor) -> Tensor:
        """Computes the bins' probabilities in a step, (N, C', K, h, w), float64, given M in all earlier steps."""
        count, height, width = self._steps[step]
        sizes = [math.prod(shape) * BINS for shape in self._steps]
        logits = self.logits.split(sizes)[step].view(count, BINS, height, width)
        logits = logits.expand(images.shape[0], -1, -1, -1, -1)
        if step:
            whole = step - 1 + step % 2  # number of steps that give the upper left pixels; the lower right follow
            known = [self._join(values[:whole]), *values[whole:step]]
            features = torch.cat([self._features(each, images.dtype) for each in known], 1)
            logits = logits + self.subnetwork[step - 1](features).unflatten(1, (count, BINS))
        weights = logits.double().softmax(2)
        ground = self.borders.gather(1, self.level[:, None]).long()
        ground = ground.repeat_interleave(count // len(self.level), 0)
        (at_ground,) = _at(ground[:, :, None].expand(images.shape[0], -1, height, width), weights)
        is_ink = (torch.arange(BINS, device=ground.device) != ground)[:, :, None, None].double() * (1 - LEAST)
        shades = LEAST_SHADE / (BINS - 1) * is_ink * (1 - at_ground)[:, :, None]
        return (1 - LEAST - LEAST_SHADE * is_ink) * weights + shades + LEAST / BINS

    def _features(self, position: Tensor, dtype: torch.dtype) -> Tensor:
        """Computes a sub-network's input (N, 2C, h, w): M in [-1, 1] without the ground's bin; 1 for ink, else -1."""
        start = self.borders.gather(1, self.level[:, None])[:, :, None].double()
        ground = (position - start).clamp(0, 1)
        is_ink = (position < start) | (position >= start + 1)
        return torch.cat([2 * (position - ground) / (BINS - 1) - 1, 2 * is_ink.double() - 1], 1).to(dtype)

    def _split(self, image: Tensor) -> list[Tensor]:
        """Splits an image (N, C, H, W) into the pixels of each step."""
        steps: list[Tensor] = []
        for _ in range(self.halvings):
            quarters = F.pixel_unshuffle(image, 2).unflatten(1, (-1, 4))
            steps[:0] = [quarters[:, :, 3], quarters[:, :, 1:3].flatten(1, 2)]
            image = quarters[:, :, 0]
        return [image, *steps]

    def _join(self, steps: list[Tensor]) -> Tensor:
        """Joins the pixels of the first steps: the inverse of ``_split``, or a smaller image from fewer steps."""
        image = steps[0]
        for last, others in zip(steps[1::2], steps[2::2], strict=True):
            quarters = [image[:, :, None], others.unflatten(1, (-1, 2)), last[:, :, None]]
            image = F.pixel_shuffle(torch.cat(quarters, 2).flatten(1, 2), 2)
        return image


def _borders(counts: Tensor, level: int) -> Tensor:
    """Computes M (257,) at the borders of the levels from the counts of levels, with ``level`` as background."""
    counts = counts.clone()
    counts[level] = 0
    others = (1 - SMOOTHING) * (counts + 1e-9) / (counts + 1e-9).sum() + SMOOTHING / LEVELS
    below, above = others[:level].cumsum(0), others[level + 1 :].cumsum(0)
    first = round((BINS - 1) * float(below[-1] / (below[-1] + above[-1]))) if level and len(above) else 0
    if level:  # the levels below the background, and those above, get at least one bin
        first = min(max(first, 1), BINS - 2) if len(above) else BINS - 1
    start = first * below / below[-1:] if level else below
    end = first + 1 + (BINS - 1 - first) * above / above[-1:]
    return torch.cat([counts.new_zeros(1), start, counts.new_full((1,), first + 1), end])


def _at(index: Tensor, *values: Tensor) -> list[Tensor]:
    """Returns the values (N, C, K, h, w) at the bins ``index`` (N, C, h, w)."""
    return [each.gather(2, index[:, :, None])[:, :, 0] for each in values]


def _log_det(y: Tensor, density: Tensor) -> Tensor:
    """Computes the log-determinant (N,) of the normal quantile from its result and the density of the bin."""
    return (density.log() + (y.square() + math.log(2 * math.pi)) / 2).flatten(1).sum(1)
