"""The settings that all figures share: margins, fonts, and Plotly's toolbar."""

import base64
import io
import re
import zlib
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go
from PIL import Image

TEXT_SIZE = 14  # CSS pixels, for axes, titles and legends; the app's style sheet sets their colour
TOOLBAR = 40  # width of Plotly's toolbar beside the figure, in pixels


def finish(figure: go.Figure, height: int, **layout: object) -> go.Figure:
    """Sets margins and height, and leaves colours to the page's theme."""
    figure.update_layout(of_all_figures(height, layout))
    # Axis by axis: update_xaxes reads each axis completely before it sets anything, and takes three times as long.
    axes: Any = (*figure.select_xaxes(), *figure.select_yaxes())
    for axis in axes:
        axis.tickfont.size = axis.title.font.size = TEXT_SIZE
    return figure


def of_all_figures(height: int, layout: dict[str, Any]) -> dict[str, Any]:
    """The layout that all figures share, updated with this figure's settings."""
    shared = {"height": height, "margin": {"l": 8, "r": TOOLBAR, "t": 8, "b": 8}, "font": {"size": TEXT_SIZE}}
    shared |= {"hoverlabel": {"align": "left"}, "modebar": {"orientation": "v"}}
    shared["uirevision"] = "stays"  # keeps the user's zoom when the figure changes
    return {**shared, **layout, "legend": {**layout.get("legend", {}), "font": {"size": TEXT_SIZE}}}


def heading(text: str, size: int) -> dict:
    """A title at the figure's upper left corner, whatever the width of the axis labels."""
    place = {"x": 0, "xref": "container", "xanchor": "left", "y": 1, "yref": "container", "yanchor": "top"}
    return {**place, "text": text, "font": {"size": size}, "pad": {"t": 4, "l": 2}}


def with_subscripts(text: str) -> str:
    """The text with L_X and L_Y as HTML subscripts, for pages and for Plotly."""
    return re.sub(r"\bL_([XY])\b", r"L<sub>\1</sub>", text)


#: Plotly's settings for a figure without a toolbar.
BARE = {"displayModeBar": False}

#: Plotly's settings for a toolbar. No figure uses its selections, and *Export* saves figures in place of its camera.
_REMOVED = ["autoScale2d", "toImage", "select2d", "lasso2d"]
TOOLS = {"displaylogo": False, "displayModeBar": True, "modeBarButtonsToRemove": _REMOVED, "showSendToCloud": False}


def as_rgb(pixels: np.ndarray) -> np.ndarray:
    """Grey or RGB images, uint8 ``(..., C)``, as RGB ``(..., 3)``."""
    return pixels if pixels.shape[-1] == 3 else pixels.repeat(3, axis=-1)


def png_uri(pixels: np.ndarray, scale: int = 1) -> str:
    """An image, uint8 ``(H, W, 3 or 4)``, upscaled with nearest neighbour, as a data URI."""
    image = Image.fromarray(pixels)
    if scale > 1:
        image = image.resize((image.width * scale, image.height * scale), Image.Resampling.NEAREST)
    buffer = io.BytesIO()
    # Enlarged pixels are runs of equal values. Encoding only runs takes half the time, and photographs hardly grow.
    image.save(buffer, "PNG", compress_level=1, compress_type=zlib.Z_RLE)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


class Frames(NamedTuple):
    """The T frames of a figure, named "0", "1", ..., which change only positions and the ranges of axes."""

    labels: list[str]  # labels of the T frames
    milliseconds: int  # per frame
    about: str = ""  # the content of the frames; if this text changes, the player returns to the first frame
