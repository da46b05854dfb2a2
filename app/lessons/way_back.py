"""The way back from a page to the lesson that has sent a person there: ``?lesson=`` in the URL of the page."""

import streamlit as st

from app import state
from app.lessons.contents import LESSONS
from app.lessons.course import STEPS
from app.widgets.open_on_page import offer_page

PAGE = "views/lessons.py"


def show_way_back() -> None:
    """A link to the lesson, where a lesson has led here; before anything else of a page."""
    number = state.in_url(state.LESSON)
    if number is not None and number <= len(LESSONS):
        with st.container(key="way-back"):
            offer_page(PAGE, f"Back to lesson {number}", "arrow_back", lesson=str(number), step=STEPS[-1])
