"""The link from a page back to the lesson that opened it: ``?lesson=`` in the page's URL."""

import streamlit as st

from app import state
from app.lessons.course import LESSONS, STEPS
from app.widgets.selectors import show_style
from app.widgets.stage import is_on_stage

PAGE = "views/lessons.py"
#: The link is in the page's bar, so that it takes no room from the figures.
STYLE = """
@media (min-width: 1200px) {
    :has(> .st-key-way-back) { position: absolute; width: 0; height: 0; }
    .st-key-way-back { position: fixed; top: 0.6rem; right: 4rem; width: fit-content !important; z-index: 999991; }
}
"""


def show_way_back() -> None:
    """Shows a link to the lesson that opened the page; must come first on a page."""
    name = state.in_url(state.LESSON)
    if name in LESSONS:
        if not is_on_stage():
            show_style(STYLE)
        with st.container(key="way-back"):
            label, query = f"Back to lesson {LESSONS[name].number}", {"lesson": name, "step": STEPS[-1]}
            if st.button(label, icon=":material/arrow_back:", type="tertiary", key="back-to-lesson"):
                state.put(state.STAGE, state.take(state.LEFT_STAGE))
                st.switch_page(PAGE, query_params=query)


def leave_stage() -> None:
    """Leaves the stage to show the whole page of a lesson's task. The link back returns to the stage."""
    state.put(state.LEFT_STAGE, True)
    state.put(state.STAGE, False)
