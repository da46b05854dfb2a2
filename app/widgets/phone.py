"""On a phone the menu closes behind the page that was chosen, and a swipe that begins on a slider scrolls."""

from pathlib import Path

import streamlit as st

from app.widgets.component import custom_component
from app.widgets.selectors import show_style

#: A finger drags only the thumb, or starts close to it. Anywhere else, and up or down, it scrolls.
SLIDERS = """
@media (pointer: coarse) {
    «slider» [role=group] * { touch-action: pan-y !important; }
    «slider track» { pointer-events: none; }
    «slider thumb» { pointer-events: auto; }
    «slider thumb»::after { content: ""; position: absolute; inset: -14px; }
}
"""


def suit_phones() -> None:
    """Does both; must come first on a page."""
    show_style(SLIDERS)
    with st.container(key="phone-place"):  # which takes no room on the page
        custom_component("phone", Path(__file__), "<span></span>")(key="phone", height=1)
