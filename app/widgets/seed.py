"""The choice of a seed, kept in the URL."""

import streamlit as st

from app.widgets.url import put_into_url, take_from_url

LARGEST = 9999


def pick_seed(key: str, explanation: str, width: int | None = None) -> int:
    """A seed from 0 to :data:`LARGEST`; 0 where the URL has none, or nonsense.

    Arguments:
        key: of the widget, and name of the URL's parameter.
        explanation: what the seed draws.
        width: of the widget in CSS pixels; as wide as there is room if ``None``.
    """
    # Streamlit's own binding would raise an error for ?seed=inf, which is a number and no whole one.
    take_from_url(key, _parse, 0)
    seed = st.number_input(
        "Seed", 0, LARGEST, key=key, persist_state="session", help=explanation, width=width or "stretch"
    )
    put_into_url(key, str(seed), "0")
    return seed


def _parse(text: str) -> int:
    """A seed as a URL has it; 0 where it has none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST)) else 0
