"""Reliability diagrams."""

import numpy as np
import pytest

from app.figures.diagrams import reliability_figure
from ibinn_core.measures.calibration import reliability


def test_reliability_is_drawn_as_it_was_counted():
    rng = np.random.default_rng(0)
    every = [reliability(rng.dirichlet(np.full(10, a), 500), rng.integers(0, 10, 500)) for a in (0.1, 2.0)]
    for bins, name in zip(every, ("first", "second"), strict=True):
        figure = reliability_figure(name, bins)
        assert figure.layout.title.text == name
        drawn = figure.data
        used = bins.count > 0
        assert np.allclose(drawn[-1].x, bins.expected[used]) and np.allclose(drawn[-1].y, bins.observed[used])
        for text, count in zip(drawn[-1].hovertext, bins.count[used], strict=True):
            assert f"of {count:,} predictions" in text
        below = bins.observed[used] < bins.expected[used]
        assert [s == "triangle-down" for s in drawn[-1].marker.symbol] == list(below)
        lengths = [abs(b - a) for t in drawn[1:3] for a, b in zip(t.y[::3], t.y[1::3], strict=True)]
        assert sorted(lengths) == pytest.approx(sorted(np.abs(bins.expected - bins.observed)[used]))
