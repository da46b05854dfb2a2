"""The bars and the strip of what a person writes."""

import numpy as np
import pytest

from app.figures.written import FLOOR, Written, written_figure
from app.palette import CLASS_COLORS

CLASSES = tuple("0123456789")
TEST_BITS = np.random.default_rng(0).normal(1.4, 0.3, 2000)
LOG_LIKELIHOOD = np.array([700.0, 705.5, 690.0, 650.0, 704.0, 699.0, 698.0, 697.0, 696.0, 695.0])
POSTERIOR = np.exp(LOG_LIKELIHOOD - LOG_LIKELIHOOD.max()) / np.exp(LOG_LIKELIHOOD - LOG_LIKELIHOOD.max()).sum()


def draw(bits: float | None = 1.2):
    of_image = None if bits is None else Written(LOG_LIKELIHOOD, POSTERIOR, bits, TEST_BITS[:200], (0.9, 1.7))
    return written_figure(of_image, TEST_BITS, classes=CLASSES)


def test_bars_are_the_numbers():
    figure = draw()
    likelihoods, posterior = figure.data[:2]
    assert figure.layout.yaxis.ticktext == CLASSES and likelihoods.marker.color == CLASS_COLORS
    np.testing.assert_allclose(likelihoods.x, np.maximum(LOG_LIKELIHOOD - 705.5, FLOOR))
    assert [likelihoods.text[k] for k in (1, 4, 3)] == ["0", "−1.5", "◀ −56"]
    np.testing.assert_allclose(posterior.x, POSTERIOR)
    assert posterior.text[1] == f"{POSTERIOR[1]:.0%}" and posterior.text[3] == ""


def test_the_needle_stands_at_the_bits_and_the_band_is_what_is_typical():
    figure = draw()
    needle = next(trace for trace in figure.data if trace.uid == "needle")
    assert needle.x == (1.2, 1.2) and needle.text[1] == "<b>1.20</b>"
    (band,) = figure.layout.shapes
    assert (band.x0, band.x1) == (0.9, 1.7)
    said = figure.layout.annotations[-1].text
    assert all(text in said for text in ("all test images", "those taken for 1", "typical of them"))
    histograms = [trace for trace in figure.data if trace.type == "scatter" and trace.fill]
    assert len(histograms) == 2
    for trace in histograms:
        assert max(trace.y) == 1 and trace.y[0] == trace.y[-1] == 0 and (np.diff(trace.x) >= 0).all()
    assert 1.2 < histograms[0].x[np.argmax(histograms[0].y)] < 1.6


@pytest.mark.parametrize("bits, sign", [(9.0, "9.00 ▶"), (-3.0, "◀ −3.00"), (float("inf"), "▶"), (float("nan"), "▶")])
def test_what_is_far_away_stands_at_the_edge(bits, sign):
    figure = draw(bits)
    needle = next(trace for trace in figure.data if trace.uid == "needle")
    low, high = figure.layout.xaxis3.range
    assert low < needle.x[0] < high and sign in needle.text[1]


def test_axes_stay_where_they_are_and_without_an_image_they_are_empty():
    full, empty = draw(), draw(None)
    for name in ("xaxis", "xaxis2", "xaxis3", "yaxis"):
        assert full.layout[name] == empty.layout[name]
    assert not np.any(empty.data[0].x) and not np.any(empty.data[1].x) and not any(empty.data[0].text)
    assert [trace.uid for trace in empty.data if trace.visible is not False] == ["likelihoods", "posterior", "every"]
    assert not any(shape.visible for shape in empty.layout.shapes)


def test_with_and_without_an_image_the_parts_are_the_same_so_that_a_browser_can_change_them():
    full, empty = draw(), draw(None)
    assert [trace.uid for trace in full.data] == [trace.uid for trace in empty.data]
    names = [[part.name for part in (*one.layout.shapes, *one.layout.annotations)] for one in (full, empty)]
    assert names[0] == names[1] and {"typical", "legend"} <= set(names[0])
