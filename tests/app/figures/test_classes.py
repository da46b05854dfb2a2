"""Which classes figures show, in which colours."""

import numpy as np
import pytest

from app.figures.bars import posterior_bars
from app.figures.classes import MAX_CLASSES, colors_of, drawn_classes, shown_classes, with_number
from app.figures.interpolation import posterior_figure
from app.palette import CLASS_COLORS, NEUTRAL, class_colors


@pytest.mark.parametrize("count", [2, 3, 10, 11, 20, 100, 200])
def test_no_two_classes_share_a_colour(count):
    colors = class_colors(count)
    assert len(set(colors)) == count and all(len(c) == 7 and int(c[1:], 16) >= 0 for c in colors)
    assert colors[:10] == CLASS_COLORS[:count] or count > 10


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


def test_bars_of_digits_stand_in_their_order_by_name():
    figure = posterior_bars(np.full(10, 0.1), 3, classes=tuple("0123456789"))
    assert figure.layout.yaxis.type == "category" and list(figure.data[0].y)[2:4] == ["2", "<b>3</b>"]


def test_areas_of_many_classes_fill_the_whole():
    posteriors = np.random.default_rng(0).dirichlet(np.ones(50), (1, 4))
    figure = posterior_figure(np.linspace(0, 1, 4), posteriors, ["a"], classes=[f"class {k}" for k in range(50)])
    assert len(figure.data) == 11 and figure.data[-1].name == "all other classes"
    assert np.allclose(np.sum([t.y for t in figure.data], axis=0), 1)
