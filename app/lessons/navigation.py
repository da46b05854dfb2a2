"""The user's position in the course, navigation, and the progress stored in the browser."""

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
    """Reads the lesson and the step from the URL; ``None`` if the URL names no lesson."""
    return lesson_step(state.in_url(state.LESSON), state.in_url(state.STEP), state.in_url(state.GUESS))


def go(place: LessonStep) -> None:
    """Goes to a step: writes it to the URL and keeps the lesson's other parameters."""
    here = place_in_url()
    kept = {state.NOTES, state.STAGE} | ({state.GAMMA} if here is not None and here.lesson == place.lesson else set())
    state.link_only(dict(zip((state.LESSON, state.STEP, state.GUESS), place, strict=True)), kept)


def progress_so_far() -> Progress:
    """Returns the user's progress in this session."""
    return state.get(state.PROGRESS) or Progress()


def turn(direction: int) -> None:
    """Goes one step on (1) or back (-1)."""
    place = place_in_url() or FIRST
    there = turned(place, direction)
    before = progress_so_far().places.get(there.lesson)
    if there.lesson != place.lesson and before is not None:
        there = there._replace(guess=before.guess)
    go(there)


def pressed() -> int:
    """In the callback, returns the direction of a key press: 1 for the next step, -1 for the previous, 0 if invalid."""
    return state.from_component(BROWSER, "turn", one_of(1, -1), 0)


def turn_by_key() -> None:
    """Handles a key of a clicker."""
    state.put(state.TURNS, state.get(state.TURNS) + 1)
    turn(pressed())


def open_lesson(name: str) -> None:
    """Opens a lesson at the step where the user left it."""
    go(progress_so_far().places.get(name, LessonStep(name)))


def predict(lesson: str, guess: str) -> None:
    """Stores a prediction."""
    go(LessonStep(lesson, STEPS[0], guess))


def current_place() -> LessonStep:
    """Returns the user's step: the URL's step, or else the last step."""
    progress = progress_so_far()
    named = place_in_url()
    if named is None and state.came_by_history():
        return FIRST  # the browser's Back button leads to the start of the course
    place = named or progress.places.get(progress.last, FIRST)
    is_wrong = not state.url_agrees({state.LESSON: place.lesson, state.STEP: place.step})
    if is_wrong:
        say_missing("a lesson or a step", f"Lesson {LESSONS[place.lesson].number}")
    # The notice of a wrong link must survive the second run, which starts when the browser sends the progress.
    if state.get(state.JOINED) if is_wrong else progress.last and named is None:
        go(place)
    return place


def kept_progress() -> Progress | None:
    """Returns the progress that the browser had stored; ``None`` until the browser answers."""
    return state.from_component(BROWSER, "kept", Progress.from_json, None)


def join_progress() -> None:
    """Adds the stored progress when the browser sends it."""
    kept = kept_progress()
    if kept is not None and not state.get(state.JOINED):
        state.put(state.JOINED, True)
        state.put(state.PROGRESS, progress_so_far().joined(kept))


def note_progress(place: LessonStep) -> None:
    """Records the user's step and stores it in the browser, which also listens to a clicker's keys.

    Opening the course is not yet progress.
    """
    progress = progress_so_far()
    if place != FIRST or progress.last:
        progress = progress.at(place)
        state.put(state.PROGRESS, progress)
    data = {
        "place": {"lesson": place.lesson, "step": place.step},
        "progress": progress.as_json(),
        "is_joined": state.get(state.JOINED),
        "turns": state.get(state.TURNS),  # tells the browser that a key press was handled
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
    """Checks whether a step is the last one of the course."""
    return (place.lesson, place.step) == PLACES[-1]
