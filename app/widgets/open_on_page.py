"""Menus that open another page on an image or on a model."""

import streamlit as st

from app.widgets.markdown import markdown_text
from ibinn_core.checkpoint import Checkpoint

TARGETS = {
    "Interpolate from it": ("views/interpolate.py", "from"),
    "Interpolate to it": ("views/interpolate.py", "to"),
    "Inspect it": ("views/inspect_image.py", "image"),
    "Corrupt it step by step": ("views/ood.py", "image"),
    "Find it in latent space": ("views/latent.py", "mine"),
}

#: Pages that a model can be opened on, with the key of their choice: of one model, or of several.
MODEL_TARGETS = {
    "Start": ("views/start.py", "model"),
    "Latent space": ("views/latent.py", "model"),
    "Interpolate": ("views/interpolate.py", "model"),
    "Sample": ("views/sample.py", "model"),
    "Inspect": ("views/inspect_image.py", "model"),
    "Out of distribution": ("views/ood.py", "model"),
}
#: The same for models without a likelihood, which those pages compare with the others.
POSTERIOR_TARGETS = {
    "Inspect": ("views/inspect_image.py", "beside"),
    "Out of distribution": ("views/ood.py", "beside"),
}


def offer_model(checkpoint: Checkpoint, name: str, key: str) -> None:
    """A small menu that opens a page on a model.

    Arguments:
        checkpoint: the model; pages that it has nothing to show on are left out.
        name: what a person calls it.
        key: distinguishes several such menus of a page.
    """
    targets = MODEL_TARGETS if checkpoint.has_likelihood else POSTERIOR_TARGETS
    with st.popover(
        f"Open {markdown_text(name)}", icon=":material/arrow_outward:", help="Show this model on another page.", key=key
    ):
        for label, (page, choice) in targets.items():
            if st.button(label, key=f"{key}-{page}", width="stretch"):
                st.session_state[choice] = checkpoint.id if choice == "model" else [checkpoint.id]
                st.switch_page(page, query_params={choice: checkpoint.id})


def offer_carry(token: str, key: str) -> None:
    """A small menu that opens another page on the image.

    Arguments:
        token: of the image, as :class:`app.images.image_input.Picture` has it.
        key: distinguishes several such menus of a page.
    """
    with st.popover("Use elsewhere", icon=":material/arrow_outward:", help="Open another page on this image.", key=key):
        for label, (page, parameter) in TARGETS.items():
            if st.button(label, key=f"{key}-{page}-{parameter}", width="stretch"):
                query = {parameter: token, **({"add": "true"} if parameter == "mine" else {})}
                st.switch_page(page, query_params=query)


def offer_page(page: str, label: str, icon: str, **query: str) -> None:
    """A way to another page, as quiet as a link.

    Arguments:
        page: its path.
        label: what a person reads.
        icon: its name among the Material icons.
        query: parameters of its URL.
    """
    if st.button(label, icon=f":material/{icon}:", type="tertiary", key=f"to-{page}-{icon}"):
        st.switch_page(page, query_params=query)
