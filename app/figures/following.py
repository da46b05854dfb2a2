"""What of a figure follows γ, as a browser gets it once: ``app/static/figure/follow.js``."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

LARGEST = 2**15 - 1


class Following(NamedTuple):
    """What of a figure moves with γ.

    Parts go by the names of traces, annotations, shapes and images; ``"layout"`` is the layout itself.
    """

    # By parts, then by attributes, an array (P, n), or (P,) for a number: a row for each measured place of the
    # family's curve, between which the browser interpolates
    moving: Mapping[str, Mapping[str, np.ndarray]]
    # By parts, then by attributes, P values of any kind, of which the nearest place's is shown
    stepped: Mapping[str, Mapping[str, Sequence[Any]]] = {}


def as_data(following: Following) -> dict[str, Any]:
    """What the browser gets, without the figure's key."""
    return {
        "places": next((len(v) for part in following.moving.values() for v in part.values()), 0),
        "moving": {
            name: {attribute: _packed(values) for attribute, values in arrays.items()}
            for name, arrays in following.moving.items()
        },
        "stepped": following.stepped,
    }


def _packed(values: np.ndarray) -> dict[str, Any]:
    """The array in 16 bits."""
    scale = float(np.abs(values).max(initial=0)) / LARGEST or 1.0
    whole = np.round(values / scale).astype("<i2")
    packed = {"scale": scale, "values": {"dtype": "i2", "bdata": base64.b64encode(whole.tobytes()).decode()}}
    return {**packed, "single": True} if values.ndim == 1 else packed
