"""Grids of tiles: the ring around the chosen one, and what a click finds."""

import numpy as np

from app.figures.tiles import GAP, SCALE, tiles_figure
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
