"""What a phone expects of a page: a swipe scrolls it, and its menu closes behind the page that was chosen."""

from pathlib import Path

import streamlit as st

from app.widgets.component import own_component


def suit_phones() -> None:
    """Lets a finger scroll where it begins on a figure, and closes the menu; before anything else of a page."""
    with st.container(key="phone-place"):  # which takes no room on the page
        own_component("phone", Path(__file__), "<span></span>")(key="phone", height=1)
