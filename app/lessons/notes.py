"""A lecturer's notes in a window of their own, which the room does not see, in step with the lesson that it sees."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st

from app import state
from app.lessons.contents import LESSONS
from app.lessons.course import STEP_NAMES, STEPS, Place
from app.lessons.prose import Prose
from app.widgets.component import own_component

FOLLOWER = "notes-window"  # key of the widget


def notes_url(place: Place) -> str:
    """The address of the notes on a place, relative to that of another page."""
    query = state.query({state.NOTES: True, state.LESSON: place.lesson, state.STEP: place.step})
    return f"./lessons?{urlencode(query)}"


def show_notes(place: Place) -> None:
    """What to say at each step of a lesson, and when each lesson begins."""
    lesson = LESSONS[place.lesson - 1]
    prose, values = Prose("notes"), {} if lesson.missing() else lesson.values()
    before = sum(one.seconds for one in LESSONS[: place.lesson - 1])
    notes = "".join(
        f"<p{' aria-current=step' if step == place.step else ''}><b>{STEP_NAMES[step]}, {note.seconds} s.</b> "
        f"{prose.html(note.text, values)}</p>"
        for step, note in zip(STEPS, lesson.notes, strict=True)
    )
    numbers = "".join(f"<th>{number}</th>" for number in range(1, len(LESSONS) + 1))
    times = "".join(f"<td>{_clock(one.seconds)}</td>" for one in LESSONS)
    total = _clock(sum(one.seconds for one in LESSONS))
    st.html(
        f'<div class="notes"><p>This lesson begins at {_clock(before)} and takes {_clock(lesson.seconds)} minutes.</p>'
        f"{notes}<table><tr>{numbers}<th>all</th></tr><tr>{times}<td>{total}</td></tr></table>"
        "<p>These notes follow the lesson in another window of this browser. Page Down and Page Up, the keys of a "
        "clicker, turn the lesson that is on stage there, also while this window is in front.</p></div>"
    )


def follow_lesson(place: Place, go: Callable[[Place], None]) -> None:
    """Listens to the lesson in another window; ``go`` is called with its place, before the page runs again."""

    def told() -> None:
        if followed := state.from_component(FOLLOWER, "place", _place, None):
            go(followed)

    own_component("notes_window", Path(__file__), "<span></span>")(
        key=FOLLOWER, data={"lesson": place.lesson, "step": place.step}, height=1, on_place_change=told
    )


def _place(told: object) -> Place | None:
    """The place that another window has told."""
    return Place.parse(str(told.get("lesson")), told.get("step"), "") if isinstance(told, dict) else None


def _clock(seconds: int) -> str:
    """A time as minutes and seconds."""
    return f"{seconds // 60}:{seconds % 60:02d}"
