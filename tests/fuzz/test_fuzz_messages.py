"""Changed messages from browsers to components of the app, as an older tab or an attacker may send them."""

import copy
import json
import math
import random

import numpy as np
import pytest
import streamlit as st
from mutations import HOSTILE, fuzz, rewritten

from app import play_text, state
from app.images import pad
from app.images.handwriting import written
from app.latent_space import plane
from app.lessons import navigation, notes
from app.lessons.course import LessonStep
from app.move_text import STILL, as_text, from_browser
from app.playground import element
from app.reading import one_of, whole
from app.widgets import figure

pytestmark = pytest.mark.slow

STROKES = [[[0.1, 0.2], [0.5, 0.6]], [[0.3, 0.3]]]
#: Valid messages of our components, by the keys of the components.
MESSAGES = {
    "slider": {"gamma": 4.63},
    "cloud": {"picked": [3, "gamma-1"]},
    "plane": {"dot": 7, "lasso": [1, 2, 30]},
    "stage-button": {"on": 1, "page": -1, "code": 1},
    "pad": {"written": {"strokes": STROKES, "number": 4}},
    navigation.BROWSER: {
        "turn": 1,
        "kept": {"last": "bayes", "finished": ["gamma"], "places": {"bayes": {"step": "try", "guess": "3"}}},
    },
    notes.FOLLOWER: {"place": {"lesson": "gamma", "step": "reveal"}},
    "moves-mnist": {"moves": {"to:5": 0.4, "x": 1.0, "y": -2.5, "ink": 1.5, "all else": 1}},
    element.KEY: {"play": {"play": "spiral~classes:3~a:ib:10~at:1:-2~steps:40", "painted": "abcDEF.gh_"}},
}


def deep(depth: int) -> object:
    value: object = 1
    for _ in range(depth):
        value = [value]
    return value


def changed(rng: random.Random) -> tuple[str, object]:
    """A message with another value, type or shape, and the component that receives it."""
    key = rng.choice(list(MESSAGES))
    message = copy.deepcopy(MESSAGES[key])
    kind = rng.choice(["rewrite"] * 8 + ["whole", "deep", "other"])
    if kind == "rewrite":
        for _ in range(rng.choice([1, 1, 2, 4])):
            if message:
                message = copy.deepcopy(rewritten(message, rng))  # so that no two messages share a list
    elif kind == "whole":
        message = rng.choice(HOSTILE)
    elif kind == "deep":
        message[rng.choice(list(message))] = deep(rng.choice([50, 5000]))
    else:
        message = copy.deepcopy(rng.choice(list(MESSAGES.values())))
    return key, message


def read(key: str) -> bool:
    """Reads a component's message as pages do; returns whether it had a valid value."""
    if key == "slider":
        gamma = state.from_component(key, "gamma", state.GAMMA.parse, None)
        assert gamma is None or 0 <= gamma <= math.inf
        return gamma is not None
    if key == "cloud":
        picked = state.from_component(key, "picked", figure._picks, [])
        assert all(isinstance(one, str) or type(one) is int for one in picked)
        return bool(picked)
    if key == "plane":
        dot = state.from_component(key, "dot", whole(0, plane.MAX_ROWS), None)
        lasso = state.from_component(key, "lasso", plane._rows, [])
        assert all(0 <= row <= plane.MAX_ROWS for row in (*lasso, *([] if dot is None else [dot])))
        return bool(lasso) or dot is not None
    if key == "stage-button":
        assert state.from_component(key, "page", one_of(1, -1), 0) in (-1, 0, 1)
        return state.from_component(key, "on", one_of(0, 1), 0) == 1
    if key == "pad":
        text, number = pad._last_message(key)
        pixels = written(text)
        assert pixels.dtype == np.uint8 and pixels.shape == (1, 28, 28, 1)
        return number > 0
    if key == navigation.BROWSER:
        kept = navigation.kept_progress()
        assert kept is None or all(isinstance(place, LessonStep) for place in kept.places.values())
        return navigation.pressed() != 0
    if key == notes.FOLLOWER:
        return state.from_component(key, "place", notes._place, None) is not None
    if key == element.KEY:
        said = state.from_component(key, "play", element.read, None)
        if said is None:
            return False
        assert play_text.from_text(said[0])
        assert len(said[1]) <= play_text.LONGEST
        return True
    moves = state.from_component(key, "moves", from_browser, STILL)
    assert all(isinstance(name, str) for name in moves) and all(map(math.isfinite, moves.values()))
    assert len(as_text(moves)) < 10_000
    return moves != STILL


@pytest.fixture
def session(monkeypatch) -> dict:
    kept: dict = {}
    monkeypatch.setattr(st, "session_state", kept)
    monkeypatch.setattr(st, "query_params", {})
    return kept


def test_what_our_components_send_counts(session):
    assert json.loads(json.dumps(MESSAGES)) == MESSAGES
    session.update(copy.deepcopy(MESSAGES))
    assert all(read(key) for key in MESSAGES)


def test_whatever_a_browser_sends_is_read_or_passed_over(session):
    def send(rng: random.Random) -> str:
        key, message = changed(rng)
        session.clear()
        session[key] = message
        return "counts" if read(key) else "is passed over"

    found = fuzz(3 * 10**6, send)
    assert found["counts"] and found["is passed over"]
