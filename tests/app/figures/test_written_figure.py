"""The figure of what a person writes."""

import numpy as np
import pytest

from app.figures.written import FLOOR, Written, written_figure
from app.palette import ACCENT, CLASS_COLORS

CLASSES = tuple("0123456789")
TEST_BITS = np.random.default_rng(0).normal(1.4, 0.3, 2000)
LOG_LIKELIHOOD = np.array([700.0, 705.5, 690.0, 650.0, 704.0, 699.0, 698.0, 697.0, 696.0, 695.0])
POSTERIOR = np.exp(LOG_LIKELIHOOD - LOG_LIKELIHOOD.max()) / np.exp(LOG_LIKELIHOOD - LOG_LIKELIHOOD.max()).sum()


def written(bits: float = 1.2) -> Written:
    return Written(LOG_LIKELIHOOD, POSTERIOR, bits, TEST_BITS[:200], (0.9, 1.7))


def test_bars_are_the_numbers():
    figure = written_figure(written(), TEST_BITS, CLASSES)
    likelihood, posterior = figure.data[:2]
    np.testing.assert_allclose(likelihood.base + np.asarray(likelihood.x), np.maximum(LOG_LIKELIHOOD - 705.5, FLOOR))
    assert likelihood.text[1] == "0" and likelihood.text[4] == "−1.5" and likelihood.text[3] == "−56"
    np.testing.assert_allclose(posterior.x, POSTERIOR)
    assert posterior.text[1] == f"{POSTERIOR[1]:.0%}" and posterior.text[3] == ""
    assert tuple(likelihood.marker.color) == CLASS_COLORS


def test_the_needle_stands_at_the_bits_and_the_band_is_what_is_typical():
    figure = written_figure(written(), TEST_BITS, CLASSES)
    (needle,) = (t for t in figure.data if t.type == "scatter" and t.line.color == ACCENT)
    assert list(needle.x) == [1.2, 1.2]
    assert (figure.layout.shapes[0].x0, figure.layout.shapes[0].x1) == (0.9, 1.7)
    assert "those taken for 1" in figure.layout.annotations[2].text


@pytest.mark.parametrize("bits, sign", [(9.0, "9.00 ▶"), (-3.0, "◀ −3.00"), (float("inf"), "▶"), (float("nan"), "▶")])
def test_what_is_far_away_stands_at_the_edge(bits, sign):
    figure = written_figure(written(bits), TEST_BITS, CLASSES)
    (needle,) = (t for t in figure.data if t.type == "scatter" and t.line.color == ACCENT)
    low, high = figure.layout.xaxis3.range
    assert low < needle.x[0] < high and sign in figure.layout.annotations[-1].text


def test_axes_stay_where_they_are_and_without_an_image_they_are_empty():
    full, empty = (written_figure(image, TEST_BITS, CLASSES) for image in (written(), None))
    for axis in ("xaxis", "yaxis", "xaxis2", "yaxis2", "xaxis3", "yaxis3"):
        assert full.layout[axis].range == empty.layout[axis].range and full.layout[axis].range is not None
    assert not np.any(empty.data[0].x) and not np.any(empty.data[1].x) and len(empty.data) == 3
    assert not empty.layout.shapes
