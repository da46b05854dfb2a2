"""Stage mode: the figure and the slider alone, as large as the screen, for a room; ``?stage=true``.

The button and the key F turn it on and off. The arrows, and Page Up and Page Down of a clicker, change the model or the
step of a lesson. N goes to the next tab or page, and ? lists all keys.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import plotly.graph_objects as go
import streamlit as st
from streamlit.navigation.page import StreamlitPage

from app import state
from app.figures.layout import TEXT_SIZE
from app.reading import one_of
from app.widgets.component import BUTTON, custom_component
from app.widgets.selectors import show_style

FIGURE = "stage-figure"  # key of the container of a page's figure
LARGE = 24  # size of the text in CSS pixels
HOVER = 20  # and of what lies over the figure under the mouse
MARKS = 1.4  # factor on the size of marks, except those that only keep a name at a distance
_BLOCK = "«page» > «blocks»"
_HAS_FIGURE = f":has(.st-key-{FIGURE})"
_KEPT = f':has(.st-key-{FIGURE}, [class*="-slider"], .st-key-stage-button, .st-key-panel-controls)'
_MAIN = "«main»"
#: Everything but the slider and the figure goes; what remains is as large as the window. Pages without such a figure
#: stay as they are. The stage is zoomed to fit the window (``--scale``, which ``stage.js`` finds); on it, ``--screen``
#: is the window's height. Figures undo that for themselves (``app/static/figure/figure.css``).
_STYLE = f"""
:root {{ --screen: calc(100vh / var(--scale, 1)); --most: var(--screen); }}
{_MAIN}{_HAS_FIGURE} {{
    flex: none;
    width: calc(100vw / var(--scale, 1));
    height: var(--screen);
    zoom: var(--scale, 1);
}}
body{_HAS_FIGURE} :is(«header», .st-key-data-switch) {{ display: none; }}
/* Keys work wherever the focus is, and the frame of the focus leaves room for the header. */
{_MAIN}{_HAS_FIGURE}:focus-visible::before {{ content: none; }}
«page»{_HAS_FIGURE} {{ padding: 1rem 2rem; }}
{_BLOCK}{_HAS_FIGURE} > :not({_KEPT}) {{ display: none; }}
[class*="-slider"] {{ zoom: 1.35; }}
.st-key-head {{ position: absolute; top: 1rem; right: 2rem; width: auto; z-index: 1; }} /* beside the controls */
body{_HAS_FIGURE} «popover» [class*="-slider"] {{ zoom: 1; }}
body{_HAS_FIGURE} «popover» p {{ font-size: 18px; }}
[class*="st-key-export-"] {{ display: none; }}
.st-key-{FIGURE} «text» :is(p, li) {{ font-size: {LARGE}px; }}
.st-key-{FIGURE} :is(«caption», «caption» p) {{ font-size: 18px; }}
.st-key-{FIGURE} :is(.plane > canvas, .tiles, .symbols) {{ font-size: {HOVER}px !important; }}
.player {{ zoom: 1.7; }}
"""


def is_on_stage() -> bool:
    """Whether the page is shown to a room."""
    return state.get(state.STAGE)


def show_stage(page: StreamlitPage, pages: Sequence[StreamlitPage]) -> None:
    """Takes the mode from the URL, and brings in its style sheet; before anything else of the ``page`` that is open."""
    state.link(state.STAGE, state.begin(state.STAGE))
    here = list(pages).index(page)
    state.put(state.NEIGHBOURS, {turn: pages[(here + turn) % len(pages)] for turn in (1, -1)})
    if is_on_stage():
        show_style(_STYLE)


def show_stage_button(clicker: Literal["model", "step", "lesson", ""] = "model") -> None:
    """The button that turns the mode on or off; its keys work wherever the focus is, but in a field of text.

    A clicker's keys go to the next model, or to the next step of a lesson, which listens to them itself. Where a key
    has asked for another page, that opens.
    """
    if way := state.take(state.STAGE_TURN):
        # Without a query Streamlit would clear this page's, and refuse that where widgets are bound to it. The data set
        # would be forgotten with the page, whose switch has not been shown in this run.
        kept = {state.STAGE: True, state.DATA: state.in_url(state.DATA) or state.DATA.default}
        st.switch_page(state.get(state.NEIGHBOURS)[way], query_params=state.query(kept))

    def turn() -> None:
        state.put(state.STAGE, bool(state.from_component("stage-button", "on", one_of(0, 1), 0)))

    def turn_page() -> None:
        state.put(state.STAGE_TURN, state.from_component("stage-button", "page", one_of(1, -1), 0))

    def ask_for_code() -> None:
        state.put(state.STAGE_CODE, True)

    custom_component("stage_button", Path(__file__), css=BUTTON)(
        key="stage-button",
        width="content",
        data={"on": is_on_stage(), "clicker": clicker},
        on_on_change=turn,
        on_page_change=turn_page,
        on_code_change=ask_for_code,
    )


def is_code_asked_for() -> bool:
    """Whether a key has asked for the view's QR code; once for each press."""
    return state.take(state.STAGE_CODE)


def staged(figure: go.Figure, size: int = LARGE) -> go.Figure:
    """The figure with text, of ``size`` CSS pixels, marks and margins as a room needs them, if the page is on stage."""
    if not is_on_stage():
        return figure
    shown: Any = go.Figure(figure)  # the one given may be everybody's
    times = size / TEXT_SIZE
    shown.update_layout(font_size=size, legend_font_size=size, hoverlabel_font_size=HOVER)
    if shown.layout.title.text:
        shown.update_layout(title_font_size=size)
    if shown.layout.legend.title.text:
        shown.update_layout(legend_title_font_size=size)
    text = {"tickfont_size": size, "title_font_size": size}
    shown.update_xaxes(text)
    shown.update_yaxes(text)
    margin = shown.layout.margin
    shown.update_layout(margin={side: round(times * (margin[side] or 0)) for side in ("l", "r", "t", "b")})
    shown.update_annotations({"font_size": size})
    for note in shown.select_annotations():
        note.yshift = times * (note.yshift or 0)  # headings stand above one another
        note.xshift = times * (note.xshift or 0)
    for trace in shown.data:
        marker: Any = getattr(trace, "marker", None)
        if trace.type.startswith("scatter") and isinstance(marker.size, (int, float)):
            marker.size = MARKS * marker.size
        elif trace.type == "scatter" and marker.size is not None:
            larger = times if marker.opacity == 0 else MARKS
            marker.size = [larger * size for size in marker.size]
        if "textfont" in trace:
            trace.textfont.size = size
    return shown
