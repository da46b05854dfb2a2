"""Choices that the URL keeps: one of a few, several, some classes."""

from collections.abc import Mapping, Sequence

import streamlit as st

from app import state
from app.figures.classes import MOST, TOP
from app.state import Value
from app.widgets.markdown import markdown_text
from ibinn_core.data import Dataset


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


def choose_classes(dataset: Dataset, default: Sequence[str], value: Value[list[str]], explanation: str) -> list[str]:
    """The names of the chosen classes, in the order of the labels; empty if none is chosen. Kept in the URL.

    Where colours cannot tell all classes apart, superclasses can be chosen as well; each stands for its classes. Of all
    that is chosen there only the first ten classes count, as many as there are colours, and the rest is named.
    """
    if dataset.num_classes <= MOST:
        picked = st.pills(
            "Classes",
            dataset.classes,
            selection_mode="multi",
            default=list(default),
            format_func=markdown_text,
            **state.bound(value),
            wrap=True,
            help=explanation,
        )
    else:
        picked = st.multiselect(
            "Classes",
            [*dataset.superclasses, *dataset.classes],
            list(default),
            max_selections=TOP,
            **state.bound(value),
            help=explanation,
        )
    # Each once, in the order of the choice.
    meant = list(dict.fromkeys(name for choice in picked for name in dataset.superclasses.get(choice, (choice,))))
    if dataset.num_classes > MOST and (left := meant[TOP:]):
        st.caption(f"At most {TOP} classes can be shown at once. Left out: {markdown_text(', '.join(left))}.")
        meant = meant[:TOP]
    return [name for name in dataset.classes if name in meant]


def explain_limit(dataset: Dataset, shown: str) -> None:
    """Says that there are more classes than colours, if there are; ``shown`` follows "shown are"."""
    if dataset.num_classes > MOST:
        groups = f", or one of the {len(dataset.superclasses)} superclasses" if dataset.superclasses else ""
        st.caption(
            f"{dataset.num_classes} classes are more than colours can tell apart: shown are {shown}. Choose others"
            f"{groups}."
        )
