"""Repairs of Streamlit in the browser: history, keyboard and phones."""

from pathlib import Path

import streamlit as st

from app.widgets.component import custom_component
from app.widgets.selectors import show_style

#: Only the thumb can be dragged, with some tolerance around it. Swipes elsewhere, and vertical swipes, scroll the page.
SLIDERS = """
@media (pointer: coarse) {
    «slider» [role=group] * { touch-action: pan-y !important; }
    «slider track» { pointer-events: none; }
    «slider thumb» { pointer-events: auto; }
    «slider thumb»::after { content: ""; position: absolute; inset: -14px; }
}
"""


def repair_browser() -> None:
    """Makes each choice one step of the Back button, and applies the other repairs; must come first on a page."""
    show_style(SLIDERS)
    with st.container(key="repairs-place"):  # takes no space on the page
        custom_component("repairs", Path(__file__), "<span></span>")(key="repairs", height=1)
