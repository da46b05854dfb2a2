"""Keeps a widget and the URL in step, so that a link reopens a page as it was, and so does the browser's Back."""

from collections.abc import Callable
from typing import TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

T = TypeVar("T")


def came_by_history() -> bool:
    """Whether the page runs because a person pressed the browser's Back or Forward: then the URL says what to show."""
    return bool(getattr(get_script_run_ctx(), "is_history_navigation", False))


def take_from_url(key: str, parse: Callable[[str], T], default: T) -> None:
    """Sets a widget from the URL when a session begins, and after Back or Forward.

    Streamlit's own binding would put labels there, not ids.
    """
    if key in st.session_state and not came_by_history():
        # Streamlit forgets a widget's value when the page that showed it is left; a value that is set stays.
        st.session_state[key] = st.session_state[key]
    else:
        st.session_state[key] = parse(st.query_params[key]) if key in st.query_params else default


def put_into_url(key: str, value: str, default: str) -> None:
    """Keeps the URL in step with a widget, and short where the value is the default."""
    if value != default:
        if st.query_params.get(key) != value:
            st.query_params[key] = value
    elif key in st.query_params:
        del st.query_params[key]
