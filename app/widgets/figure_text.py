"""Text in figures as readable as the page's own: the theme's text colour, on light and on dark."""

import streamlit as st

# Streamlit gives tick labels and titles a grey of 3.7:1 on white. What is hovered has a ground of its own.
STYLE = """<style>
.js-plotly-plot :is(.cartesianlayer, .infolayer) text { fill: currentColor !important; }
</style>"""


def make_readable() -> None:
    """Gives the text of all figures of the page the colour of its other text."""
    st.html(STYLE)
