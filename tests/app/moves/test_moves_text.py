"""Moves in the form of a link and of a browser: they are read back unchanged, and other values are refused."""

import pytest

from app.inference.directions import KINDS, fitting, kind_of, needs_another_image
from app.models import registry
from app.move_text import STILL, as_text, from_browser, from_text
from app.moves import rows

ALL = {"to:5": 0.43, "x": 1.2, "y": -0.5, "brightness": 1.5, "slant": -2.0, "class": 0.5, "all else": 1.0}
DIGITS, PHOTOS = registry.by_id("mnist-gamma-1"), registry.by_id("gamma-1")


@pytest.mark.parametrize("moves", [ALL, {"y": 2.0}, {"to:3": -0.2}, {"ink": 1.0, "principal 1: slant": -3.0}])
def test_a_link_and_a_browser_say_the_same(moves):
    assert from_text(as_text(moves)) == moves == from_browser(moves)
    assert as_text(moves | {"thickness": 0.0}) == as_text(moves) and as_text(STILL) == ""


def test_an_earlier_link_said_two_directions_at_once():
    assert from_text("to:5:0.43~at:1.2:-0.5~with:0.5:1~brightness:1.5~slant:-2") == ALL
    assert from_text("at:0:2") == {"y": 2.0}


@pytest.mark.parametrize(
    "text",
    ["to:x", "to:5:nan", "at:1:inf", "with:x:1", "ink:1e9", "~", ":1", "a:b"],
)  # fmt: skip
def test_any_other_link_is_refused(text):
    with pytest.raises(ValueError):
        from_text(text)


def test_what_a_model_has_no_use_for_is_left_out():
    assert fitting(ALL | {"to:10": 1.0, "to:x": 1.0}, DIGITS) == {n: a for n, a in ALL.items() if n != "brightness"}
    assert "brightness" in fitting(ALL, PHOTOS)


@pytest.mark.parametrize(
    ("moves", "kind"),
    [
        (STILL, "class"),
        ({"x": 1.0}, "class"),
        ({"ink": 1.0}, "style"),
        ({"to:3": 0.4, "ink": 1.0}, "class"),
        ({"all else": 0.5}, "transplant"),
    ],
)
def test_moves_say_which_kind_of_move_is_shown(moves, kind):
    assert kind_of(moves, DIGITS) == kind and kind in KINDS
    assert needs_another_image(kind, moves, DIGITS) == (kind == "transplant")


@pytest.mark.parametrize(
    ("chosen", "gammas"),
    [
        ("mnist-gamma-1", [0.02, 0.2, 1, 35.65]),
        ("mnist-gamma-4.63", [0.02, 0.2, 4.63, 35.65]),
        ("mnist-only-lx", [0, 0.2, 4.63, 35.65]),
        ("mnist-only-ly", [0.02, 0.2, 4.63, float("inf")]),
        ("gamma-1", [0.02, 0.2, 1, 35.65]),
    ],
)
def test_the_models_are_this_one_and_others_over_the_family(chosen, gammas):
    found = rows.models_for(registry.by_id(chosen))
    assert [one.gamma for one in found] == gammas and chosen in [one.id for one in found]
