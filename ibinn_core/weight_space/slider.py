"""What the γ slider is given, on a page of the app and on the static site."""

import math
from collections.abc import Sequence

from ..models.kinds import gamma_text
from .mixing import Family, why_not


def slider_data(family: Family, names: Sequence[str] | None = None) -> dict:
    """The trained models, with their names (by γ, if none are given), and the measured places of a family, plain JSON.

    There are ``ticks``, each with its ``gamma`` and ``name``; ``mixes``, for each tick but the last whether there are
    models between it and the next; and ``places``, each with its ``gamma``, ``error``, ``bits`` and ``calibration``. γ
    is as :func:`plain_gamma` has it.
    """
    if names is None:
        ends = {0.0: "only likelihood", math.inf: "only classes"}
        names = [ends.get(gamma, f"γ = {gamma_text(gamma)}") for gamma in family.gammas]
    return {
        "ticks": [{"gamma": plain_gamma(g), "name": name} for g, name in zip(family.gammas, names, strict=True)],
        "mixes": [
            why_not(one, other) is None for one, other in zip(family.members[:-1], family.members[1:], strict=True)
        ],
        "places": [
            {
                "gamma": plain_gamma(place.gamma),
                "error": place.error,
                "bits": place.bits_per_dim,
                "calibration": place.calibration_top_label,
            }
            for place in family.curve
        ],
    }


def plain_gamma(gamma: float) -> float | str:
    """γ as JSON has it: infinity as ``"inf"``."""
    return "inf" if math.isinf(gamma) else float(gamma)
