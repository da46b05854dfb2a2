"""Moves in the form of a link and of a browser: they are read back unchanged, and other values are refused."""

import json
import math

import pytest

from app.move_text import KINDS, STILL, Moves, as_text, fitting, from_browser, from_text, kind_of

ALL = Moves(5, 0.43, (1.2, -0.5), {"brightness": 1.5, "slant": -2.0}, (0.5, 1.0))
AS_SAID = json.loads(json.dumps(STILL._asdict()))


@pytest.mark.parametrize(
    "moves",
    [ALL, Moves(shift=(0.0, 2.0)), Moves(3, -0.2), Moves(styles={"ink": 1.0, "principal 1: slant": -3.0}),
     Moves(graft=(0.0, 1.0))],
)  # fmt: skip
def test_a_link_and_a_browser_say_the_same(moves):
    assert from_text(as_text(moves)) == moves
    assert from_browser(json.loads(json.dumps(moves._asdict()))) == moves


def test_a_link_says_nothing_of_what_does_not_move():
    assert as_text(STILL) == "" == as_text(Moves(5, 0.0, (0.0, 0.0), {"ink": 0.0}))
    assert as_text(ALL) == "to:5:0.43~at:1.2:-0.5~with:0.5:1~brightness:1.5~slant:-2"


@pytest.mark.parametrize(
    "text",
    ["to:5", "to:x:1", "to:5:nan", "at:1", "at:1:inf", "with:1", "with:x:1", "ink:1e9", "~", ":1", "a:b"],
)  # fmt: skip
def test_any_other_link_is_refused(text):
    with pytest.raises(ValueError):
        from_text(text)


@pytest.mark.parametrize(
    "said",
    [
        None,
        [],
        {},
        {**AS_SAID, "target": -1},
        {**AS_SAID, "target": True},
        {**AS_SAID, "alpha": math.nan},
        {**AS_SAID, "shift": [1]},
        {**AS_SAID, "shift": [1, "2"]},
        {**AS_SAID, "styles": {"ink": None}},
        {**AS_SAID, "graft": None},
        {**AS_SAID, "graft": [1, math.inf]},
        {**AS_SAID, "styles": {str(n): 1 for n in range(99)}},
    ],
)
def test_a_browser_may_say_anything(said):
    with pytest.raises(ValueError):
        from_browser(said)


def test_what_a_model_has_no_use_for_is_left_out():
    assert fitting(ALL, 10, {"slant": 0}) == ALL._replace(styles={"slant": -2.0})
    assert fitting(ALL, 3, {}) == Moves(shift=(1.2, -0.5), graft=(0.5, 1.0))


@pytest.mark.parametrize(
    ("moves", "kind"),
    [
        (STILL, "class"),
        (Moves(shift=(1.0, 0.0)), "class"),
        (Moves(styles={"ink": 1.0}), "style"),
        (Moves(3, 0.4, styles={"ink": 1.0}), "class"),
        (Moves(graft=(0.0, 0.5)), "transplant"),
    ],
)
def test_moves_say_which_kind_of_move_is_shown(moves, kind):
    assert kind_of(moves) == kind and kind in KINDS
