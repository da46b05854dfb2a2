"""A grid of small images with named rows and columns (Figs. 8, 9, 14)."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from .layout import HIDDEN, SIDE, TOOLBAR, finish, png_uri

SCALE = 4  # so that a browser that smooths images still shows pixels
GAP = 8  # of the upscaled pixels


def tiles_figure(
    images: np.ndarray,
    rows: Sequence[str],
    columns: Sequence[str],
    hover: Sequence[Sequence[str]],
    tile: int = 88,
) -> go.Figure:
    """Images on a grid.

    Arguments:
        images: uint8 ``(R, C, 32, 32, 3)``.
        rows, columns: R and C labels; empty strings leave a place blank.
        hover: a text a tile.
        tile: height of a row on the page, in CSS pixels.
    """
    count_rows, count_columns = images.shape[:2]
    cell = SIDE * SCALE + GAP
    y, x = np.mgrid[0:count_rows, 0:count_columns]
    picture = {
        "type": "image",
        "source": png_uri(tiles_canvas(images)),
        "x0": 0.5 / cell,
        "y0": 0.5 / cell,
        "dx": 1 / cell,
        "dy": 1 / cell,
        "hoverinfo": "skip",
    }
    places = {  # invisible: what is hovered over and clicked
        "type": "scatter",
        "x": x.ravel() + 0.5,
        "y": y.ravel() + 0.5,
        "customdata": np.arange(count_rows * count_columns),
        "text": [text for line in hover for text in line],
        "hovertemplate": "%{text}<extra></extra>",
        "mode": "markers",
        "marker": {"symbol": "square", "size": tile * 0.8, "color": "rgba(0,0,0,0)"},
        "showlegend": False,
    }
    across = {"range": [0, count_columns], "side": "top", **_axis(columns)}
    down = {"range": [count_rows, 0], "scaleanchor": "x", "constraintoward": "top", **_axis(rows)}
    figure = go.Figure([picture, places], {"xaxis": across, "yaxis": down})  # each update would cost milliseconds
    top = 28 if any(columns) else 8
    return finish(figure, count_rows * tile + top + 8, margin={"l": 8, "r": TOOLBAR, "t": top, "b": 8})


def _axis(labels: Sequence[str]) -> dict:
    """An axis of nothing but the labels, each beside the middle of its tiles."""
    ticks = {"tickvals": np.arange(len(labels)) + 0.5, "ticktext": list(labels), "showticklabels": any(labels)}
    return {**HIDDEN, **ticks, "constrain": "domain", "fixedrange": True}


def tiles_canvas(images: np.ndarray) -> np.ndarray:
    """The tiles side by side, upscaled, on a transparent ground: uint8 ``(R · cell, C · cell, 4)``."""
    rows, columns = images.shape[:2]
    cell = SIDE * SCALE + GAP
    canvas = np.zeros((rows, cell, columns, cell, 4), np.uint8)
    inner = slice(GAP // 2, GAP // 2 + SIDE * SCALE)
    large = images.repeat(SCALE, axis=2).repeat(SCALE, axis=3)
    canvas[:, inner, :, inner, :3] = large.transpose(0, 2, 1, 3, 4)
    canvas[:, inner, :, inner, 3] = 255
    return canvas.reshape(rows * cell, columns * cell, 4)
