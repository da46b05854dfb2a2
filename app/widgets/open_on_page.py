"""A menu that opens an image on another page."""

import streamlit as st

from app import state
from app.state import Value

TARGETS = {
    "Walk from it": ("views/explore.py", Value("first", ""), {"tab": "walk"}),
    "Walk to it": ("views/explore.py", Value("second", ""), {"tab": "walk"}),
    "Inspect it": ("views/test_image.py", state.IMAGE, {"tab": "judge"}),
    "Change it by hand": ("views/explore.py", state.IMAGE, {"tab": "move"}),
    "Corrupt it step by step": ("views/test_image.py", state.IMAGE, {"tab": "corrupt"}),
    "Find it in latent space": ("views/explore.py", Value("mine", ""), {"tab": "look", "add": "true"}),
}


def show_image_menu(token: str, key: str) -> None:
    """Shows a menu that opens the image with this token on another page (:class:`app.images.pictures.Picture`)."""
    with st.popover("Use elsewhere", icon=":material/arrow_outward:", help="Open the image on another page.", key=key):
        for label, (page, value, more) in TARGETS.items():
            if st.button(label, key=f"{key}-{label}", width="stretch"):
                state.follow_link(page, {value.name: state.name_of(token), **more})
