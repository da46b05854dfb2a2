"""Which classes figures show, in which colours, and what stands for a mark in a text."""

import numpy as np
import pytest

from app.figures.classes import MAX_CLASSES, colors_of, drawn_classes, shown_classes, with_number
from app.figures.text import character
from app.palette import ACCENT, CLASS_COLORS, HALO, INK, NEUTRAL, class_colors, model_colors, rgba
from app.results.marks import KINDS


@pytest.mark.parametrize("count", [2, 10, 11, 100, 200])
def test_no_two_classes_or_models_share_a_colour(count):
    colors = class_colors(count)
    assert len(set(colors)) == count and all(len(c) == 7 and int(c[1:], 16) >= 0 for c in colors)
    assert colors[:10] == CLASS_COLORS[:count] or count > 10
    others = model_colors(12)
    assert len(set(others)) == 12 and not set(others) & {*CLASS_COLORS, ACCENT, INK, HALO}
    assert rgba("#ff8000", 0.5) == "rgba(255,128,0,0.5)"


def test_all_of_a_few_classes_are_shown_and_the_largest_of_many():
    assert shown_classes(np.array([0.1, 0.7, 0.2])) == [0, 1, 2]
    weights = np.arange(MAX_CLASSES + 5)
    assert shown_classes(weights) == list(range(MAX_CLASSES + 4, MAX_CLASSES - 6, -1))
    assert shown_classes(weights, also=0)[-1] == 0 and len(shown_classes(weights, also=0)) == 10


def test_the_classes_of_dots_are_those_that_have_any():
    assert drawn_classes(np.array([0, 0, -1, 2]), 3) == [0, 1, 2]  # of a few, the empty ones too
    assert drawn_classes(np.array([40, 40, -1, 7]), 100) == [7, 40]
    colors = colors_of(100, [7, 40])
    assert colors[7] == CLASS_COLORS[0] and colors[40] == CLASS_COLORS[1] and colors[0] == NEUTRAL


def test_a_number_beside_a_digit_is_not_taken_for_part_of_it():
    assert with_number("cat", "95%") == "cat 95%" and with_number("6", "95%") == "6: 95%"


def test_every_kind_of_model_has_a_character_of_its_own():
    symbols = [character(symbol) for _, symbol, *_ in KINDS.values()]
    assert len(set(symbols)) == len(KINDS) and "✕" not in symbols
