"""What the URL keeps of a figure, and what the browser's Back does to it."""

import pytest
import streamlit as st

from app.figures.player import Frames
from app.widgets import figure_memory, url
from app.widgets.figure_view import _zoom
from app.widgets.player import _frame


@pytest.fixture
def session(monkeypatch):
    """The session's state and the URL, without a session; ``session["back"]`` says that a person pressed Back."""
    state: dict = {"back": False}
    monkeypatch.setattr(st, "session_state", state)
    monkeypatch.setattr(st, "query_params", {})
    for module in (url, figure_memory):
        monkeypatch.setattr(module, "came_by_history", lambda: state["back"])
    return state


def test_a_link_says_where_a_person_zoomed_until_the_figure_is_another(session):
    st.query_params["zoom"] = "0_1_0_1"
    assert figure_memory.take("zoom", "gamma-1 means") == "0_1_0_1"
    assert figure_memory.take("zoom", "gamma-1 means") == "0_1_0_1"
    assert figure_memory.take("zoom", "gamma-1 lda") == "" and "zoom" not in st.query_params
    figure_memory.keep("zoom", "gamma-1 lda", "2_3_2_3")
    assert st.query_params["zoom"] == "2_3_2_3" and figure_memory.take("zoom", "gamma-1 lda") == "2_3_2_3"


def test_after_back_the_url_counts_and_not_what_the_session_remembers(session):
    url.take_from_url("model", str, "gamma-1")
    session["model"] = "gamma-2"
    st.query_params["model"] = "gamma-3"
    url.take_from_url("model", str, "gamma-1")
    assert session["model"] == "gamma-2"
    session["back"] = True
    url.take_from_url("model", str, "gamma-1")
    assert session["model"] == "gamma-3"
    del st.query_params["model"]
    url.take_from_url("model", str, "gamma-1")
    assert session["model"] == "gamma-1"


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
