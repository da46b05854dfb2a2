"""A small image on a page, and what decoded ones look like.

Images on pages are data URIs. Streamlit would keep an array as a file of the server until the next run of the page, and
a run that comes before the browser has fetched it leaves a broken image.
"""

import numpy as np
import streamlit as st

from app.figures.layout import as_rgb, png_uri

MOSTLY = 0.6  # share of the values of an image, above which it is said that they are the brightest


def show_image(pixels: np.ndarray, alt: str, width: int = 128) -> None:
    """A small image, uint8 ``(H, W, C)``, enlarged by a whole number to ``width`` CSS pixels at most, not blurred."""
    side = pixels.shape[1]
    times = max(1, width // side)
    # Twice as many pixels as CSS asks for: on a fine screen they stay sharp.
    st.image(png_uri(as_rgb(pixels), 2 * times), width=times * side, alt=alt)
