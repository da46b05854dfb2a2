"""The choice of a seed, kept in the URL."""

import streamlit as st

from app import state
from app.state import Value


def pick_seed(value: Value[int], explanation: str, width: int | None = None) -> int:
    """A seed; ``width`` is that of the widget in CSS pixels, as wide as there is room if ``None``."""
    # Streamlit's own binding would raise an error for ?seed=inf, which is a number and no whole one.
    state.begin(value)
    seed = st.number_input("Seed", **state.bound(value), help=explanation, width=width or "stretch")
    state.link(value, seed)
    return seed
