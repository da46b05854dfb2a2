"""A person's place in the course, the way on, and the progress, which the browser keeps."""

from pathlib import Path

from app import state
from app.lessons.course import LESSONS, PLACES, STEPS, LessonStep, lesson_step, turned
from app.lessons.progress import Progress
from app.models.faults import say_missing
from app.reading import one_of
from app.widgets.component import custom_component
from app.widgets.stage import is_on_stage

BROWSER = "lessons-browser"
FIRST = LessonStep(next(iter(LESSONS)))


def place_in_url() -> LessonStep | None:
    """The lesson and step in the URL; ``None`` if the URL names none."""
    return lesson_step(state.in_url(state.LESSON), state.in_url(state.STEP), state.in_url(state.GUESS))


def go(place: LessonStep) -> None:
    """Goes to a place: the URL holds it, and keeps the lesson's other parameters."""
    here = place_in_url()
    kept = {state.NOTES, state.STAGE} | ({state.GAMMA} if here is not None and here.lesson == place.lesson else set())
    state.link_only(dict(zip((state.LESSON, state.STEP, state.GUESS), place, strict=True)), kept)


def progress_so_far() -> Progress:
    """The person's progress, as far as this session knows."""
    return state.get(state.PROGRESS) or Progress()


def turn(direction: int) -> None:
    """One step on (1) or back (-1)."""
    place = place_in_url() or FIRST
    there = turned(place, direction)
    before = progress_so_far().places.get(there.lesson)
    if there.lesson != place.lesson and before is not None:
        there = there._replace(guess=before.guess)
    go(there)


def pressed() -> int:
    """Which way a key turns, in the callback: 1 for Page Down, -1 for Page Up, 0 for neither."""
    return state.from_component(BROWSER, "turn", one_of(1, -1), 0)


def turn_by_key() -> None:
    """The action of a clicker's key."""
    state.put(state.TURNS, state.get(state.TURNS) + 1)
    turn(pressed())


def open_lesson(name: str) -> None:
    """Opens a lesson where it was left."""
    go(progress_so_far().places.get(name, LessonStep(name)))


def predict(lesson: str, guess: str) -> None:
    """Takes down a prediction."""
    go(LessonStep(lesson, STEPS[0], guess))


def current_place() -> LessonStep:
    """The person's place: from the URL, or else the last one."""
    progress = progress_so_far()
    named = place_in_url()
    if named is None and state.came_by_history():
        return FIRST  # the browser's Back leads to where a person began
    place = named or progress.places.get(progress.last, FIRST)
    is_wrong = not state.url_agrees({state.LESSON: place.lesson, state.STEP: place.step})
    if is_wrong:
        say_missing("a lesson or a step", f"Lesson {LESSONS[place.lesson].number}")
    # An invalid link stays until the browser has sent what it kept: the page then runs again, and must say it again.
    if state.get(state.JOINED) if is_wrong else progress.last and named is None:
        go(place)
    return place


def kept_progress() -> Progress | None:
    """The progress that the browser had stored when the page opened; ``None`` until it answers."""
    return state.from_component(BROWSER, "kept", Progress.from_json, None)


def join_progress() -> None:
    """Takes over the stored progress when the browser sends it."""
    kept = kept_progress()
    if kept is not None and not state.get(state.JOINED):
        state.put(state.JOINED, True)
        state.put(state.PROGRESS, progress_so_far().joined(kept))


def note_progress(place: LessonStep) -> None:
    """Takes down that the person is at a place, and keeps it in the browser, which listens to the keys of a clicker.

    Opening the first step of the course does not count as progress.
    """
    progress = progress_so_far()
    if place != FIRST or progress.last:
        progress = progress.at(place)
        state.put(state.PROGRESS, progress)
    data = {
        "place": {"lesson": place.lesson, "step": place.step},
        "progress": progress.as_json(),
        "is_joined": state.get(state.JOINED),
        "turns": state.get(state.TURNS),  # by which the browser knows that a press was answered
        "is_on_stage": is_on_stage(),
    }
    custom_component("lessons_browser", Path(__file__), "<span></span>")(
        key=BROWSER,
        data=data,
        default={"kept": None},
        height=1,
        on_kept_change=lambda: None,
        on_turn_change=turn_by_key,
    )


def is_end(place: LessonStep) -> bool:
    """Whether it is the last place of the course."""
    return (place.lesson, place.step) == PLACES[-1]
