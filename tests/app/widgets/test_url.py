"""What the browser's Back does to a value that the URL keeps."""

import pytest
import streamlit as st

from app.widgets import url


@pytest.fixture
def session(monkeypatch):
    """The session's state and the URL, without a session; ``session["back"]`` says that a person pressed Back."""
    state: dict = {"back": False}
    monkeypatch.setattr(st, "session_state", state)
    monkeypatch.setattr(st, "query_params", {})
    monkeypatch.setattr(url, "came_by_history", lambda: state["back"])
    return state


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
