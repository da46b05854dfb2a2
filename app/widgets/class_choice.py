"""The choice of some classes: all of a few stand side by side, of many a person searches in a list."""

from collections.abc import Sequence

import streamlit as st

from app import state
from app.figures.classes import MOST, TOP
from app.state import Value
from app.widgets.markdown import markdown_text
from ibinn_core.data import Dataset


def choose_classes(
    label: str, dataset: Dataset, default: Sequence[str], value: Value[list[str]], explanation: str
) -> list[str]:
    """The names of the chosen classes, in the order of the labels; empty if none is chosen. Kept in the URL.

    Where colours cannot tell all classes apart, superclasses can be chosen as well; each stands for its classes.
    """
    if dataset.num_classes <= MOST:
        picked = st.pills(
            label,
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
            label,
            [*dataset.superclasses, *dataset.classes],
            list(default),
            max_selections=TOP,
            **state.bound(value),
            help=explanation,
        )
    meant = {name for choice in picked for name in dataset.superclasses.get(choice, (choice,))}
    return [name for name in dataset.classes if name in meant]


def explain_limit(dataset: Dataset, shown: str) -> None:
    """Says that there are more classes than colours, if there are; ``shown`` follows "shown are"."""
    if dataset.num_classes > MOST:
        groups = f", or one of the {len(dataset.superclasses)} superclasses" if dataset.superclasses else ""
        st.caption(
            f"{dataset.num_classes} classes are more than colours can tell apart: shown are {shown}. Choose others"
            f"{groups}."
        )
