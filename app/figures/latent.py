"""The plane of the class means: its frame, and the mark of a mean."""

import math
from typing import Any

import numpy as np

from ..palette import HALO, INK

NINE_TENTHS = math.sqrt(2 * math.log(10))  # radius of the circle that holds 90 % of a two-dimensional unit Gaussian


def frame_of(points: np.ndarray, means: np.ndarray | None = None) -> np.ndarray:
    """The frame ``(2, 2)`` around all means ``([M,] K, 2)`` and, per axis, 99 % of the points ``([M,] N, 2)``."""
    low, high = np.quantile(points.reshape(-1, 2), [0.005, 0.995], axis=0)
    if means is not None:
        means = means.reshape(-1, 2)
        low, high = np.minimum(low, means.min(0)), np.maximum(high, means.max(0))
    return np.stack([low, high])


def mean_marker(x: float, y: float, color: str, name: str, kind: str = "scatter") -> dict[str, Any]:
    """The trace of a class mean μ: a diamond with a white and a black ring, visible on any background."""
    rings = [(INK, 21), (HALO, 18), (color, 13)]
    return {
        "type": kind,
        "x": [float(x)] * len(rings),
        "y": [float(y)] * len(rings),
        "mode": "markers",
        "marker": {"symbol": "diamond", "color": [c for c, _ in rings], "size": [s for _, s in rings], "opacity": 1},
        "legendgroup": name,
        "showlegend": False,
        "hovertemplate": f"μ of {name}<extra></extra>",
    }
