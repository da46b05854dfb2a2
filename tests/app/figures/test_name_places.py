"""Where names stand beside the dots of a figure."""

import numpy as np

from app.figures.name_places import place_names


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
    sides, apart = [("top right",), ("bottom right",)], np.array([[0.0, 0.0], [0.0, 1.0]])
    assert None not in place_names(["one", "two"], 60 * apart, -1, sides=sides)
    assert place_names(["one", "two"], 46 * apart, -1, sides=sides) == ["top right", None]


def test_a_name_as_near_to_another_dot_as_to_its_own_is_left_out_unless_it_is_the_chosen_ones():
    sides, near = [("top right",), ("bottom right",)], np.array([[0.0, 0.0], [0.0, 30.0]])
    assert place_names(["one", "two"], near, -1, sides=sides) == [None, None]
    assert place_names(["one", "two"], near, 0, sides=sides) == ["top right", None]
