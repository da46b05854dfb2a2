"""A grid of small images with named rows and columns (Figs. 8, 9, 14)."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from .layout import SIDE, TOOLBAR, finish, hide_axes, png_uri

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
    figure = go.Figure(
        go.Image(
            source=png_uri(tiles_canvas(images)),
            x0=0.5 / cell,
            y0=0.5 / cell,
            dx=1 / cell,
            dy=1 / cell,
            hoverinfo="skip",
        )
    )
    y, x = np.mgrid[0:count_rows, 0:count_columns]
    figure.add_trace(
        go.Scatter(
            x=x.ravel() + 0.5,
            y=y.ravel() + 0.5,
            customdata=np.arange(count_rows * count_columns),
            text=[text for line in hover for text in line],
            hovertemplate="%{text}<extra></extra>",
            mode="markers",
            marker={"symbol": "square", "size": tile * 0.8, "color": "rgba(0,0,0,0)"},
            showlegend=False,
        )
    )
    hide_axes(figure)
    figure.update_xaxes(
        range=[0, count_columns],
        side="top",
        constrain="domain",
        showticklabels=any(columns),
        tickvals=np.arange(count_columns) + 0.5,
        ticktext=list(columns),
        fixedrange=True,
    )
    figure.update_yaxes(
        range=[count_rows, 0],
        scaleanchor="x",
        constrain="domain",
        constraintoward="top",
        showticklabels=any(rows),
        tickvals=np.arange(count_rows) + 0.5,
        ticktext=list(rows),
        fixedrange=True,
    )
    top = 28 if any(columns) else 8
    return finish(figure, count_rows * tile + top + 8, margin={"l": 8, "r": TOOLBAR, "t": top, "b": 8})


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
