"""Keeps a widget and the URL in step, so that a link reopens a page as it was."""

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

T = TypeVar("T")


def take_from_url(key: str, parse: Callable[[str], T], default: T) -> None:
    """Sets a widget from the URL when a session begins. Streamlit's own binding would put labels there, not ids."""
    if key in st.session_state:
        # Streamlit forgets a widget's value when the page that showed it is left; a value that is set stays.
        st.session_state[key] = st.session_state[key]
    else:
        st.session_state[key] = parse(st.query_params[key]) if key in st.query_params else default


def put_into_url(key: str, value: str, default: str) -> None:
    """Keeps the URL in step with a widget, and short where the value is the default."""
    if value != default:
        st.query_params[key] = value
    elif key in st.query_params:
        del st.query_params[key]
