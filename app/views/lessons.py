"""Lessons: a course of six, each a question, a prediction, the reveal, and one thing to try."""

import html
from functools import partial
from pathlib import Path

import streamlit as st

from app.lessons import browser, course
from app.lessons.contents import LESSONS
from app.lessons.course import STEPS, AnyLesson, Choice, Place, Scale
from app.lessons.glossary import TERMS
from app.lessons.progress import Progress
from app.lessons.prose import Prose
from app.widgets.open_on_page import offer_page

STYLE = Path(course.__file__).with_name("lessons.css")
BROWSER = "lessons-browser"
PROGRESS, JOINED, FORGET, TURNS = "lessons-progress", "lessons-joined", "lessons-forget", "lessons-turns"
STEP_NAMES = {"question": "Question", "prediction": "Prediction", "reveal": "Reveal", "try": "Try it"}
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
    query = st.query_params
    place = Place.parse(query.get("lesson"), query.get("step"), query.get("guess"))
    return place if place is not None and place.lesson <= len(LESSONS) else None


def go(place: Place) -> None:
    """Goes to a place: the URL holds it, and what else belongs to the lesson stays there."""
    here = place_in_url()
    kept = {"notes", "gamma"} if here is not None and here.lesson == place.lesson else {"notes"}
    query = {name: st.query_params[name] for name in kept if name in st.query_params}
    query["lesson"] = str(place.lesson)
    if place.step != STEPS[0]:
        query["step"] = place.step
    if place.guess:
        query["guess"] = place.guess
    st.query_params.from_dict(query)


def progress_so_far() -> Progress:
    """How far the person is, as this session knows it."""
    return st.session_state.get(PROGRESS, Progress())


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
    st.session_state[TURNS] = st.session_state.get(TURNS, 0) + 1
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
    st.session_state[PROGRESS] = Progress()
    st.session_state[FORGET] = True
    go(Place())


def current_place() -> Place:
    """Where the person is; without a word in the URL, where they were last."""
    progress = progress_so_far()
    place = place_in_url()
    if place is None:
        place = progress.places.get(progress.last, Place())
        if progress.last:
            go(place)
    return place


def join_progress() -> None:
    """Takes over what the browser had kept, once it has said so."""
    kept = browser.kept_progress(BROWSER)
    if kept is not None and not st.session_state.get(JOINED):
        st.session_state[JOINED] = True
        st.session_state[PROGRESS] = progress_so_far().joined(kept)


def note_progress(place: Place) -> None:
    """Takes down that the person is at a place; the mere beginning of the course is no progress."""
    progress = progress_so_far()
    if place != Place() or progress.last:
        st.session_state[PROGRESS] = progress.at(place)


def keep_in_browser(place: Place) -> None:
    """Keeps the progress in the browser, which also listens to the keys of a clicker, and shows a new place's begin."""
    browser.keep(
        BROWSER,
        progress_so_far(),
        place,
        is_joined=st.session_state.get(JOINED, False),
        forget=st.session_state.pop(FORGET, False),
        turns=st.session_state.get(TURNS, 0),
        on_turn=turn_by_key,
    )


def show_lessons(place: Place) -> None:
    """The six lessons to choose from, and how the page is shown."""
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
        st.toggle(
            "Lecturer",
            value=is_lecture(),
            key="lecturer",
            on_change=set_notes,
            help="Shows what to say at each step, and how long it takes.",
        )


def is_lecture() -> bool:
    """Whether the page is that of a lecturer: with notes, and the answers to choose from only when they are due."""
    return "notes" in st.query_params


def set_notes() -> None:
    """Keeps the lecturer's view in the URL."""
    if st.session_state["lecturer"]:
        st.query_params["notes"] = "1"
    else:
        st.query_params.pop("notes", None)


def paragraph(text: str, kind: str = "") -> None:
    """HTML as a paragraph of the lesson."""
    st.html(f'<div class="lesson-text"><p class="{kind}">{text}</p></div>')


def ask(lesson: AnyLesson, place: Place, prompt: str) -> None:
    """Takes the person's prediction."""
    st.markdown(f"**{prompt}**")
    key = f"guess-{place.lesson}"
    match lesson.guess:
        case Scale() as scale:
            chosen = scale.read(place.guess)
            st.session_state[key] = scale.start if chosen is None else chosen
            st.slider(
                scale.label,
                scale.low,
                scale.high,
                key=key,
                format="%d %%",
                label_visibility="collapsed",
                on_change=lambda: predict(place.lesson, str(st.session_state[key])),
            )
        case Choice(options, several=True):
            ids = [option.id for option in options]
            st.session_state[key] = [id for id in place.guess.split(",") if id in ids]
            st.pills(
                prompt,
                ids,
                selection_mode="multi",
                format_func={option.id: option.label for option in options}.__getitem__,
                key=key,
                label_visibility="collapsed",
                wrap=True,
                on_change=lambda: predict(place.lesson, ",".join(id for id in ids if id in st.session_state[key])),
            )
        case Choice(options):
            for option in options:
                st.button(
                    option.label,
                    key=f"{key}-{option.id}",
                    type="primary" if option.id == place.guess else "secondary",
                    on_click=predict,
                    args=(place.lesson, option.id),
                    width="stretch",
                )


def show_steps(place: Place) -> None:
    """Which step it is."""
    index = STEPS.index(place.step)
    items = [
        f'<li class="{"done" if number < index else ""}" {"aria-current=step" if number == index else ""}>'
        f"{STEP_NAMES[step]}</li>"
        for number, step in enumerate(STEPS)
    ]
    st.html(f'<ol class="steps" aria-label="Steps of the lesson">{"".join(items)}</ol>')


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
    link = lesson.link().from_lesson(number)
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


def show_notes(place: Place) -> None:
    """A lecturer's notes on the lesson, step by step, and the course's timing, in the sidebar."""
    lesson = LESSONS[place.lesson - 1]
    prose, values = Prose("notes"), {} if lesson.missing() else lesson.values()
    before = sum(one.seconds for one in LESSONS[: place.lesson - 1])
    notes = "".join(
        f"<p{' aria-current=step' if step == place.step else ''}><b>{STEP_NAMES[step]}, {note.seconds} s.</b> "
        f"{prose.html(note.text, values)}</p>"
        for step, note in zip(STEPS, lesson.notes, strict=True)
    )
    numbers = "".join(f"<th>{number}</th>" for number in range(1, len(LESSONS) + 1))
    times = "".join(f"<td>{clock(one.seconds)}</td>" for one in LESSONS)
    total = clock(sum(one.seconds for one in LESSONS))
    with st.sidebar:
        st.html(
            f'<div class="notes"><p><b>Lesson {place.lesson}</b> begins at {clock(before)} and takes '
            f"{clock(lesson.seconds)} minutes.</p>{notes}"
            f"<table><tr>{numbers}<th>all</th></tr><tr>{times}<td>{total}</td></tr></table>"
            "<p>Page Down and Page Up, the keys of a clicker, go from step to step.</p></div>"
        )


def clock(seconds: int) -> str:
    """A time as minutes and seconds."""
    return f"{seconds // 60}:{seconds % 60:02d}"


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
        show_steps(place)
        if not revealed and not (is_lecture() and place.step == STEPS[0]):
            ask(lesson, place, lesson.ask.format_map(values))
        if place.step == "reveal":
            paragraph(prose.html(lesson.verdict(place.guess), values), "verdict")
        if revealed:
            paragraph(prose.html(lesson.reveal(), values))
        if place.step == "try":
            show_task(lesson, place.lesson, prose.html(lesson.task, values))
        show_turns(place, None if revealed else lesson.guess)
    with picture, st.container(key="lesson-picture"):
        lesson.show(place.guess, revealed)
        paragraph(prose.html(lesson.caption, values), "caption")
    if is_end(place):
        show_ending()


def main() -> None:
    """The page."""
    st.html(STYLE)
    join_progress()
    place = current_place()
    note_progress(place)
    keep_in_browser(place)
    lesson = LESSONS[place.lesson - 1]
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="lesson-head"
    ):
        st.markdown(f"#### {place.lesson} · {lesson.title}")
        show_lessons(place)
    missing = lesson.missing()
    if missing:
        st.info(missing, icon=":material/folder_off:")
        show_steps(place)
        show_turns(place)
    else:
        show_lesson(lesson, place)
    if is_lecture():
        show_notes(place)
    show_glossary()


main()
