"""What the URL may say of a figure."""

import pytest

from app.figures.player import Frames
from app.widgets.figure_view import _zoom
from app.widgets.player import _frame


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("0_1_-2.5_1e-3", True),
        ("_".join("0123456789") + "_1_2", True),
        ("", False),
        ("0_1_2", False),
        ("0_1_2_nan", False),
        ("0_1_2_inf", False),
        ("0_1_2_x", False),
        ("_".join("0" * 20), False),
    ],
)
def test_a_zoom_is_four_finite_numbers_for_each_panel(text, kept):
    assert _zoom(text) == (text if kept else "")


@pytest.mark.parametrize(("text", "kept"), [("0", "0"), ("2", "2"), ("02", "2"), ("3", ""), ("-1", ""), ("²", "")])
def test_a_frame_is_one_that_the_figure_has(text, kept):
    assert _frame(text, Frames(["a", "b", "c"], [], 90, redraw=True)) == kept
