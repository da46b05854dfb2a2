"""A lecturer's notes in a second window, hidden from the audience. They follow the lesson."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st

from app import state
from app.lessons.course import LESSONS, STEP_NAMES, STEPS, LessonStep, lesson_step
from app.lessons.prose import Prose
from app.widgets.component import custom_component

FOLLOWER = "notes-window"  # key of the widget


def notes_url(place: LessonStep) -> str:
    """Returns the address of the notes on a step, relative to another page's address."""
    query = state.query({state.NOTES: True, state.LESSON: place.lesson, state.STEP: place.step})
    return f"./lessons?{urlencode(query)}"


def show_notes(place: LessonStep) -> None:
    """Shows what to say at each step of a lesson, how long it takes, and when the lesson begins."""
    lesson = LESSONS[place.lesson]
    if missing := lesson.missing():
        st.info(missing, icon=":material/folder_off:")
        return
    prose, values = Prose("notes"), lesson.found().values
    before = sum(one.seconds for one in LESSONS.values() if one.number < lesson.number)
    notes = "".join(
        f"<p{' aria-current=step' if step == place.step else ''}><b>{STEP_NAMES[step]}, {seconds} s.</b> "
        f"{prose.html(text, values)}</p>"
        for step, (seconds, text) in zip(STEPS, lesson.notes, strict=True)
    )
    total = _clock(sum(one.seconds for one in LESSONS.values()))
    st.html(
        f'<div class="notes"><p>This lesson begins at {_clock(before)} and takes {_clock(lesson.seconds)} of {total} '
        f"minutes.</p>{notes}<p>These notes follow the lesson in another window of this browser. Page Down and "
        "Page Up, the keys of a clicker, and the arrows turn the lesson's steps also while this window is in "
        "front.</p></div>"
    )


def follow_lesson(place: LessonStep, go: Callable[[LessonStep], None]) -> None:
    """Follows the lesson that is open in another window: calls ``go`` with each new step before the page runs again."""

    def on_change() -> None:
        if followed := state.from_component(FOLLOWER, "place", _place, None):
            go(followed)

    custom_component("notes_window", Path(__file__), "<span></span>")(
        key=FOLLOWER, data={"lesson": place.lesson, "step": place.step}, height=1, on_place_change=on_change
    )


def _place(message: object) -> LessonStep | None:
    """Reads the step that another window reports."""
    return lesson_step(message.get("lesson"), message.get("step"), "") if isinstance(message, dict) else None


def _clock(seconds: int) -> str:
    """Formats a time as minutes and seconds."""
    return f"{seconds // 60}:{seconds % 60:02d}"
