"""Lessons: a course of short lessons, each with a question, a prediction, the answer, and a task."""

import html
from functools import partial
from pathlib import Path

import streamlit as st

from app import state
from app.latent_space.plane import Plane
from app.lessons import course, navigation, way_back
from app.lessons.course import LESSONS, STEP_NAMES, STEPS, Found, Lesson, LessonStep
from app.lessons.notes import follow_lesson, notes_url, show_notes
from app.lessons.prose import TERMS, Prose
from app.panel import show_export, show_grid, show_part
from app.widgets.selectors import show_style
from app.widgets.stage import FIGURE, is_on_stage, show_stage_button

STYLE = Path(course.__file__).with_name("lessons.css")
#: Links after the course.
ONWARD = (
    ("views/test_image.py", "Test an image: write a digit, or judge a photo of your own", "balance"),
    ("views/explore.py", "Explore: all test images in latent space", "scatter_plot"),
    ("views/results.py", "Results: all models in one picture", "show_chart"),
)
NEXT = {"question": "Reveal", "reveal": "Try it", "try": "Next"}
LINE = 44  # height of a line of text in CSS pixels
STAGED = ":root { --lesson-letters: 24px; --lesson-above: 5.5rem; }"


def show_head(place: LessonStep) -> None:
    """Shows the title, the menu of lessons, and the stage and notes controls."""
    lesson, finished = LESSONS[place.lesson], navigation.progress_so_far().finished
    arranged = {"horizontal": True, "vertical_alignment": "center"}
    with st.container(**arranged, horizontal_alignment="distribute", key="lesson-head"):
        is_end = navigation.is_end(place)
        st.markdown("#### What you learned in the course" if is_end else f"#### {lesson.number} · {lesson.title}")
        with st.container(**arranged, gap="small", width="content"):
            st.html(f'<span class="lesson-step">{STEP_NAMES[place.step]}</span>')
            if not is_on_stage():
                show_lessons(place, finished)
            show_stage_button("step")


def show_lessons(place: LessonStep, finished: frozenset[str]) -> None:
    """Shows the menu of the lessons, and the link to the lecturer's notes."""
    for name, lesson in LESSONS.items():
        st.button(
            f"{lesson.number} ✓" if name in finished else str(lesson.number),
            key=f"open-{name}",
            type="primary" if name == place.lesson and not navigation.is_end(place) else "secondary",
            help=f"{lesson.title}{' (finished)' if name in finished else ''}",
            on_click=navigation.open_lesson,
            args=(name,),
        )
    st.link_button(
        "For lecturers",
        notes_url(place),
        icon=":material/open_in_new:",
        help="A lecturer's notes in a second window, which the room does not see: what to say at each step, and how "
        "long the step takes. They follow this lesson.",
    )


def paragraph(text: str, kind: str = "") -> None:
    """Shows HTML as a paragraph of the lesson."""
    st.html(f'<div class="lesson-text"><p class="{kind}">{text}</p></div>')


def ask(lesson: Lesson, place: LessonStep, prompt: str) -> None:
    """Asks for the user's prediction."""
    guessed, scale = state.GUESSED.of(place.lesson), lesson.guess

    def predict() -> None:
        said = state.get(guessed)
        navigation.predict(
            place.lesson, ",".join(said) if isinstance(said, list) else str("" if said is None else said)
        )

    given = {**state.bound(guessed), "on_change": predict}
    if scale:
        chosen = scale.read(place.guess)
        state.put(guessed, scale.start if chosen is None else chosen)
        st.slider(prompt, scale.low, scale.high, format="%d %%", **given)
    else:
        chosen = [one for one in lesson.options if one in course.chosen_of(place.guess, lesson.options)]
        state.put(guessed, chosen if lesson.several else next(iter(chosen), None))
        given |= {"selection_mode": "multi" if lesson.several else "single", "label_visibility": "collapsed"}
        st.pills(prompt, list(lesson.options), format_func=lesson.options.__getitem__, wrap=True, **given)


def show_turns(place: LessonStep, lesson: Lesson | None = None) -> None:
    """Shows the buttons for the next and the previous step. The answer requires a prediction, except on stage.

    There, the audience predicts aloud. A slider may stay where it is.
    """
    asked = lesson if place.step == STEPS[0] and not is_on_stage() else None
    forward = partial(navigation.go, place._replace(step=STEPS[1])) if asked else None
    waits = asked is not None and not (place.guess or asked.guess)
    is_first = (place.lesson, place.step) == course.PLACES[0]
    back, on = (partial(navigation.turn, direction) for direction in (-1, 1))
    st.button("Back", key="back", icon=":material/arrow_back:", disabled=is_first, on_click=back)
    why = "Guess first." if waits else None
    if not navigation.is_end(place):
        st.button(NEXT[place.step], key="next", type="primary", disabled=waits, help=why, on_click=forward or on)


def show_links(lesson: Lesson, found: Found) -> None:
    """Shows the links for the task. They open a new window, or on stage this window, which then leaves the stage."""
    for number, link in enumerate(lesson.links(found.values)):
        if not is_on_stage():
            st.link_button(link.label, link.url, icon=":material/open_in_new:")
        elif st.button(link.label, icon=":material/arrow_outward:", key=f"try-{number}"):
            way_back.leave_stage()  # the stage would hide controls that the task needs
            state.follow_link(link.file, link.query)


def show_lesson(lesson: Lesson, place: LessonStep) -> None:
    """Shows one step of a lesson: its text, its controls, and the figures in the space below."""
    revealed = place.step != STEPS[0]
    with st.container(key="lesson"):
        with st.spinner("Computing …", show_time=True):
            found = lesson.found(revealed)
        prose, values = Prose(f"lesson-{lesson.number}"), found.values
        said = {
            "question": lesson.question,
            "reveal": f"**{lesson.verdict(place.guess, found).replace('**', '')}** {lesson.reveal}",
            "try": f"**Try it.** {lesson.task}",
        }
        paragraph(prose.html(said[place.step], values), "verdict" if place.step == "reveal" else "")
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="lesson-turns"):
            if not revealed:
                ask(lesson, place, lesson.ask.format_map(values))
            if place.step == "try":
                show_links(lesson, found)
            show_turns(place, lesson)
            if revealed:
                show_export(f"lesson-{lesson.number}", lesson.title, lesson.module.questions(revealed))
        if revealed and hasattr(lesson.module, "show_controls"):
            lesson.module.show_controls()
        parts = found.draw(place.guess, revealed)
        with st.container(key=FIGURE):
            for part in parts:
                show_part(part)
        paragraph(prose.html(lesson.caption, values), "caption")
    has_headings = any(isinstance(part, Plane) and part.heading for part in parts)
    show_grid(LINE * has_headings)
    show_style(f".st-key-stage-figure {{ --lesson-columns: {lesson.columns or 'initial'}; }}")


def show_ending(place: LessonStep) -> None:
    """Shows the summary of the course, and links to other pages."""
    prose = Prose("ending")
    points = "".join(f"<li>{prose.html(lesson.point, {})}</li>" for lesson in LESSONS.values())
    with st.container(key="lesson"):
        with st.container(key=FIGURE):
            st.html(f'<div class="lesson-text"><ol>{points}</ol></div>')
        with st.container(horizontal=True, key="lesson-turns"):
            show_turns(place)
            for page, label, icon in ONWARD:
                if st.button(label, icon=f":material/{icon}:", type="tertiary", key=f"to-{page}"):
                    st.switch_page(page, query_params={})


def show_glossary() -> None:
    """Lists all terms."""
    with st.expander("Glossary"):
        entries = "".join(f"<dt>{html.escape(term)}</dt><dd>{html.escape(said)}</dd>" for term, said in TERMS.items())
        st.html(f"<dl>{entries}</dl>")


def show_page_of_notes(place: LessonStep) -> None:
    """Shows the notes alone."""
    follow_lesson(place, navigation.go)
    lesson = LESSONS[place.lesson]
    st.markdown(f"#### Notes on {lesson.number} · {lesson.title}")
    with st.container(horizontal=True, gap="small"):
        show_turns(place)
    show_notes(place)


def show_page_of_lesson(place: LessonStep) -> None:
    """Shows the lesson and the course's navigation."""
    navigation.note_progress(place)
    lesson = LESSONS[place.lesson]
    show_head(place)
    if navigation.is_end(place):
        show_ending(place)
    elif missing := lesson.missing():
        with st.container(key=FIGURE):
            st.info(missing, icon=":material/folder_off:")
            with st.container(horizontal=True):
                show_turns(place)
    else:
        show_lesson(lesson, place)
    show_glossary()


def main() -> None:
    """Shows the page."""
    show_style(STYLE.read_text("utf-8") + STAGED * is_on_stage())
    if state.in_url(state.NOTES) is not None:
        show_page_of_notes(navigation.place_in_url() or navigation.FIRST)
        return
    navigation.join_progress()
    show_page_of_lesson(navigation.current_place())


main()
