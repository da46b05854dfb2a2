"""The figure of a lesson."""

import plotly.graph_objects as go

from app.widgets.figure import show_figure
from app.widgets.stage import staged

_STILL = {"displayModeBar": False}  # it is looked at and needs no toolbar


def show_chart(figure: go.Figure, key: str, alt: str, gamma: float | None = None) -> None:
    """Draws a figure, on stage with text that a room can read; its key begins with "lesson-"."""
    show_figure(staged(figure), key, alt=alt, config=_STILL, gamma=gamma)
