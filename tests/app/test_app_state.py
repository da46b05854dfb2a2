"""The values of a link and a session: each comes back unchanged, and invalid ones are ignored."""

import math
import re
from pathlib import Path

import pytest
import streamlit as st

from app import state

APP = Path(state.__file__).parent
IN_URL = [value for value in state.VALUES if value.place != "session"]
LINKED = [value for value in IN_URL if value.place == "url"]
SAMPLES = {
    "step": "reveal",
    "moves": {"to:5": 0.4, "x": 1.0, "y": -2.5, "ink": 1.5},
    "play": "spiral~classes:3~noise:0.05~steps:700~a:ib:10~b:class-nll:1~at:1.5:-2",
    "painted": "abcDEF.gh_",
    **dict.fromkeys(("models", "beside", "drawn"), ["gamma-1", "only-lx"]),
}


def sample_of(value: state.Value) -> object:
    """A value that is not the default."""
    if value.name in SAMPLES:
        return SAMPLES[value.name]
    return {bool: True, int: 3, float: 4.5, str: "some"}[type(value.default)]


@pytest.fixture
def session(monkeypatch):
    """The session's state and the URL, without a session; ``session["back"]`` says that a person pressed Back."""
    kept: dict = {"back": False}
    monkeypatch.setattr(st, "session_state", kept)
    monkeypatch.setattr(st, "query_params", {})
    monkeypatch.setattr(state, "came_by_history", lambda: kept["back"])
    return kept


def test_nothing_else_touches_the_session_or_the_url():
    touch = re.compile(r"session_state|st\.query_params|query-params|persist_state")
    files = {path.relative_to(APP).as_posix(): path.read_text("utf-8") for path in APP.rglob("*.py")}
    assert touch.search(files.pop("state.py")) and len(files) > 80
    assert not {name for name, text in files.items() if touch.search(text)}


@pytest.mark.parametrize(
    "value", [v for v in IN_URL if v.place == "url" and v is not state.NOTES], ids=lambda v: v.name
)
def test_a_link_brings_a_value_back_and_says_nothing_of_the_default(session, value):
    new = sample_of(value)
    state.link(value, new)
    assert state.in_url(value) == new != value.default
    assert state.begin(value) == new and session[value.name] == new
    assert state.query({value: new}) == {value.name: value.text(new)}
    state.link(value, value.default)
    assert st.query_params == {} and state.in_url(value) is None and state.query({value: value.default}) == {}


@pytest.mark.parametrize(("text", "gamma"), [("1", 1), ("1e9", 1e9), ("inf", math.inf), ("-1", None), ("nan", None)])
def test_a_gamma_in_a_link_is_in_the_range_or_nothing(session, text, gamma):
    st.query_params["gamma"] = text
    assert state.in_url(state.GAMMA) == gamma


def test_what_the_page_has_no_use_for_gives_way_to_the_default(session):
    st.query_params["models"] = "gone,gamma-1"
    assert state.begin(state.MODELS, ["first"], state.some_among(["gamma-1"])) == ["gamma-1"]
    assert state.begin(state.MODELS, ["first"], state.some_among(["first"])) == ["first"]  # the other was removed
    session["models"] = None  # as a widget without a choice has it
    assert state.begin(state.MODELS, ["first"], state.some_among(["first"])) == []
    session["model"] = "gone"
    assert state.begin(state.MODEL, "first", state.among(["first"])) == "first"


@pytest.mark.parametrize("value", LINKED, ids=lambda one: one.name)
def test_after_back_the_url_counts_and_not_what_the_session_remembers(session, value):
    new = sample_of(value)
    session[value.name] = "remembered"
    st.query_params[value.name] = value.text(new)
    assert state.begin(value) == "remembered"
    session["back"] = True
    assert state.begin(value) == (new if value.place == "url" else "remembered")
    del st.query_params[value.name]
    assert state.begin(value) == (value.default if value.place == "url" else "remembered")


def test_a_url_of_some_values_alone_keeps_those_that_it_is_told_to(session):
    st.query_params.update(stage="true", model="gamma-1")
    st.query_params = type("Query", (dict,), {"from_dict": lambda self, new: (self.clear(), self.update(new))})(
        st.query_params
    )
    state.link_only({state.LESSON: "gamma", state.STEP: "question"}, [state.STAGE, state.NOTES])
    assert st.query_params == {"stage": "true", "lesson": "gamma"}


def test_an_event_is_taken_once(session):
    state.put(state.SLIDER, 3.0)
    assert state.take(state.SLIDER) == 3 and state.take(state.SLIDER) == 1


def test_another_data_set_puts_away_what_belongs_to_one_and_brings_it_back(session):
    before = {value.name: f"of A: {value.name}" for value in state.VALUES if "{}" not in value.name}
    del before[state.PUT_AWAY.name]
    session.update(before)
    st.query_params.update({value.name: "in the URL" for value in IN_URL})
    state.switch_data_set("A", "B")
    own = {value.name for value in state.VALUES if value.scope == "data set"}
    assert {"model", "image", "models"} <= own and "data" not in own
    assert not own & session.keys() and before.keys() - own <= session.keys()
    linked = {value.name for value in IN_URL if value.scope == "data set" and value.place == "url"}
    assert st.query_params.keys() == {value.name for value in IN_URL} - linked  # Streamlit keeps those of its widgets
    session["model"] = "of B"
    state.switch_data_set("B", "A")
    assert {name: session[name] for name in own} == {name: before[name] for name in own}
    state.switch_data_set("A", "B")
    assert session["model"] == "of B" and "image" not in session


def test_after_back_to_another_data_set_the_url_says_what_was_chosen_of_it(session):
    session.update(model="of A", back=True)
    st.query_params["model"] = "of B"
    state.switch_data_set("A", "B")
    assert "model" not in session and st.query_params["model"] == "of B"
