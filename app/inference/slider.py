"""The data of γ's slider on a page, in a notebook and on the static site (``app/static/slider``)."""

import math

from ibinn_core.weight_space import Family, plain_gamma, why_not


def slider_data(family: Family) -> dict:
    """The trained models of a family and the measured points of its curve, as plain JSON.

    Each of the ``ticks`` has a ``gamma``. ``mixes`` says for each tick except the last whether its model can be mixed
    with the next. Each of the ``places`` has a ``gamma``, an ``error`` and ``bits``. Each γ has the form of
    :func:`plain_gamma`.
    """
    return {
        "ticks": [{"gamma": plain_gamma(gamma)} for gamma in family.gammas],
        "mixes": [why_not(*pair) is None for pair in zip(family.members[:-1], family.members[1:], strict=True)],
        "places": [
            {
                "gamma": plain_gamma(point.gamma),
                "error": point.error,
                "bits": point.bits_per_dim,
            }
            for point in family.curve
        ],
    }


def gamma_text(gamma: float) -> str:
    """γ as text for users: at most three significant digits, four from 10 on, and never an exponent."""
    if math.isinf(gamma):
        return "∞"
    text = f"{gamma:.{4 if gamma >= 10 else 3}g}"
    return f"{float(text):.12f}".rstrip("0").rstrip(".") if "e" in text else text
