"""Menus that open another page on an image or on a model."""

from typing import Any

import streamlit as st

from app import state
from app.widgets.markdown import markdown_text
from ibinn_core.checkpoint import Checkpoint

TARGETS = {
    "Interpolate from it": ("views/interpolate.py", state.FROM),
    "Interpolate to it": ("views/interpolate.py", state.TO),
    "Inspect it": ("views/inspect_image.py", state.IMAGE),
    "Change it by hand": ("views/move.py", state.IMAGE),
    "Corrupt it step by step": ("views/ood.py", state.IMAGE),
    "Find it in latent space": ("views/latent.py", state.MINE),
}

#: Pages that a model can be opened on, and those that compare one without a likelihood with the others.
MODEL_TARGETS = {
    "Start": "views/start.py",
    "Latent space": "views/latent.py",
    "Interpolate": "views/interpolate.py",
    "Move": "views/move.py",
    "Sample": "views/sample.py",
    "Inspect": "views/inspect_image.py",
    "Out of distribution": "views/ood.py",
}
POSTERIOR_TARGETS = {label: MODEL_TARGETS[label] for label in ("Inspect", "Out of distribution")}


def offer_model(checkpoint: Checkpoint, name: str, key: str) -> None:
    """A small menu that opens a page on a model; pages that it has nothing to show on are left out."""
    value: state.Value[Any] = state.MODEL if checkpoint.has_likelihood else state.BESIDE
    chosen = checkpoint.id if checkpoint.has_likelihood else [checkpoint.id]
    targets = MODEL_TARGETS if checkpoint.has_likelihood else POSTERIOR_TARGETS
    with st.popover(
        f"Open {markdown_text(name)}", icon=":material/arrow_outward:", help="Show this model on another page.", key=key
    ):
        for label, page in targets.items():
            if st.button(label, key=f"{key}-{page}", width="stretch"):
                state.put(value, chosen)
                st.switch_page(page, query_params=state.query({value: chosen}))


def offer_carry(token: str, key: str) -> None:
    """A small menu that opens another page on an image, whose token :class:`app.images.pictures.Picture` has."""
    with st.popover("Use elsewhere", icon=":material/arrow_outward:", help="Open another page on this image.", key=key):
        for label, (page, value) in TARGETS.items():
            if st.button(label, key=f"{key}-{page}-{value.name}", width="stretch"):
                query = state.query({value: token, state.ADD: value is state.MINE})
                st.switch_page(page, query_params=query)


def offer_page(page: str, label: str, icon: str, **query: str) -> None:
    """A way to another page, as quiet as a link, with one of the Material icons."""
    if st.button(label, icon=f":material/{icon}:", type="tertiary", key=f"to-{page}-{icon}"):
        st.switch_page(page, query_params=query)
