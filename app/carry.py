"""Taking an image along from one page to another."""

import streamlit as st

TARGETS = {
    "Interpolate from it": ("views/interpolate.py", "from"),
    "Interpolate to it": ("views/interpolate.py", "to"),
    "Inspect it": ("views/inspect_image.py", "image"),
    "Drive it out of the distribution": ("views/ood.py", "image"),
    "Find it in latent space": ("views/latent.py", "mine"),
}


def offer_carry(token: str, key: str) -> None:
    """A small menu that opens another page on the image.

    Arguments:
        token: of the image, as :class:`app.gallery.Picture` has it.
        key: distinguishes several such menus of a page.
    """
    with st.popover("Take along", icon=":material/arrow_outward:", help="Open another page on this image.", key=key):
        for label, (page, parameter) in TARGETS.items():
            if st.button(label, key=f"{key}-{page}-{parameter}", width="stretch"):
                query = {parameter: token, **({"add": "true"} if parameter == "mine" else {})}
                st.switch_page(page, query_params=query)
