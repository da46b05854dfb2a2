"""The choice of one of a few, or of several, in a row of buttons, kept in the URL."""

from collections.abc import Mapping, Sequence

import streamlit as st

from app import state
from app.state import Value
from app.widgets.markdown import markdown_text


def choose_one(
    label: str,
    options: Sequence[str],
    value: Value[str],
    explanation: str | None = None,
    wrap: bool = False,
    is_labelled: bool = True,
) -> str:
    """The chosen one of some options, at first the first; ``wrap`` puts those without room into another row."""
    chosen = st.segmented_control(
        label,
        options,
        default=options[0],
        required=True,
        **state.bound(value),
        wrap=wrap,
        help=explanation,
        label_visibility="visible" if is_labelled else "collapsed",
    )
    return options[0] if chosen is None else chosen  # ?key= without a value chooses nothing, though one is required


def choose_several(
    label: str, names: Mapping[str, str], value: Value[list[str]], default: list[str], explanation: str
) -> list[str]:
    """The chosen ids of those with ``names``, in the order of their choice."""
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
