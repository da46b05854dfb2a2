"""The map of the family: test error against bits/dim."""

import numpy as np

from app.figures.name_places import place_names
from app.figures.tradeoff import tradeoff_figure
from app.palette import ACCENT


def test_the_map_shows_every_model_and_rings_the_chosen_one():
    error, bits = np.array([0.4, 0.3, 0.2, 0.9]), np.array([3.9, 4.3, 200.0, 4.0])
    figure = tradeoff_figure(
        list("abcd"), ["A", "B", "C", "D"], error, bits, ["#111111"] * 4, [True, True, True, False], 1
    )
    dots = figure.data[-1]
    assert list(dots.customdata) == list("abcd") and np.allclose(dots.y, error)
    assert np.allclose(dots.x, [3.9, 4.3, 14, 4.0]) and "off the scale" in dots.hovertemplate[2]
    assert list(dots.marker.symbol) == ["circle"] * 3 + ["square"]
    ring = next(t for t in figure.data if t.marker.symbol == "circle-open")
    assert (ring.x[0], ring.y[0]) == (4.3, 0.3) and ring.marker.color == ACCENT
    line = figure.data[0]
    assert np.allclose(line.y, error[:3])  # what is not of the family is not on its line


def test_names_that_would_cover_one_another_are_left_to_hovering():
    names = [f"model {i}" for i in range(10)]
    crowd = np.array([[100 + 20 * (i % 3), 100 + 20 * (i // 3)] for i in range(9)] + [[400, 100]])
    sides = place_names(names, crowd, 5)
    assert sides[4] is None  # its neighbours stand on all sides
    assert sides[5] and sides[9] == "top center"  # the chosen one, and one with room
    falling = np.arange(3)[:, None] * np.array([60.0, -60.0])
    assert place_names(["a", "b", "c"], falling, 0)[1] == "top center"
    assert place_names(["γ = 0.02"] * 3, falling, 0, range(3))[1] == "top right"  # clear of the line
    assert place_names(names, crowd, 4)[4] is not None  # a chosen one always has its name
    line = place_names(names, np.arange(10)[:, None] * np.array([200.0, 0]), 0)
    assert line == ["top center"] * 10


def test_two_names_between_two_dots_would_touch():
    near = np.array([[0.0, 0.0], [0.0, 30.0]])
    assert place_names(["one", "two"], near, -1, sides=[("top right",), ("bottom right",)]) == ["top right", None]
    far = near * 2
    assert None not in place_names(["one", "two"], far, -1, sides=[("top right",), ("bottom right",)])


def test_the_map_names_the_chosen_model_in_bold_and_all_where_there_is_room():
    figure = tradeoff_figure(
        list("ab"), ["A", "B"], np.array([0.4, 0.1]), np.array([3.9, 8.0]), ["#111111"] * 2, [True, True], 1
    )
    assert [text.strip() for text in figure.data[-1].text] == ["A", "<b>B</b>"]
    assert figure.layout.xaxis.type == figure.layout.yaxis.type == "log"
    low, high = figure.layout.yaxis.range
    assert 10**low < 0.1 and 0.4 < 10**high
