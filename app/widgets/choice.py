"""The choice of one of a few, in a row of buttons, kept in the URL."""

from collections.abc import Sequence

import streamlit as st

from app import state
from app.state import Value


def choose_one(
    label: str,
    options: Sequence[str],
    value: Value[str],
    explanation: str | None = None,
    wrap: bool = False,
    is_labelled: bool = True,
) -> str:
    """The chosen option, at first the first one.

    Arguments:
        label: of the widget.
        options: to choose from, at least one.
        value: that is chosen.
        explanation: what the choice does.
        wrap: whether buttons for which there is no room go into the next row.
        is_labelled: whether the label is shown.
    """
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
