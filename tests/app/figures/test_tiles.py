"""Grids of tiles: the ring around the chosen one, and the height that a page gives them."""

import re

import numpy as np
import pytest

from app.figures.tiles import GAP, SCALE, tiles_figure, tiles_style
from app.palette import ACCENT

IMAGES = np.zeros((2, 3, 32, 32, 3), np.uint8)
HOVER = [[""] * 3] * 2


def test_a_ring_stands_in_the_gap_around_its_tile():
    (ring,) = tiles_figure(IMAGES, ["a", "b"], [""] * 3, HOVER, ring=(1, 2)).layout.shapes
    gap = GAP / 2 / (32 * SCALE + GAP)
    for low, high, place in ((ring.x0, ring.x1, 2), (ring.y0, ring.y1, 1)):
        assert place < low < place + gap and place + 1 - gap < high < place + 1
    assert ring.line.color == ACCENT


def test_without_a_choice_there_is_no_ring():
    assert not tiles_figure(IMAGES, ["a", "b"], [""] * 3, HOVER).layout.shapes


def test_a_click_finds_the_nearest_tile_however_large_tiles_are():
    figure = tiles_figure(IMAGES, ["a", "b"], [""] * 3, HOVER)
    assert figure.layout.hoverdistance == -1
    assert list(figure.data[1].customdata) == list(range(6))


@pytest.mark.parametrize("columns", [["0%", "50%", "100%"], [""] * 3])
@pytest.mark.parametrize("width", [500, 1280])
def test_the_style_makes_rows_as_high_as_columns_are_wide(columns, width):
    rows = ["airplane", "car"]
    margin = tiles_figure(IMAGES, rows, columns, HOVER).layout.margin
    style = tiles_style("tiles", rows, columns, 150)
    assert '[class*="st-key-tiles"]' in style
    lowest, fitting, highest = re.search(r"clamp\((.*)px, (.*)px, (.*)px\)", style).groups()
    height = eval(fitting.replace("100%", str(width)).replace("px", ""))  # arithmetic of this repository
    assert (height - margin.t - margin.b) / 2 == pytest.approx((width - margin.l - margin.r) / 3)
    assert float(highest) - margin.t - margin.b == 2 * 150 and float(lowest) < height
