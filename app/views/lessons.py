"""Lessons: a course of six, each a question, a prediction, the reveal, and one thing to try."""

import html
from functools import partial
from pathlib import Path

import streamlit as st

from app import state
from app.glossary import TERMS
from app.lessons import browser, course
from app.lessons.contents import LESSONS
from app.lessons.course import STEP_NAMES, STEPS, AnyLesson, Choice, Place, Scale
from app.lessons.notes import follow_lesson, notes_url, show_notes
from app.lessons.progress import Progress
from app.lessons.prose import Prose
from app.widgets.export_menu import offer
from app.widgets.open_on_page import offer_page
from app.widgets.selectors import show_style
from app.widgets.stage import FIGURE, is_on_stage, show_stage_button

STYLE = Path(course.__file__).with_name("lessons.css")
STAGE_STYLE = STYLE.with_name("lessons_on_stage.css")
BROWSER = "lessons-browser"
#: Where the course leads to.
ONWARD = (
    ("views/inspect_image.py", "Inspect: judge a photo of your own", "balance"),
    ("views/draw.py", "Draw: write a digit", "draw"),
    ("views/latent.py", "Latent space: look around among all test images", "scatter_plot"),
    ("views/tradeoff.py", "Trade-off: all models in one picture", "show_chart"),
)
NEXT = {"question": "Predict", "prediction": "Reveal", "reveal": "Try it", "try": "Next lesson"}


def place_in_url() -> Place | None:
    """Where the URL says that a person is; ``None`` if it says nothing that there is."""
    place = Place.parse(state.in_url(state.LESSON), state.in_url(state.STEP), state.in_url(state.GUESS))
    return place if place is not None and place.lesson <= len(LESSONS) else None


def go(place: Place) -> None:
    """Goes to a place: the URL holds it, and what else belongs to the lesson stays there."""
    here = place_in_url()
    kept = {state.NOTES, state.STAGE} | ({state.GAMMA} if here is not None and here.lesson == place.lesson else set())
    state.link_only(dict(zip((state.LESSON, state.STEP, state.GUESS), place, strict=True)), kept)


def progress_so_far() -> Progress:
    """How far the person is, as this session knows it."""
    return state.get(state.PROGRESS) or Progress()


def turn(direction: int) -> None:
    """One step on (1) or back (-1)."""
    place = place_in_url() or Place()
    turned = place.turned(direction, len(LESSONS))
    before = progress_so_far().places.get(turned.lesson)
    if turned.lesson != place.lesson and before is not None:
        turned = turned._replace(guess=before.guess)
    go(turned)


def turn_by_key() -> None:
    """What a clicker's key does."""
    state.put(state.TURNS, state.get(state.TURNS) + 1)
    turn(browser.turned(BROWSER))


def open_lesson(number: int) -> None:
    """Opens a lesson where it was left, and one that was finished at its reveal."""
    go(progress_so_far().places.get(number, Place(number)))


def predict(lesson: int, guess: str) -> None:
    """Takes down a prediction."""
    place = place_in_url() or Place()
    step = place.step if place.lesson == lesson and place.step != STEPS[0] else STEPS[1]
    go(Place(lesson, step, guess))


def forget() -> None:
    """Forgets how far the person was."""
    state.put(state.PROGRESS, Progress())
    state.put(state.FORGET, True)
    go(Place())


def current_place() -> Place:
    """Where the person is; without a word in the URL, where they were last."""
    progress = progress_so_far()
    place = place_in_url()
    if place is None and state.came_by_history():
        return Place()  # the browser's Back leads to where a person began
    if place is None:
        place = progress.places.get(progress.last, Place())
        if progress.last:
            go(place)
    return place


def join_progress() -> None:
    """Takes over what the browser had kept, once it has said so."""
    kept = browser.kept_progress(BROWSER)
    if kept is not None and not state.get(state.JOINED):
        state.put(state.JOINED, True)
        state.put(state.PROGRESS, progress_so_far().joined(kept))


def note_progress(place: Place) -> None:
    """Takes down that the person is at a place; the mere beginning of the course is no progress."""
    progress = progress_so_far()
    if place != Place() or progress.last:
        state.put(state.PROGRESS, progress.at(place))


def keep_in_browser(place: Place) -> None:
    """Keeps the progress in the browser, which also listens to the keys of a clicker, and shows a new place's begin."""
    browser.keep(
        BROWSER,
        place,
        progress_so_far(),
        is_joined=state.get(state.JOINED),
        forget=state.take(state.FORGET),
        turns=state.get(state.TURNS),
        on_turn=turn_by_key,
    )


def show_lessons(place: Place) -> None:
    """The six lessons to choose from, and how the page is shown to a room."""
    finished = progress_so_far().finished
    with st.container(horizontal=True, vertical_alignment="center", gap="small", width="content", key="lesson-bar"):
        for number, lesson in enumerate(LESSONS, start=1):
            done = number in finished
            st.button(
                f"{number} ✓" if done else str(number),
                key=f"lesson-{number}",
                type="primary" if number == place.lesson else "secondary",
                help=f"{lesson.title}{' (finished)' if done else ''}",
                on_click=open_lesson,
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


def is_lecture() -> bool:
    """Whether the lesson is gone through step by step, so that the answers to choose from are shown when due."""
    return is_on_stage() or state.in_url(state.NOTES) is not None


def paragraph(text: str, kind: str = "") -> None:
    """HTML as a paragraph of the lesson."""
    st.html(f'<div class="lesson-text"><p class="{kind}">{text}</p></div>')


def ask(lesson: AnyLesson, place: Place, prompt: str) -> None:
    """Takes the person's prediction."""
    st.markdown(f"**{prompt}**")
    guessed = state.GUESSED.of(place.lesson)
    match lesson.guess:
        case Scale() as scale:
            chosen = scale.read(place.guess)
            state.put(guessed, scale.start if chosen is None else chosen)
            st.slider(
                scale.label,
                scale.low,
                scale.high,
                **state.bound(guessed),
                format="%d %%",
                label_visibility="collapsed",
                on_change=lambda: predict(place.lesson, str(state.get(guessed))),
            )
        case Choice(options, several=True):
            ids = [option.id for option in options]
            state.put(guessed, [id for id in place.guess.split(",") if id in ids])
            st.pills(
                prompt,
                ids,
                selection_mode="multi",
                format_func={option.id: option.label for option in options}.__getitem__,
                **state.bound(guessed),
                label_visibility="collapsed",
                wrap=True,
                on_change=lambda: predict(place.lesson, ",".join(id for id in ids if id in state.get(guessed))),
            )
        case Choice(options):
            for option in options:
                st.button(
                    option.label,
                    key=f"{guessed.name}-{option.id}",
                    type="primary" if option.id == place.guess else "secondary",
                    on_click=predict,
                    args=(place.lesson, option.id),
                    width="stretch",
                )


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

    Arguments:
        place: where the person is.
        guess: what is to be predicted there, if anything is. A slider predicts wherever it stands.
    """
    is_first, is_last = place[:2] == (1, STEPS[0]), is_end(place)
    asks = guess is not None and not is_lecture()
    predicted = place.guess or (str(guess.start) if isinstance(guess, Scale) else "")
    forward = partial(go, place._replace(step="reveal", guess=predicted)) if asks else partial(turn, 1)
    label = "The end" if is_last else "Reveal" if asks else NEXT[place.step]
    waits = asks and not predicted
    with st.container(horizontal=True, gap="small"):
        st.button("Back", key="back", icon=":material/arrow_back:", disabled=is_first, on_click=partial(turn, -1))
        why = "Guess first." if waits else None
        st.button(label, key="next", type="primary", disabled=is_last or waits, help=why, on_click=forward)


def is_end(place: Place) -> bool:
    """Whether it is the last place of the course."""
    return place[:2] == (len(LESSONS), STEPS[-1])


def show_task(lesson: AnyLesson, number: int, text: str) -> None:
    """The one thing to try."""
    paragraph(f"<b>Try it.</b> {text}")
    link = lesson.link().from_lesson(number)  # never to the stage, where the controls that the task needs are hidden
    st.link_button(link.label, link.url, icon=":material/open_in_new:", width="stretch")


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
    if progress_so_far().finished:
        st.button("Start the course over", key="forget", type="tertiary", icon=":material/replay:", on_click=forget)


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
    if is_end(place):
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
    with picture, st.container(key=f"lesson-picture-{place.lesson}"):
        lesson.show(place.guess, revealed)
    paragraph(prose.html(lesson.caption, values), "caption")
    if words is not None:
        with words:
            ask(lesson, place, lesson.ask.format_map(values))


def show_page_of_notes(place: Place) -> None:
    """The notes alone."""
    follow_lesson(place, go)
    st.markdown(f"#### Notes on {place.lesson} · {LESSONS[place.lesson - 1].title}")
    st.html(list_of_steps(place))
    show_turns(place)
    show_notes(place)


def show_page_of_lesson(place: Place) -> None:
    """The lesson, and what belongs to the course."""
    note_progress(place)
    keep_in_browser(place)
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
        show_page_of_notes(place_in_url() or Place())
        return
    join_progress()
    show_page_of_lesson(current_place())


main()
