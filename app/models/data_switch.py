"""The switch of the data set, in the same place on all pages that have it, and in the URL as ``?data=``."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app import state
from app.models import registry
from app.models.faults import say_missing
from app.widgets.markdown import markdown_text
from app.widgets.stage import is_on_stage
from ibinn_core.checkpoint import Checkpoint

ROOM = 3  # up to this many data sets are buttons; more are a list


def show_switch(row: DeltaGenerator | None = None, only: str | None = None, here: str | None = None) -> None:
    """Shows the switch if there are several data sets. Each data set remembers its models and images.

    ``only`` is the one data set of a page: it becomes the choice without a switch. ``here`` is the fixed data set of a
    panel: there is no switch either, but the user's choice stays. If a ``row`` is given, it holds the switch.
    """
    titles = registry.titles()
    default = next(iter(titles), "")
    asked = state.in_url(state.DATA) or default
    if titles and asked not in titles:
        say_missing("a data set", markdown_text(titles[default]))
        state.link(state.DATA, default, default)
    if len(titles) < 2:
        return
    state.begin(state.DATA, default, state.among(titles))
    if only in titles:
        state.put(state.DATA, picked := only)
    elif here in titles:
        picked = here
    else:
        with (row or st).container(key="data-switch", width="content"):
            picked = _pick(titles)
    before = state.get(state.DATA_SHOWN) or picked
    if picked != before:
        state.switch_data_set(before, picked)
    state.put(state.DATA_SHOWN, picked)
    state.link(state.DATA, state.get(state.DATA), default)


def say_custom_split() -> None:
    """Shows a note below a page with CIFAR-100's models if their test images are not the official ones."""
    divided = next((one for one in registry.all_checkpoints() if one.custom_split), None)
    if divided and not is_on_stage():
        examples = "The example images are official test images, and may be training images here."
        st.caption(f"{custom_split_text(divided)} {examples}")


def custom_split_text(checkpoint: Checkpoint) -> str:
    """A note if the test images are not the official test images, otherwise empty."""
    if not checkpoint.custom_split:
        return ""
    training, test = checkpoint.custom_split
    return (
        f"{checkpoint.dataset.title} uses its own split here, {training:,} training and {test:,} test images. So "
        "compare the numbers with published numbers only roughly."
    )


def _pick(titles: dict[str, str]) -> str:
    """Shows buttons for a few data sets or a list for many; returns the choice."""
    name, label_of = "Data set", titles.__getitem__
    if len(titles) > ROOM:
        return st.selectbox(name, list(titles), format_func=label_of, key=state.DATA.name, label_visibility="collapsed")
    picked = st.segmented_control(
        name,
        list(titles),
        format_func=lambda one: markdown_text(titles[one]),
        key=state.DATA.name,
        label_visibility="collapsed",
        required=True,
    )
    return picked or next(iter(titles))
