"""Makes each choice a single step of the browser's Back button."""

from pathlib import Path

import streamlit as st

from app.widgets.component import custom_component


def keep_history_short() -> None:
    """Merges all URL changes of one choice into one entry of the browser's history; must come first on a page."""
    with st.container(key="history-place"):  # takes no space on the page
        custom_component("history", Path(__file__), "<span></span>")(key="history", height=1)
