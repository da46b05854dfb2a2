"""A grid of small images with named rows and columns (Figs. 8, 9, 14)."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from PIL import ImageColor

from ..palette import ACCENT, NEUTRAL
from .draft import Draft
from .layout import HIDDEN, TOOLBAR, as_rgb, png_uri, webp_uri

SCALE = 4  # so that a browser that smooths images still shows pixels
GAP = 8  # of the upscaled pixels
EDGING = 2  # of these pixels, around each tile
FRAME = (*ImageColor.getrgb(NEUTRAL), 110)  # its colour, with its opacity
EDGE = 8  # margin in CSS pixels where no label is
ABOVE = 28  # margin that the labels of the columns need
LETTER = 8  # width of a label's letter, rather too wide
MARK = 13  # size of letters on a tile
#: How letters on a tile look.
MARKED = {
    "textposition": "middle center",
    "textfont": {"color": "white", "size": MARK, "shadow": "0 0 3px black, 0 0 3px black"},
}


def tiles_figure(
    images: np.ndarray,
    rows: Sequence[str],
    columns: Sequence[str],
    hover: Sequence[Sequence[str]],
    tile: int = 88,
    ring: tuple[int, int] | None = None,
    marks: Sequence[Sequence[str]] | None = None,
    *,
    is_one_of_many: bool = False,
) -> go.Figure:
    """Images on a grid.

    Arguments:
        images: uint8 ``(R, C, side, side, channels)``.
        rows: R labels; empty strings leave a place blank.
        columns: C labels, likewise.
        hover: a text a tile.
        tile: height of a row on the page, in CSS pixels, where no :func:`tiles_style` says otherwise.
        ring: row and column of the tile that is chosen.
        marks: a few letters on each tile, if any.
        is_one_of_many: whether hundreds of such pictures travel together, which are not enlarged then, and compressed.
    """
    count_rows, count_columns = images.shape[:2]
    scale = 1 if is_one_of_many else SCALE
    canvas = tiles_canvas(images, scale)
    cell = canvas.shape[0] // count_rows
    y, x = np.mgrid[0:count_rows, 0:count_columns]
    picture = {
        "type": "image",
        "uid": "picture",
        "source": webp_uri(canvas) if is_one_of_many else png_uri(canvas),
        "x0": 0.5 / cell,
        "y0": 0.5 / cell,
        "dx": 1 / cell,
        "dy": 1 / cell,
        "hoverinfo": "skip",
    }
    places = {  # invisible: what is hovered over and clicked
        "type": "scatter",
        "uid": "places",
        "x": x.ravel() + 0.5,
        "y": y.ravel() + 0.5,
        "customdata": np.arange(count_rows * count_columns),
        "text": [text for line in hover for text in line],
        "hovertemplate": "%{text}<extra></extra>",
        "mode": "markers",
        "marker": {"symbol": "square", "size": EDGE, "color": "rgba(0,0,0,0)"},
        "showlegend": False,
    }
    if marks is not None:
        written = [text for line in marks for text in line]
        places |= {"mode": "markers+text", "texttemplate": written, **MARKED}
    draft = Draft()
    for trace in (picture, places):
        draft.add_trace("", trace)
    across = {"range": [0, count_columns], "side": "top", **_axis(columns)}
    down = {"range": [count_rows, 0], "scaleanchor": "x", "constraintoward": "top", **_axis(rows)}
    left, top = _margins(rows, columns)
    draft.update_axes("", across, down)
    if ring is not None:
        draft.shapes.append(_ring(*ring, cell))
    margin = {"l": left, "r": TOOLBAR, "t": top, "b": EDGE}
    # The nearest middle is the tile's own, however large the page shows it: at any distance.
    return draft.finish(count_rows * tile + top + EDGE, hoverdistance=-1, margin=margin)


def _margins(rows: Sequence[str], columns: Sequence[str]) -> tuple[int, int]:
    """What the labels need to the left and above, in CSS pixels."""
    letters = max(len(line) for name in rows for line in name.split("<br>"))
    return EDGE + (letters * LETTER + EDGE if letters else 0), ABOVE if any(columns) else EDGE


def _ring(row: int, column: int, cell: int) -> dict:
    """A frame around one tile, in the gap beside it."""
    inset = GAP / 4 / cell
    return {
        "type": "rect",
        "x0": column + inset,
        "x1": column + 1 - inset,
        "y0": row + inset,
        "y1": row + 1 - inset,
        "line": {"color": ACCENT, "width": 3},
    }


def _axis(labels: Sequence[str]) -> dict:
    """An axis of nothing but the labels, each beside the middle of its tiles.

    The margins are given: where Plotly made room itself, a window that becomes narrow would keep it busy for ever.
    """
    return {**HIDDEN, **_labels(labels), "constrain": "domain", "fixedrange": True, "automargin": False}


def _labels(labels: Sequence[str]) -> dict:
    places = [place + 0.5 for place in range(len(labels))]
    return {"tickvals": places, "ticktext": list(labels), "showticklabels": any(labels)}


def tiles_canvas(images: np.ndarray, scale: int = SCALE) -> np.ndarray:
    """The tiles side by side, enlarged, on a transparent ground: uint8 ``(R · cell, C · cell, 4)``."""
    rows, columns = images.shape[:2]
    gap, edging = GAP * scale // SCALE, max(1, EDGING * scale // SCALE)
    cell = images.shape[2] * scale + gap
    canvas = np.zeros((rows, cell, columns, cell, 4), np.uint8)
    inner = slice(gap // 2, cell - gap // 2)
    frame = slice(gap // 2 - edging, cell - gap // 2 + edging)
    canvas[:, frame, :, frame] = FRAME  # so that a white image can be seen on a white page
    large = as_rgb(images).repeat(scale, axis=2).repeat(scale, axis=3)
    canvas[:, inner, :, inner, :3] = large.transpose(0, 2, 1, 3, 4)
    canvas[:, inner, :, inner, 3] = 255
    return canvas.reshape(rows * cell, columns * cell, 4)
