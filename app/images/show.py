"""A small image on a page."""

import numpy as np
import streamlit as st

from app.figures.layout import as_rgb


def show_image(pixels: np.ndarray, alt: str, width: int = 128) -> None:
    """A small image, uint8 ``(H, W, C)``, enlarged by a whole number to ``width`` CSS pixels at most, not blurred."""
    side = pixels.shape[1]
    times = max(1, width // side)
    # Twice as many pixels as CSS asks for: on a fine screen they stay sharp.
    enlarged = as_rgb(pixels).repeat(2 * times, axis=0).repeat(2 * times, axis=1)
    st.image(enlarged, width=times * side, output_format="PNG", alt=alt)
