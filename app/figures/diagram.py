"""What a diagram of shares has, both axes from 0 to 100 %: its heading, its frame, text that a room can read."""

import plotly.graph_objects as go

from app.figures.layout import TOOLBAR
from app.palette import NEUTRAL, rgba

TEXT = 14  # pixels
FRAME = {"margin": {"l": 8, "r": TOOLBAR, "t": 32, "b": 8}, "hoverlabel": {"align": "left", "font_size": TEXT}}


def square_axes(figure: go.Figure, across: str, upwards: str) -> None:
    """Both axes from 0 to 100 %, with their titles."""
    axis = {
        "range": [-0.02, 1.02],
        "tickvals": [0, 0.2, 0.4, 0.6, 0.8, 1],
        "tickformat": ".0%",
        "zeroline": False,
        "gridcolor": rgba(NEUTRAL, 0.2),
        "tickfont_size": TEXT,
        "title_font_size": TEXT,
        "automargin": True,
    }
    figure.update_xaxes(title_text=across, **axis)
    figure.update_yaxes(title_text=upwards, **axis)
