"""A grid of small images that wraps by itself; the images are buttons with titles."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app import state
from app.figures.layout import as_rgb
from app.palette import ACCENT
from app.widgets.component import custom_module

STYLE = Path(__file__).resolve().parent.parent / "static" / "tiles" / "tiles.css"


@dataclass(frozen=True)
class Tiles:
    """Images in rows.

    Attributes:
        key: unique key on the page.
        images: uint8 ``(R, C, H, W, channels)``, or ``(C, H, W, channels)`` for a single row that wraps.
        titles: the meaning of each image, in order.
        alt: the text for screen readers on all images.
        heading: heading above the images.
        rows: names of the rows; empty for a row that wraps.
        columns: number of images per row without row names; 0 for a row that wraps.
        marks: texts on the images.
        captions: texts below the images, of one or more lines.
        values: value that a click on each image gives to the field ``picks``.
        chosen: value of the framed image.
        picks: a field of the state.
        largest: largest side of an image in CSS pixels.
        wide: whether the tiles take the width of the page.
        live: for tiles that follow the γ slider: the slider's model, the kind of task and the task; see
            :func:`app.models.live.follow_live`.
    """

    key: str
    images: np.ndarray
    titles: Sequence[str]
    alt: str
    heading: str = ""
    rows: Sequence[str] = ()
    columns: int = 0
    marks: Sequence[str] = ()
    captions: Sequence[str] = ()
    values: Sequence[str] = ()
    chosen: str = ""
    picks: str = ""
    largest: int = 88
    live: tuple[str, str, dict[str, Any]] | None = None
    wide: bool = True


def show_tiles(tiles: Tiles, on_pick: Callable[[Sequence[Any]], None]) -> None:
    """Shows tiles; calls ``on_pick`` with the value of a clicked tile before the page runs again."""

    def pick() -> None:
        picked = state.from_component(tiles.key, "picked", str, "")
        if picked in tiles.values:
            on_pick([picked])

    html, css = f'<div class="tiles" style="--accent: {ACCENT}"></div>', STYLE.read_text("utf-8")
    element = custom_module("tiles", "tiles/tiles.js", html=html, css=css)
    element(key=tiles.key, data=data_of(tiles), on_picked_change=pick)


def data_of(tiles: Tiles) -> dict[str, Any]:
    """Returns the tiles' data for the browser: see ``app/static/tiles/tiles.js``."""
    pixels = as_rgb(tiles.images)
    pixels = pixels.reshape(-1, *pixels.shape[-3:])
    return {
        "key": tiles.key,
        "heading": tiles.heading,
        "alt": tiles.alt,
        "pixels": base64.b64encode(pixels.tobytes()).decode(),
        "size": [int(pixels.shape[2]), int(pixels.shape[1])],
        "columns": tiles.images.shape[1] if tiles.rows else tiles.columns,
        "titles": list(tiles.titles),
        "rows": list(tiles.rows),
        "marks": list(tiles.marks),
        "captions": list(tiles.captions),
        "values": list(tiles.values),
        "chosen": tiles.chosen,
        "largest": tiles.largest,
    }
