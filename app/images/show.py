"""A small image on a page, and what decoded ones look like."""

import numpy as np
import streamlit as st

from app.figures.layout import as_rgb
from app.widgets import stage

BRIGHTEST = 255
MOSTLY = 0.6  # share of the values of an image, above which it is said that they are the brightest
LINE = 40  # CSS pixels of a line of text and the gap below it


def show_image(pixels: np.ndarray, alt: str, width: int = 128) -> None:
    """A small image, uint8 ``(H, W, C)``, enlarged by a whole number to ``width`` CSS pixels at most, not blurred."""
    side = pixels.shape[1]
    times = max(1, width // side)
    # Twice as many pixels as CSS asks for: on a fine screen they stay sharp.
    enlarged = as_rgb(pixels).repeat(2 * times, axis=0).repeat(2 * times, axis=1)
    st.image(enlarged, width=times * side, output_format="PNG", alt=alt)


def say_what_is_white(images: np.ndarray, above: int) -> None:
    """Says above a figure of decoded images what its white is, if one of them is hardly anything else.

    Arguments:
        images: uint8 ``(..., H, W, C)``.
        above: CSS pixels that the page needs above the figure without the line.
    """
    if (images == BRIGHTEST).mean((-1, -2, -3)).max() > MOSTLY:
        st.caption("White lies beyond the brightest pixel value: such latents decode to no image.")
        above = stage.ABOVE if stage.is_on_stage() else above
        st.html(f"<style>.st-key-{stage.FIGURE} {{ --above: {above + LINE}px; }}</style>")
