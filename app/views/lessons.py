"""Lessons: a course of seven, each a question, a prediction, the reveal, and one thing to try."""

import html
from contextlib import nullcontext
from functools import partial
from pathlib import Path

import streamlit as st

from app import state
from app.glossary import TERMS
from app.lessons import course, navigation, way_back
from app.lessons.asking import ask
from app.lessons.contents import LESSONS
from app.lessons.course import STEP_NAMES, STEPS, AnyLesson, Choice, Place, Scale
from app.lessons.notes import follow_lesson, notes_url, show_notes
from app.lessons.prose import Prose
from app.widgets.export_menu import offer
from app.widgets.open_on_page import offer_page
from app.widgets.selectors import show_style
from app.widgets.stage import FIGURE, is_on_stage, show_stage_button

STYLE = Path(course.__file__).with_name("lessons.css")
STAGE_STYLE = STYLE.with_name("lessons_on_stage.css")
#: Where the course leads to.
ONWARD = (
    ("views/test_image.py", "Test an image: write a digit, or judge a photo of your own", "balance"),
    ("views/latent.py", "Latent space: look around among all test images", "scatter_plot"),
    ("views/results.py", "Trade-off: all models in one picture", "show_chart"),
)
NEXT = {"question": "Predict", "prediction": "Reveal", "reveal": "Try it", "try": "Next lesson"}


def show_lessons(place: Place) -> None:
    """The seven lessons to choose from, and how the page is shown to a room."""
    finished = navigation.progress_so_far().finished
    with st.container(horizontal=True, vertical_alignment="center", gap="small", width="content", key="lesson-bar"):
        for number, lesson in enumerate(LESSONS, start=1):
            done = number in finished
            st.button(
                f"{number} ✓" if done else str(number),
                key=f"lesson-{number}",
                type="primary" if number == place.lesson else "secondary",
                help=f"{lesson.title}{' (finished)' if done else ''}",
                on_click=navigation.open_lesson,
                args=(number,),
            )
        st.link_button(
            "For lecturers",
            notes_url(place),
            icon=":material/open_in_new:",
            help="A lecturer's notes in a second window, which the room does not see: what to say at each step, and "
            "how long it takes. They follow this lesson.",
        )
        with st.container(width=110):
            show_stage_button("step")


def show_step_on_stage(place: Place) -> None:
    """Which step it is, and the way back from the stage."""
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", width="content"):
        st.html(list_of_steps(place))
        with st.container(key="slider-buttons", width=110):
            show_stage_button("step")


def paragraph(text: str, kind: str = "") -> None:
    """HTML as a paragraph of the lesson."""
    st.html(f'<div class="lesson-text"><p class="{kind}">{text}</p></div>')


def list_of_steps(place: Place) -> str:
    """Which step it is, as HTML."""
    index = STEPS.index(place.step)
    items = [
        f'<li class="{"done" if number < index else ""}" {"aria-current=step" if number == index else ""}>'
        f"{STEP_NAMES[step]}</li>"
        for number, step in enumerate(STEPS)
    ]
    return f'<ol class="steps" aria-label="Steps of the lesson">{"".join(items)}</ol>'


def show_turns(place: Place, guess: Choice | Scale | None = None) -> None:
    """The way on and back; the answer comes after a prediction, but a lecturer's room predicts aloud.

    A slider predicts wherever it stands.
    """
    is_first, is_last = place[:2] == (1, STEPS[0]), navigation.is_end(place)
    asks = guess is not None and not navigation.is_lecture()
    predicted = place.guess or (str(guess.start) if isinstance(guess, Scale) else "")
    forward = (
        partial(navigation.go, place._replace(step="reveal", guess=predicted)) if asks else partial(navigation.turn, 1)
    )
    label = "The end" if is_last else "Reveal" if asks else NEXT[place.step]
    waits = asks and not predicted
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Back", key="back", icon=":material/arrow_back:", disabled=is_first, on_click=partial(navigation.turn, -1)
        )
        why = "Guess first." if waits else None
        st.button(label, key="next", type="primary", disabled=is_last or waits, help=why, on_click=forward)


def show_task(lesson: AnyLesson, number: int, text: str) -> None:
    """The one thing to try: in a window of its own, or on stage in the same one, which stays as large as the screen."""
    paragraph(f"<b>Try it.</b> {text}")
    with st.container(horizontal=True) if is_on_stage() else nullcontext():
        for key, found in (("try", lesson.link()), ("play", lesson.playground())):
            if found is None:
                continue
            link = found.from_lesson(number)
            if not is_on_stage():
                st.link_button(link.label, link.url, icon=":material/open_in_new:", width="stretch")
            elif st.button(link.label, icon=":material/arrow_outward:", key=key, width="stretch"):
                way_back.leave_stage()  # where the controls that the task needs are hidden
                st.switch_page(link.file, query_params=link.query)


def show_ending() -> None:
    """What to keep of the course, and where to go from here."""
    prose = Prose("ending")
    points = "".join(f"<li>{prose.html(lesson.point, {})}</li>" for lesson in LESSONS)
    with st.container(border=True, key="lesson-ending"):
        st.markdown("##### That was the course. What to keep of it")
        st.html(f'<div class="lesson-text"><ol>{points}</ol></div>')
        st.markdown("**Where to go from here**")
        with st.container(horizontal=True, gap="medium"):
            for page, label, icon in ONWARD:
                offer_page(page, label, icon)


def show_glossary() -> None:
    """All terms, and a fresh start."""
    with st.expander("Glossary"):
        entries = "".join(
            f"<dt>{html.escape(term.name)}</dt><dd>{html.escape(term.meaning)}</dd>" for term in TERMS.values()
        )
        st.html(f'<dl class="glossary">{entries}</dl>')
    if navigation.progress_so_far().finished:
        st.button(
            "Start the course over", key="forget", type="tertiary", icon=":material/replay:", on_click=navigation.forget
        )


def show_lesson(lesson: AnyLesson, place: Place) -> None:
    """The lesson at its step."""
    prose, values = Prose(f"lesson-{place.lesson}"), lesson.values()
    revealed = STEPS.index(place.step) >= STEPS.index("reveal")
    paragraph(prose.html(lesson.question, values))
    picture, words = st.columns([2, 1], gap="medium")
    # The words are read before the caption, so that their terms come first; the picture is drawn beside them.
    with words:
        st.html(list_of_steps(place))
        if not revealed:
            ask(lesson, place, lesson.ask.format_map(values))
        if place.step == "reveal":
            paragraph(prose.html(lesson.verdict(place.guess), values), "verdict")
        if revealed:
            paragraph(prose.html(lesson.reveal(), values))
        if place.step == "try":
            show_task(lesson, place.lesson, prose.html(lesson.task, values))
        show_turns(place, None if revealed else lesson.guess)
        if revealed and lesson.has_chart:
            offer(f"lesson-{place.lesson}", chart="lesson-picture", title=lesson.title)
    with picture, st.container(key="lesson-picture"):
        lesson.show(place.guess, revealed)
        paragraph(prose.html(lesson.caption, values), "caption")
    if navigation.is_end(place):
        show_ending()


def show_on_stage(lesson: AnyLesson, place: Place) -> None:
    """The lesson at its step for a room: what is said, and the picture below it as large as there is room for."""
    prose, values = Prose(f"lesson-{place.lesson}"), lesson.values()
    revealed = STEPS.index(place.step) >= STEPS.index("reveal")
    if place.step == "reveal":
        paragraph(f"<b>{prose.html(lesson.verdict(place.guess), values)}</b> {prose.html(lesson.reveal(), values)}")
    elif place.step == "try":
        show_task(lesson, place.lesson, prose.html(lesson.task, values))
    else:
        paragraph(prose.html(lesson.question, values))
    asks = place.step == "prediction"
    picture, words = st.columns([2, 1], gap="medium") if asks else (st.container(), None)
    with picture, st.container(key=f"lesson-picture-{lesson.name}"):
        lesson.show(place.guess, revealed)
    paragraph(prose.html(lesson.caption, values), "caption")
    if words is not None:
        with words:
            ask(lesson, place, lesson.ask.format_map(values))


def show_page_of_notes(place: Place) -> None:
    """The notes alone."""
    follow_lesson(place, navigation.go)
    st.markdown(f"#### Notes on {place.lesson} · {LESSONS[place.lesson - 1].title}")
    st.html(list_of_steps(place))
    show_turns(place)
    show_notes(place)


def show_page_of_lesson(place: Place) -> None:
    """The lesson, and what belongs to the course."""
    navigation.note_progress(place)
    navigation.keep_in_browser(place)
    lesson = LESSONS[place.lesson - 1]
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="lesson-head"
    ):
        st.markdown(f"#### {place.lesson} · {lesson.title}")
        (show_step_on_stage if is_on_stage() else show_lessons)(place)
    missing = lesson.missing()
    if missing:
        st.info(missing, icon=":material/folder_off:")
        st.html(list_of_steps(place))
        show_turns(place)
    elif is_on_stage():
        show_style(STAGE_STYLE.read_text("utf-8"))
        with st.container(key=FIGURE):
            show_on_stage(lesson, place)
    else:
        show_lesson(lesson, place)
    show_glossary()


def main() -> None:
    """The page."""
    show_style(STYLE.read_text("utf-8"))
    if state.in_url(state.NOTES) is not None:
        show_page_of_notes(navigation.place_in_url() or Place())
        return
    navigation.join_progress()
    show_page_of_lesson(navigation.current_place())


main()
