"""The widget for a page's image: a thumbnail, and a dialog to choose another image."""

import numpy as np
import streamlit as st

from app import state
from app.figures.layout import as_rgb, png_uri
from app.images import dialog, pictures
from app.images.pictures import Picture, are_drawn
from app.models import registry
from app.models.faults import quiet_faults
from app.state import Value
from app.widgets.markdown import markdown_text

THUMBNAIL = 40  # CSS pixels; the figures show the image larger


def pick_image(value: Value[str], title: str, picture: Picture) -> None:
    """Shows the chosen image, and a button that opens a dialog to choose another."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False):
        with st.container(width="content"):
            show_image(picture.pixels, f"{title}: {picture.name}", THUMBNAIL)
        st.caption(f"{title}: {markdown_text(picture.name)}", width="content")
        _change(value, picture)
    if picture.token.startswith(pictures.SAMPLE) and are_drawn():
        title_of_data = markdown_text(registry.dataset().title)
        st.caption(
            f"No image of {title_of_data} is on this machine, so a model drew this image.", help=pictures.how_to_get()
        )


def show_image(pixels: np.ndarray, alt: str, width: int) -> None:
    """Shows a small image, uint8 ``(H, W, C)``, enlarged by a whole factor to at most ``width`` CSS pixels, unblurred.

    The image is a data URI. Streamlit would keep an array as a file until the next run of the page. A run that comes
    before the browser has fetched that file would leave a broken image.
    """
    side = pixels.shape[1]
    times = max(1, width // side)
    # Twice the CSS pixels, for sharp images on high-resolution screens.
    st.image(png_uri(as_rgb(pixels), 2 * times), width=times * side, alt=alt)


@st.fragment  # so that the page below does not run again only to open the dialog
def _change(value: Value[str], picture: Picture) -> None:
    if st.button("Change", key=f"{value.name}-change"):
        _choose(value, picture)
    else:
        # Streamlit puts dialogs and styles into one container: a dialog would take the slot of the page's next style.
        for _ in range(2):  # one slot for the dialog, and one for the dialog's style
            st.html("<style></style>")


@st.dialog("Choose an image", width="large")
def _choose(value: Value[str], picture: Picture) -> None:
    chosen = None
    with quiet_faults():
        chosen = dialog.browse(value.name, picture)
    if chosen is not None:
        state.put(value, chosen.token)
        # When the dialog closes, the browser goes one step back in its history, and then the URL decides.
        state.link(value, chosen.token)
        st.rerun()  # closes the dialog
