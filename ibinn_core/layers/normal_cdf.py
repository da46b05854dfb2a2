"""The normal distribution function and its inverse in float64, also for compilers and for ONNX.

Compilers and ONNX lack PyTorch's versions of both functions. Instead, polynomials interpolate the functions.
"""

import math
from collections.abc import Callable
from functools import reduce

import torch
from numpy.polynomial import chebyshev
from torch import Tensor

SMALLEST = 1e-13  # smallest probability with an accurate quantile
DEGREE = 32  # degree of the polynomials


def lower_quantile(p: Tensor) -> Tensor:
    """The normal quantile of float64 probabilities from 1e-13 to 1/2."""
    return _quantile(p) if torch.compiler.is_compiling() else torch.special.ndtri(p)


def distribution(y: Tensor) -> Tensor:
    """Computes the normal distribution function of float64 values."""
    return _distribution(y) if torch.compiler.is_compiling() else torch.special.ndtr(y)


def _quantile(p: Tensor) -> Tensor:
    """Computes the quantile to within 2e-13 with operations of ONNX; these are slow unless a compiler fuses them."""
    return _value(_QUANTILE, ((-p.log()).sqrt() - _CENTRE) / _HALF)


def _distribution(y: Tensor) -> Tensor:
    """Computes the distribution function to 12 digits, even in the tail, by operations that ONNX has for float64."""
    x = y.abs()
    t = 2 / (2 + x)
    tail = t * (_value(_TAIL, 2 * t - 1) - x.square() / 2).exp()
    return torch.where(y > 0, 1 - tail, tail)


def _interpolated(function: Callable[[Tensor], Tensor]) -> list[float]:
    """Returns the coefficients, highest power first, of a function's Chebyshev interpolation on [-1, 1]."""
    points = torch.from_numpy(chebyshev.chebpts1(DEGREE + 1))
    found = chebyshev.chebfit(points.numpy(), function(points).numpy(), DEGREE)
    return chebyshev.cheb2poly(found)[::-1].tolist()


def _value(polynomial: list[float], x: Tensor) -> Tensor:
    return reduce(lambda value, c: value * x + c, polynomial[2:], polynomial[0] * x + polynomial[1])


def _log_tail(t: Tensor) -> Tensor:
    """Computes the log of the upper tail at x = 2 / t - 2, without its two factors, t and the Gaussian."""
    x = 2 / t - 2
    return (torch.special.erfcx(x / math.sqrt(2)) / (2 * t)).log()


_LEAST, _MAX = math.sqrt(math.log(2)), math.sqrt(-math.log(SMALLEST))
_CENTRE, _HALF = (_MAX + _LEAST) / 2, (_MAX - _LEAST) / 2
_QUANTILE = _interpolated(lambda t: torch.special.ndtri((-(_CENTRE + _HALF * t).square()).exp()))
_TAIL = _interpolated(lambda t: _log_tail((t + 1) / 2))
