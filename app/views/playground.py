"""Playground: a small IB-INN that trains in the browser while you watch."""

import streamlit as st

from app.playground.element import play_from_link, playground, same_in_python
from app.playground.words import SHARED, TERMS
from app.widgets.selectors import show_style
from app.widgets.share import reserve_link
from app.widgets.stage import FIGURE, is_on_stage, show_stage_button

#: The heading and its buttons share a line.
STYLE = """
.st-key-playground-head { flex-wrap: nowrap; }
.st-key-playground-head > :has(h4) { flex: 1; }
/* On a phone, the heading has its own line, and its buttons come last, so that controls and figures fit one screen. */
@media (max-width: 640px) {
    «page» h4 { font-size: 1.05rem; }
    «wrapper»:has(> .st-key-playground-head), .st-key-playground-head { display: contents; }
    .st-key-playground-head > :not(:has(h4)) { order: 1; }
}
"""
#: Places the stage button, which leaves the stage, next to the controls.
STAGE_STYLE = """
.st-key-stage-figure { margin-top: 1rem; }
.st-key-playground-head { position: absolute; z-index: 1; top: 1rem; right: 2rem; width: auto; }
.st-key-playground-head > :not(:has(.st-key-stage-button), .st-key-stage-button) { display: none; }
"""


def main() -> None:
    """Shows the page."""
    show_style(STYLE + (STAGE_STYLE if is_on_stage() else ""))
    play, painted = play_from_link()
    with st.container(key="playground-head", horizontal=True, vertical_alignment="center"):
        st.markdown("#### Playground: train a model and watch")
        show_stage_button(clicker="lesson")
        with st.popover("Terms", icon=":material/help:", help="What the names and signs on this page mean."):
            st.markdown(TERMS)
        with st.popover("In Python", icon=":material/code:", help="The same model, trained with the library."):
            st.code(same_in_python(play, painted), language="python", width=720)
        with st.popover("Share", icon=":material/qr_code:", help="The link to this view, and its QR code."):
            st.caption(SHARED)
            reserve_link()
    with st.container(key=FIGURE):
        playground(play, painted)


main()
