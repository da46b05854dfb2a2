"""The bars and the strip of what a person writes."""

import json

import numpy as np
import pytest

from app.figures.written import FLOOR, Written, written_panel
from app.palette import CLASS_COLORS

CLASSES = tuple("0123456789")
TEST_BITS = np.random.default_rng(0).normal(1.4, 0.3, 2000)
LOG_LIKELIHOOD = np.array([700.0, 705.5, 690.0, 650.0, 704.0, 699.0, 698.0, 697.0, 696.0, 695.0])
POSTERIOR = np.exp(LOG_LIKELIHOOD - LOG_LIKELIHOOD.max()) / np.exp(LOG_LIKELIHOOD - LOG_LIKELIHOOD.max()).sum()


def written(bits: float = 1.2) -> Written:
    return Written(LOG_LIKELIHOOD, POSTERIOR, bits, TEST_BITS[:200], (0.9, 1.7))


def test_bars_are_the_numbers():
    rows = written_panel(written(), TEST_BITS, CLASSES)["rows"]
    assert [row[0] for row in rows] == list(CLASSES) and tuple(row[1] for row in rows) == CLASS_COLORS
    np.testing.assert_allclose(
        [row[2] for row in rows], np.minimum(100 * (LOG_LIKELIHOOD - 705.5) / FLOOR, 100), atol=0.01
    )
    assert rows[1][2] == 0 and rows[1][3] == "0" and rows[4][3] == "−1.5" and rows[3][3] == "◀ −56"
    np.testing.assert_allclose([row[4] for row in rows], 100 * POSTERIOR, atol=0.01)
    assert rows[1][5] == f"{POSTERIOR[1]:.0%}" and rows[3][5] == ""


def test_the_needle_stands_at_the_bits_and_the_band_is_what_is_typical():
    panel = written_panel(written(), TEST_BITS, CLASSES)
    places = {float(text): place for place, text in panel["ticks"]}

    def place(bits: float) -> float:
        return places[1.0] + (bits - 1) * (places[2.0] - places[1.0])

    assert panel["needle"][0] == pytest.approx(place(1.2), abs=0.05) and panel["needle"][1] == "1.20"
    assert panel["band"][:2] == pytest.approx([place(0.9), place(1.7)], abs=0.05)
    assert [text for _, text in panel["legend"]] == ["all test images", "those taken for 1", "typical of them"]
    for color, points in panel["histograms"]:
        assert color.startswith("#") and max(y for _, y in points) == 100
        assert points[0][1] == points[-1][1] == 0 and points == sorted(points, key=lambda point: point[0])
    peak = max(panel["histograms"][0][1], key=lambda point: point[1])[0]
    assert place(1.2) < peak < place(1.6)


@pytest.mark.parametrize("bits, sign", [(9.0, "9.00 ▶"), (-3.0, "◀ −3.00"), (float("inf"), "▶"), (float("nan"), "▶")])
def test_what_is_far_away_stands_at_the_edge(bits, sign):
    place, text, _ = written_panel(written(bits), TEST_BITS, CLASSES)["needle"]
    assert 3 < place < 97 and sign in text


def test_axes_stay_where_they_are_and_without_an_image_they_are_empty():
    full, empty = (written_panel(image, TEST_BITS, CLASSES) for image in (written(), None))
    assert full["ticks"] == empty["ticks"] and full["histograms"][0] == empty["histograms"][0]
    assert len(empty["histograms"]) == 1 and empty["band"] is None and empty["needle"] is None
    assert [row[2:] for row in empty["rows"]] == [[0, "", 0, ""]] * 10


def test_a_browser_can_read_it():
    panel = written_panel(written(), TEST_BITS, CLASSES)
    assert json.loads(json.dumps(panel)) == panel
