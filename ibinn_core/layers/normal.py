"""The normal distribution function and its inverse in float64, also for compilers and for ONNX."""

import math
from functools import reduce

import torch
from torch import Tensor

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


def lower_quantile(p: Tensor) -> Tensor:
    """The normal quantile of float64 probabilities from 1e-300 to 1/2."""
    return _rational_quantile(p) if torch.compiler.is_compiling() else torch.special.ndtri(p)


def _rational_quantile(p: Tensor) -> Tensor:
    """The same right to 15 digits (AS 241), of operations that ONNX has and a compiler fuses; slower one by one."""
    centred, r = 0.5 - p, (-p.log()).sqrt()
    centre = centred * _ratio(_CENTRE, 0.180625 - centred.square())
    tail = torch.where(r < 5, _ratio(_TAIL, r - 1.6), _ratio(_FAR, r - 5))
    return -torch.where(centred < 0.425, centre, tail)


def distribution(y: Tensor) -> Tensor:
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
