"""What belongs to a figure of dots: the zoom, ``?zoom=`` in the URL, and the arrow keys that go from dot to dot."""

import math
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from app.palette import ACCENT
from app.widgets import figure_memory
from app.widgets.component import own_component

PARAMETER = "zoom"
MOST = 16  # numbers: of four panels
KEY = "figure-view"
_FRAME = '[data-testid="stLayoutWrapper"]'  # that Streamlit puts around a fragment
# It takes no room beside the figure, over which it lies while it has the focus.
_STYLE = f"""<style>
[data-testid="stVerticalBlock"]:has(> {_FRAME} > * > .st-key-{KEY}) {{ position: relative; }}
{_FRAME}:has(> * > .st-key-{KEY}) {{ position: absolute; top: 0; left: 0; width: auto; z-index: 5; }}
</style>"""


@st.fragment  # so that a zoom that goes into the URL does not run the page
def keep_view(chart: str, about: str, row: int | None, choose: Callable[[int], None]) -> None:
    """The zoom and the keys of a chart of dots.

    Arguments:
        chart: how the chart's key begins.
        about: the plane that it shows; another text, and the zoom is forgotten.
        row: ``customdata`` of the dot from which the arrow keys start.
        choose: called before the page runs again, with that of the dot that they have reached.
    """

    def zoomed() -> None:
        text = _zoom(st.session_state[KEY].zoom or "")
        figure_memory.keep(PARAMETER, about, text)

    def reached() -> None:
        text = str(st.session_state[KEY].row or "")
        if text.isascii() and text.isdigit():
            choose(int(text))
            st.session_state["figure-view-reached"] = True

    zoom = _zoom(figure_memory.take(PARAMETER, about))
    data = {"chart": chart, "about": about, "zoom": zoom, "row": row, "accent": ACCENT}
    st.html(_STYLE)
    own_component("figure_view", Path(__file__), calls_plotly=True)(
        key=KEY, data=data, on_zoom_change=zoomed, on_row_change=reached
    )
    if st.session_state.pop("figure-view-reached", False):
        st.rerun()


def _zoom(text: str) -> str:
    """The text of a zoom, if it is one: four numbers for each panel; else nothing."""
    parts = text.split("_") if text else []
    try:
        is_zoom = 0 < len(parts) <= MOST and len(parts) % 4 == 0 and all(math.isfinite(float(part)) for part in parts)
    except ValueError:
        return ""
    return text if is_zoom else ""
