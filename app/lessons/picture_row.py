"""Small images side by side, each with a caption, and what leads from one to the next."""

import html
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import streamlit as st

from app.figures.layout import png_uri


class Tile(NamedTuple):
    """An image of the row, or an empty frame."""

    pixels: np.ndarray | None  # uint8 (H, W, 3); None for a frame with a question mark
    caption: str  # plain text below it; a line break ends a line
    alt: str  # what the image shows
    arrow: str = ""  # what leads to it from the tile before, plain text; empty if nothing does
    mark: str = ""  # the class of CSS that stresses it: "right", "wrong" or none


def show_row(tiles: Sequence[Tile], size: int, columns: int, narrow: int) -> None:
    """Draws the row, or several below each other; the arguments are those of :func:`row_html`."""
    st.html(row_html(tiles, size, columns, narrow))


def row_html(tiles: Sequence[Tile], size: int, columns: int, narrow: int) -> str:
    """The row, or several below each other, as HTML, with so many columns on a wide page and on a phone.

    ``size`` is the side of an image in CSS pixels, if there is room.
    """
    kind = "picture-row way" if any(tile.arrow for tile in tiles) else "picture-row"
    style = f"--size: {size}; --columns: {columns}; --narrow: {narrow}"
    return f'<div class="{kind}" style="{style}">{"".join(map(_html, tiles))}</div>'


def _html(tile: Tile) -> str:
    arrow = f'<div class="arrow">{html.escape(tile.arrow)}<span aria-hidden="true">→</span></div>' if tile.arrow else ""
    if tile.pixels is None:
        picture = f'<div class="unknown" role="img" aria-label="{html.escape(tile.alt)}">?</div>'
    else:
        picture = f'<img src="{png_uri(tile.pixels)}" alt="{html.escape(tile.alt)}">'
    caption = html.escape(tile.caption).replace("\n", "<br>")
    return f'{arrow}<figure class="{tile.mark}">{picture}<figcaption>{caption}</figcaption></figure>'
