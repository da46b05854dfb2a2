"""What a lesson's picture is made of, drawn by its page, on stage and on the site: images in a row, figures, words."""

import html
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from app.figures.layout import png_uri
from app.widgets.figure import show_figure
from app.widgets.stage import staged

_STILL = {"displayModeBar": False}  # it is looked at and needs no toolbar


class Tile(NamedTuple):
    """An image of a row, or an empty frame."""

    pixels: np.ndarray | None  # uint8 (H, W, 3); None for a frame with a question mark
    caption: str  # plain text below it; a line break ends a line
    alt: str  # what the image shows
    arrow: str = ""  # what leads to it from the tile before, plain text; empty if nothing does
    mark: str = ""  # the class of CSS that stresses it: "right", "wrong" or none


class Words(NamedTuple):
    """HTML of the lesson's own."""

    html: str

    def show(self) -> None:
        """Draws it."""
        st.html(self.html)


class Row(NamedTuple):
    """Small images side by side, or in several rows, each with a caption, and what leads from one to the next."""

    tiles: Sequence[Tile]
    size: int  # side of an image in CSS pixels, if there is room
    columns: int  # how many stand side by side
    narrow: int = 3  # the same on a phone

    @property
    def html(self) -> str:
        """The row as HTML."""
        kind = "picture-row way" if any(tile.arrow for tile in self.tiles) else "picture-row"
        style = f"--size: {self.size}; --columns: {self.columns}; --narrow: {self.narrow}"
        return f'<div class="{kind}" style="{style}">{"".join(map(_html, self.tiles))}</div>'

    def show(self) -> None:
        """Draws it."""
        st.html(self.html)


class Chart(NamedTuple):
    """A figure."""

    figure: go.Figure
    key: str  # it begins with "lesson-"
    alt: str  # what it shows, for those who do not see it
    title: str = ""  # above it; what stands before a colon is in bold
    gamma: float | None = None  # at which it is drawn, if it follows γ

    def show(self) -> None:
        """Draws it, on stage with text that a room can read."""
        if self.title:
            st.html(heading(*self.title.split(":", 1)))
        show_figure(staged(self.figure), self.key, alt=self.alt, config=_STILL, gamma=self.gamma)


Part = Words | Row | Chart


def heading(name: str, text: str) -> str:
    """A line above a picture, as HTML."""
    return f'<p class="heading"><b>{name}</b>:{text}</p>'


def _html(tile: Tile) -> str:
    arrow = f'<div class="arrow">{html.escape(tile.arrow)}<span aria-hidden="true">→</span></div>' if tile.arrow else ""
    if tile.pixels is None:
        picture = f'<div class="unknown" role="img" aria-label="{html.escape(tile.alt)}">?</div>'
    else:
        picture = f'<img src="{png_uri(tile.pixels)}" alt="{html.escape(tile.alt)}">'
    caption = html.escape(tile.caption).replace("\n", "<br>")
    return f'{arrow}<figure class="{tile.mark}">{picture}<figcaption>{caption}</figcaption></figure>'
