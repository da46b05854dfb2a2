"""Play, pause and the slider below a figure with frames, by mouse and by keyboard; ``?frame=`` in the URL."""

from pathlib import Path

import streamlit as st

from app.figures.player import Frames
from app.widgets import figure_memory
from app.widgets.component import own_component
from app.widgets.stage import is_on_stage

PARAMETER = "frame"


@st.fragment  # so that a frame that goes into the URL does not run the page
def show_player(chart: str, frames: Frames, about: str, *, follows_clicker: bool = False) -> None:
    """The controls of a chart.

    Arguments:
        chart: how the chart's key begins.
        frames: of its figure.
        about: what it shows; another text begins with the first frame.
        follows_clicker: whether Page Up and Page Down go from stop to stop on stage.
    """
    key = f"player-{chart}"

    def shown() -> None:
        value = st.session_state[key].frame
        if isinstance(value, str) and _frame(value, frames):
            figure_memory.keep(PARAMETER, about, value.strip("0") and value)

    frame = _frame(figure_memory.take(PARAMETER, about), frames) or "0"
    data = {
        "chart": chart,
        "labels": frames.labels,
        "stops": frames.stops,
        "first": frames.first,
        "milliseconds": frames.milliseconds,
        "redraw": frames.redraw,
        "about": about,
        "frame": frame,
        "follows_clicker": follows_clicker,
        "is_on_stage": is_on_stage(),
    }
    component = own_component("player", Path(__file__), calls_plotly=True, has_range=True)
    component(key=key, data=data, on_frame_change=shown)


def _frame(text: str, frames: Frames) -> str:
    """A frame's name, if there is such a frame; else nothing."""
    is_frame = text.isascii() and text.isdigit() and len(text) < 6 and int(text) < len(frames.labels)
    return str(int(text)) if is_frame else ""
