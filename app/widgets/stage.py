"""Stage mode: only the figure and the slider, at the size of the screen, for an audience; ``?stage=true``.

The button and the key F switch it on and off. The arrows, and Page Up and Page Down of a clicker, change the model
or the lesson's step. N goes to the next tab or page, and ? lists all keys.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import plotly.graph_objects as go
from streamlit.navigation.page import StreamlitPage

from app import state
from app.figures.layout import TEXT_SIZE
from app.reading import one_of
from app.widgets.component import BUTTON, custom_component
from app.widgets.selectors import show_style

FIGURE = "stage-figure"  # key of the container of a page's figure
LARGE = 24  # font size in CSS pixels
HOVER = 20  # font size of hover texts over the figure
MARKS = 1.4  # factor on the size of marks, except those that only reserve space around a label
_BLOCK = "«page» > «blocks»"
_HAS_FIGURE = f":has(.st-key-{FIGURE})"
_KEPT = f':has(.st-key-{FIGURE}, [class*="-slider"], .st-key-stage-button, .st-key-panel-controls)'
_MAIN = "«main»"
#: Hides everything except the slider and the figure, which fill the window. Pages without such a figure stay unchanged.
#: ``stage.js`` sets the zoom ``--scale`` that fits the stage to the window. ``--screen`` is the window's height in
#: zoomed pixels. Figures undo the zoom themselves (``app/static/figure/figure.css``).
_STYLE = f"""
:root {{ --screen: calc(100vh / var(--scale, 1)); --most: var(--screen); }}
{_MAIN}{_HAS_FIGURE} {{
    flex: none;
    width: calc(100vw / var(--scale, 1));
    height: var(--screen);
    zoom: var(--scale, 1);
}}
body{_HAS_FIGURE} :is(«header», .st-key-data-switch, [class*="st-key-export-"]) {{ display: none; }}
/* No focus ring, since keys work with any focus. */
{_MAIN}{_HAS_FIGURE}:focus-visible::before {{ content: none; }}
«page»{_HAS_FIGURE} {{ padding: 0.8rem 2rem; }}
{_BLOCK}{_HAS_FIGURE} > :not({_KEPT}) {{ display: none; }}
[class*="-slider"] {{ zoom: 1.43; }}
.st-key-head {{ position: absolute; top: 1rem; right: 2rem; width: auto; z-index: 1; }} /* beside controls */
body{_HAS_FIGURE} «popover» [class*="-slider"] {{ zoom: 1; }}
.st-key-{FIGURE} «text» :is(p, li) {{ font-size: {LARGE}px; }}
.st-key-{FIGURE} :is(«caption», «caption» p, .stMarkdownBadge, .plane > canvas, .tiles, .symbols),
.st-key-{FIGURE} :is(.plane, .pad-tools) :is(button, select),
:is(.st-key-panel-controls, «popover») :is(p, input) {{ font-size: {HOVER}px !important; --least: {HOVER}px; }}
.st-key-panel-controls > :has(> .stSelectbox) {{ min-width: 300px; }}
body{_HAS_FIGURE} [role="option"] * {{ font-size: {HOVER}px; }}
.stSelectbox > :last-child {{ min-width: 0; }}
.player {{ zoom: 1.7; }}
"""


def is_on_stage() -> bool:
    """Checks whether stage mode is on."""
    return state.get(state.STAGE)


def show_stage(page: StreamlitPage, pages: Sequence[StreamlitPage]) -> None:
    """Reads the mode from the URL and adds its style sheet; must come before other elements of the ``page``."""
    state.link(state.STAGE, state.begin(state.STAGE))
    here = list(pages).index(page)
    state.put(state.NEIGHBOURS, {turn: pages[(here + turn) % len(pages)] for turn in (1, -1)})
    if is_on_stage():
        show_style(_STYLE)


def show_stage_button(clicker: Literal["model", "step", "lesson", ""] = "model") -> None:
    """Shows the button that switches the mode. The stage's keys work everywhere except in text fields.

    A clicker's keys change the model. A lesson handles these keys itself, and changes its step. If a key asked for
    another page, that page opens.
    """
    if way := state.take(state.STAGE_TURN):
        # Without a query, Streamlit would try to clear this page's query, and fail because widgets are bound to it. The
        # query needs the data set, because this run has not shown the data set's widget.
        kept = {state.STAGE: True, state.DATA: state.in_url(state.DATA) or state.DATA.default}
        tab = state.LAST_TAB if way < 0 else ""
        state.follow_link(state.get(state.NEIGHBOURS)[way], state.query({**kept, state.TAB: tab}))

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
    """Returns whether a key press asked for the view's QR code; each press counts once."""
    return state.take(state.STAGE_CODE)


def staged(figure: go.Figure, size: int = LARGE) -> go.Figure:
    """Enlarges a figure if the page is on stage: its text to ``size`` CSS pixels, and its marks and margins."""
    if not is_on_stage():
        return figure
    shown: Any = go.Figure(figure)  # a copy, since several users may see the original
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
        note.yshift = times * (note.yshift or 0)  # headings are stacked
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
