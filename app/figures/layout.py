"""What all figures share: margins, fonts, and the chart's own toolbar."""

import base64
import io
import re
import zlib
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go
from PIL import Image

TEXT_SIZE = 14  # of axes, titles and legends in CSS pixels; the app's style sheet gives them the text's colour
TOOLBAR = 40  # width in pixels that the chart's toolbar needs beside it


def finish(figure: go.Figure, height: int, **layout: object) -> go.Figure:
    """Sets margins and height; everything about colour is left to the page's theme."""
    figure.update_layout(of_all_figures(height, layout))
    # One by one: "update_xaxes" looks at all that an axis has before it sets anything, and takes three times as long.
    axes: Any = (*figure.select_xaxes(), *figure.select_yaxes())
    for axis in axes:
        axis.tickfont.size = axis.title.font.size = TEXT_SIZE
    return figure


def of_all_figures(height: int, layout: dict[str, Any]) -> dict[str, Any]:
    """The layout that all figures share, updated with this figure's settings."""
    shared = {"height": height, "margin": {"l": 8, "r": TOOLBAR, "t": 8, "b": 8}, "font": {"size": TEXT_SIZE}}
    shared |= {"hoverlabel": {"align": "left"}, "modebar": {"orientation": "v"}}
    shared["uirevision"] = "stays"  # a person's zoom outlives what changes in the figure
    return {**shared, **layout, "legend": {**layout.get("legend", {}), "font": {"size": TEXT_SIZE}}}


def heading(text: str, size: int) -> dict:
    """A title at the figure's upper left corner, however wide the labels of its axis are."""
    place = {"x": 0, "xref": "container", "xanchor": "left", "y": 1, "yref": "container", "yanchor": "top"}
    return {**place, "text": text, "font": {"size": size}, "pad": {"t": 4, "l": 2}}


def with_subscripts(text: str) -> str:
    """L_X and L_Y as HTML and Plotly set them: with a subscript."""
    return re.sub(r"\bL_([XY])\b", r"L<sub>\1</sub>", text)


#: A figure without Plotly's toolbar.
BARE = {"displayModeBar": False}

#: With it, but without its logo and its camera: *Export* saves figures.
TOOLS = {"displaylogo": False, "displayModeBar": True, "modeBarButtonsToRemove": ["autoScale2d", "toImage"]}


def as_rgb(pixels: np.ndarray) -> np.ndarray:
    """Grey or RGB images, uint8 ``(..., C)``, as a screen shows them: ``(..., 3)``."""
    return pixels if pixels.shape[-1] == 3 else pixels.repeat(3, axis=-1)


def png_uri(pixels: np.ndarray, scale: int = 1) -> str:
    """An image, uint8 ``(H, W, 3 or 4)``, upscaled with nearest neighbour, as a data URI."""
    image = Image.fromarray(pixels)
    if scale > 1:
        image = image.resize((image.width * scale, image.height * scale), Image.Resampling.NEAREST)
    buffer = io.BytesIO()
    # Enlarged pixels are runs: to look for nothing else takes half the time, and the file is no larger.
    image.save(buffer, "PNG", compress_level=1, compress_type=zlib.Z_RLE)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


class Frames(NamedTuple):
    """The T frames of a figure, named "0", "1", ..., which change places and ranges of axes only."""

    labels: list[str]  # what each shows, T of them
    milliseconds: int  # that each is shown
    about: str = ""  # what the frames go through: another text, and the first one is shown
