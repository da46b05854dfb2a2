"""The widget for a page's image, which shows a thumbnail, keeps the choice in the URL, and opens a dialog."""

import numpy as np
import streamlit as st

from app import state
from app.figures.layout import as_rgb, png_uri
from app.images import dialog, pictures
from app.images.pictures import Picture, are_drawn, from_token, sample
from app.models import registry
from app.models.faults import quiet_faults, say_missing
from app.state import Value
from app.widgets.markdown import markdown_text

THUMBNAIL = 40  # CSS pixels; the figures show the image larger


def pick_image(value: Value[str], title: str, default: int) -> Picture:
    """Shows the choice of an image and returns the image; ``default`` is the index of the sample chosen at first."""
    picture = _picked(value, title, default)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False):
        with st.container(width="content"):
            show_image(picture.pixels, f"{title}: {picture.name}", THUMBNAIL)
        st.caption(f"{title}: {markdown_text(picture.name)}", width="content")
        _change(value, picture, sample(default).token)
    if picture.token.startswith(pictures.SAMPLE) and are_drawn():
        title_of_data = markdown_text(registry.dataset().title)
        st.caption(
            f"No image of {title_of_data} is on this machine, so a model drew this image.", help=pictures.how_to_get()
        )
    return picture


def _picked(value: Value[str], title: str, default: int) -> Picture:
    """The currently chosen image."""
    # On another page, the URL has lost the choice, but the session keeps it.
    token = state.in_url(value) or ("" if state.came_by_history() else state.get(value))
    picture = from_token(token)
    if picture is None:
        picture = sample(default)
        if token:
            say_missing("an image", "An example image")
    if token:  # without a choice, each page has its own default
        state.put(value, picture.token)
    state.link(value, picture.token, sample(default).token)
    return picture


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
def _change(value: Value[str], picture: Picture, default: str) -> None:
    if st.button("Change", key=f"{value.name}-change"):
        _choose(value, picture, default)
    else:
        # Streamlit puts dialogs and styles into one container: a dialog would take the slot of the page's next style.
        for _ in range(2):  # one slot for the dialog, and one for the dialog's style
            st.html("<style></style>")


@st.dialog("Choose an image", width="large")
def _choose(value: Value[str], picture: Picture, default: str) -> None:
    chosen = None
    with quiet_faults():
        chosen = dialog.browse(value.name, picture)
    if chosen is not None:
        state.put(value, chosen.token)
        state.link(value, chosen.token, default)
        st.rerun()  # closes the dialog
