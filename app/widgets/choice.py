"""A choice of several options that the URL stores."""

from collections.abc import Mapping

import streamlit as st

from app import state
from app.state import Value
from app.widgets.markdown import markdown_text


def choose_several(
    label: str, names: Mapping[str, str], value: Value[list[str]], default: list[str], explanation: str
) -> list[str]:
    """Shows a choice of options with ``names``; returns the chosen ids in the order in which they were chosen."""
    state.begin(value, default, state.some_among(names))
    return st.pills(
        label,
        list(names),
        selection_mode="multi",
        format_func=lambda id: markdown_text(names[id]),
        **state.bound(value),
        help=explanation,
        wrap=True,
    )
