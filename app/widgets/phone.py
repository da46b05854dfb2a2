"""On a phone the menu closes behind the page that was chosen."""

from pathlib import Path

import streamlit as st

from app.widgets.component import own_component


def suit_phones() -> None:
    """Closes the menu; before anything else of a page."""
    with st.container(key="phone-place"):  # which takes no room on the page
        own_component("phone", Path(__file__), "<span></span>")(key="phone", height=1)
