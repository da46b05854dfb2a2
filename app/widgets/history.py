"""One step of the browser's Back for each choice."""

from pathlib import Path

import streamlit as st

from app.widgets.component import custom_component


def keep_history_short() -> None:
    """Makes all URL changes of one choice a single entry of the browser's history; must come first on a page."""
    with st.container(key="history-place"):  # which takes no room on the page
        custom_component("history", Path(__file__), "<span></span>")(key="history", height=1)
