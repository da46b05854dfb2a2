"""Figures that follow γ in the browser while a person drags its slider, from arrays that are sent once."""

import base64
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from app.widgets.component import own_module

LARGEST = 2**15 - 1


class Following(NamedTuple):
    """What of a figure moves with γ.

    Attributes:
        moving: by the names of the figure's parts, then by attributes such as ``x``, an array ``(P, n)``: one row for
            each measured place of the family's curve, between which the browser interpolates.
        fixed: by the same names, what else the parts have meanwhile.
    """

    moving: Mapping[str, Mapping[str, np.ndarray]]
    fixed: Mapping[str, Mapping[str, Any]]


def follow_gamma(key: str, following: Following) -> None:
    """Lets the figure with this key follow the slider; when that is released, the page runs and draws it anew."""
    moving = {
        name: {attribute: _packed(values) for attribute, values in arrays.items()}
        for name, arrays in following.moving.items()
    }
    places = len(next(iter(next(iter(following.moving.values())).values())))
    data = {"key": key, "places": places, "moving": moving, "fixed": following.fixed}
    own_module("following", "figure/follow.js", "component")(key=f"following-{key}", data=data, height=1)


def _packed(values: np.ndarray) -> dict[str, Any]:
    """The array in 16 bits."""
    scale = float(np.abs(values).max(initial=0)) / LARGEST or 1.0
    whole = np.round(values / scale).astype("<i2")
    return {"scale": scale, "values": {"dtype": "i2", "bdata": base64.b64encode(whole.tobytes()).decode()}}
