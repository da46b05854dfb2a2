r"""Marginal Gaussianisation: every pixel by itself becomes a standard normal variable (Chen and Gopinath 2000)."""

import math
from functools import reduce

import torch
from torch import Tensor

from .base import InvertibleLayer

LEVELS = 256  # of an 8-bit pixel; level k covers [k / LEVELS, (k + 1) / LEVELS)
TAIL = 1e-12  # smallest probability that is told from 0: seven standard deviations out
#: Numerators and denominators of the rational functions in AS 241 (Wichura 1988), highest power first: around the
#: median, in the tails, and beyond 6.6 standard deviations.
_CENTRE = (
    (2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457)
    + (13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.3871328727963666080),
    (5226.4952788528545610, 28729.085735721942674, 39307.895800092710610, 21213.794301586595867)
    + (5394.1960214247511077, 687.18700749205790830, 42.313330701600911252, 1.0),
)
_TAIL = (
    (7.74545014278341407640e-4, 0.0227238449892691845833, 0.241780725177450611770, 1.27045825245236838258)
    + (3.64784832476320460504, 5.76949722146069140550, 4.63033784615654529590, 1.42343711074968357734),
    (1.05075007164441684324e-9, 5.47593808499534494600e-4, 0.0151986665636164571966, 0.148103976427480074590)
    + (0.689767334985100004550, 1.67638483018380384940, 2.05319162663775882187, 1.0),
)
_FAR = (
    (2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.00124266094738807843860, 0.0265321895265761230930)
    + (0.296560571828504891230, 1.78482653991729133580, 5.46378491116411436990, 6.65790464350110377720),
    (2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5, 7.86869131145613259100e-4)
    + (0.0148753612908506148525, 0.136929880922735805310, 0.599832206555887937690, 1.0),
)
#: The same for the error function up to 0.46875, and of its complement up to 4 and beyond (Cody 1969).
_ERF = (
    (1.85777706184603153e-1, 3.16112374387056560, 1.13864154151050156e2, 3.77485237685302021e2, 3.20937758913846947e3),
    (1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3),
)
_ERFC = (
    (2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594, 6.61191906371416295e1, 2.98635138197400131e2)
    + (8.81952221241769090e2, 1.71204761263407058e3, 2.05107837782607147e3, 1.23033935479799725e3),
    (1.0, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3)
    + (3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3),
)
_ERFC_FAR = (
    (1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1, 1.25781726111229246e-1)
    + (1.60837851487422766e-2, 6.58749161529837803e-4),
    (1.0, 2.56852019228982242, 1.87295284992346047, 5.27905102951428412e-1, 6.05183413124413191e-2)
    + (2.33520497626869185e-3,),
)


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
        share, level = self.background.double(), self.level[:, None, None]
        index = position.detach().floor().long().clamp(0, LEVELS - 1)
        below, above = self._others_at(index), self._others_at(index + 1)
        within, inked = position - index, (position - level).clamp(0, 1)
        others = below + within * (above - below)
        rest = (1 - above) + (1 - within) * (above - below)
        lower = share * inked + (1 - share) * others
        upper = share * (1 - inked) + (1 - share) * rest
        is_low = lower < upper
        y = _lower_quantile(torch.where(is_low, lower, upper).clamp(min=TAIL))
        y = torch.where(is_low, y, -y)
        density = share * (index == level) + (1 - share) * (above - below)
        return y.to(x.dtype), _log_det(y, density).to(x.dtype)

    def inverse_and_log_det(self, y: Tensor) -> tuple[Tensor, Tensor]:
        """Maps y ``(N, C, H, W)`` back to pixels in [0, 1], of the same shape, with the log-determinant ``(N,)``."""
        share, level = self.background.double(), self.level[:, None, None]
        exact = y.double()
        lower, upper = _distribution(exact), _distribution(-exact)
        first, last = (1 - share) * self._others_at(level), (1 - share) * (1 - self._others_at(level + 1))
        is_other = (lower < first) | (upper < last)
        others = torch.where(lower < first, lower / (1 - share), 1 - upper / (1 - share)).clamp(0, 1)
        index = torch.where(is_other, self._level_of_other(others), level)
        start, end = self._others_at(index), self._others_at(index + 1)
        # A level without mass has no inside: its border is as good.
        within = torch.where(is_other, (others - start) / (end - start).clamp(min=TAIL), (lower - first) / share)
        position = index + within.clamp(0, 1)
        density = torch.where(is_other, (1 - share) * (end - start), share)
        return (position / LEVELS).to(y.dtype), -_log_det(exact, density).to(y.dtype)

    def _others_at(self, border: Tensor) -> Tensor:
        """S of each colour at the lower border of levels ``(..., C, H, W)``."""
        channel = torch.arange(len(self.level), device=border.device)[:, None, None]
        return self.others.double()[channel, border]

    def _level_of_other(self, probability: Tensor) -> Tensor:
        """The last level of which S at its lower border is at most ``probability`` (N, C, H, W), by bisection."""
        index = torch.zeros_like(probability, dtype=torch.int64)
        for step in (128, 64, 32, 16, 8, 4, 2, 1):
            index = torch.where(self._others_at(index + step) <= probability, index + step, index)
        return index


def _log_det(y: Tensor, density: Tensor) -> Tensor:
    """That of ``forward``, ``(N,)``, by its result and the probability of each pixel's level."""
    return ((LEVELS * density).log() + (y.square() + math.log(2 * math.pi)) / 2).flatten(1).sum(1)


def _lower_quantile(p: Tensor) -> Tensor:
    """The normal quantile of float64 probabilities from 1e-300 to 1/2."""
    return _rational_quantile(p) if torch.compiler.is_compiling() else torch.special.ndtri(p)


def _rational_quantile(p: Tensor) -> Tensor:
    """The same right to 15 digits (AS 241), of operations that ONNX has and a compiler fuses; slower one by one."""
    centred, r = 0.5 - p, (-p.log()).sqrt()
    centre = centred * _ratio(_CENTRE, 0.180625 - centred.square())
    tail = torch.where(r < 5, _ratio(_TAIL, r - 1.6), _ratio(_FAR, r - 5))
    return -torch.where(centred < 0.425, centre, tail)


def _distribution(y: Tensor) -> Tensor:
    """The normal distribution function of float64 values."""
    return _rational_distribution(y) if torch.compiler.is_compiling() else torch.special.ndtr(y)


def _rational_distribution(y: Tensor) -> Tensor:
    """The same right to 15 digits, also far down (Cody 1969), of operations that ONNX has for float64."""
    x = y.abs() / math.sqrt(2)
    is_near, is_far = x < 0.46875, x > 4
    # Each range sees only values of its own: what is not taken must not overflow. (No clamp: the optimizer of
    # onnxscript 0.7 makes invalid graphs of several clamps of one value.)
    near = torch.where(is_near, x, torch.zeros_like(x))
    middle = torch.where(is_near | is_far, torch.ones_like(x), x)
    far = torch.where(is_far, x, 5 * torch.ones_like(x))
    small = 0.5 - near * _ratio(_ERF, near.square()) / 2
    medium = (-middle.square()).exp() * _ratio(_ERFC, middle) / 2
    inverse = 1 / far.square()
    share = 1 / math.sqrt(math.pi) - inverse * _ratio(_ERFC_FAR, inverse)
    large = (-far.square()).exp() / far * share / 2
    tail = torch.where(is_near, small, torch.where(is_far, large, medium))
    return torch.where(y > 0, 1 - tail, tail)


def _ratio(polynomials: tuple[tuple[float, ...], tuple[float, ...]], x: Tensor) -> Tensor:
    above, below = (reduce(lambda value, c: value * x + c, p[1:], torch.full_like(x, p[0])) for p in polynomials)
    return above / below
