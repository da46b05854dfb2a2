"""A grid of small images with named rows and columns (Figs. 8, 9, 14)."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from PIL import ImageColor

from ..palette import NEUTRAL
from .draft import Draft
from .layout import HIDDEN, TOOLBAR, as_rgb, png_uri

SCALE = 4  # so that a browser that smooths images still shows pixels
GAP = 8  # of the upscaled pixels
EDGING = 2  # of these pixels, around each tile
FRAME = (*ImageColor.getrgb(NEUTRAL), 110)  # its colour, with its opacity
EDGE = 8  # margin in CSS pixels where no label is
ABOVE = 28  # margin that the labels of the columns need
LETTER = 8  # width of a label's letter, rather too wide


def tiles_figure(
    images: np.ndarray,
    rows: Sequence[str],
    columns: Sequence[str],
    hover: Sequence[Sequence[str]],
    tile: int = 88,
) -> go.Figure:
    """Images on a grid.

    Arguments:
        images: uint8 ``(R, C, side, side, channels)``.
        rows: R labels; empty strings leave a place blank.
        columns: C labels, likewise.
        hover: a text a tile.
        tile: height of a row, in CSS pixels.
    """
    count_rows, count_columns = images.shape[:2]
    canvas = _canvas(images)
    cell = canvas.shape[0] // count_rows
    y, x = np.mgrid[0:count_rows, 0:count_columns]
    picture = {
        "type": "image",
        "uid": "picture",
        "source": png_uri(canvas),
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
    draft = Draft()
    for trace in (picture, places):
        draft.add_trace("", trace)
    across = {"range": [0, count_columns], "side": "top", **_axis(columns)}
    down = {"range": [count_rows, 0], "scaleanchor": "x", "constraintoward": "top", **_axis(rows)}
    left, top = _margins(rows, columns)
    draft.update_axes("", across, down)
    margin = {"l": left, "r": TOOLBAR, "t": top, "b": EDGE}
    # The nearest middle is the tile's own, however large the page shows it: at any distance.
    return draft.finish(count_rows * tile + top + EDGE, hoverdistance=-1, margin=margin)


def _margins(rows: Sequence[str], columns: Sequence[str]) -> tuple[int, int]:
    """What the labels need to the left and above, in CSS pixels."""
    letters = max(len(line) for name in rows for line in name.split("<br>"))
    return EDGE + (letters * LETTER + EDGE if letters else 0), ABOVE if any(columns) else EDGE


def _axis(labels: Sequence[str]) -> dict:
    """An axis of nothing but the labels, each beside the middle of its tiles.

    The margins are given: where Plotly made room itself, a window that becomes narrow would keep it busy for ever.
    """
    return {**HIDDEN, **_labels(labels), "constrain": "domain", "fixedrange": True, "automargin": False}


def _labels(labels: Sequence[str]) -> dict:
    places = [place + 0.5 for place in range(len(labels))]
    return {"tickvals": places, "ticktext": list(labels), "showticklabels": any(labels)}


def _canvas(images: np.ndarray) -> np.ndarray:
    """The tiles side by side, enlarged, on a transparent ground: uint8 ``(R · cell, C · cell, 4)``."""
    rows, columns = images.shape[:2]
    cell = images.shape[2] * SCALE + GAP
    canvas = np.zeros((rows, cell, columns, cell, 4), np.uint8)
    inner = slice(GAP // 2, cell - GAP // 2)
    frame = slice(GAP // 2 - EDGING, cell - GAP // 2 + EDGING)
    canvas[:, frame, :, frame] = FRAME  # so that a white image can be seen on a white page
    large = as_rgb(images).repeat(SCALE, axis=2).repeat(SCALE, axis=3)
    canvas[:, inner, :, inner, :3] = large.transpose(0, 2, 1, 3, 4)
    canvas[:, inner, :, inner, 3] = 255
    return canvas.reshape(rows * cell, columns * cell, 4)
