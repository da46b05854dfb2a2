"""Where a person is in the course, how they go on, and what they have done."""

from app import state
from app.lessons import browser
from app.lessons.contents import LESSONS
from app.lessons.course import STEPS, Place
from app.lessons.progress import Progress
from app.models.faults import say_missing
from app.widgets.stage import is_on_stage

BROWSER = "lessons-browser"


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
    named = place_in_url()
    if named is None and state.came_by_history():
        return Place()  # the browser's Back leads to where a person began
    place = named or progress.places.get(progress.last, Place())
    is_wrong = not state.url_agrees({state.LESSON: place.lesson, state.STEP: place.step})
    if is_wrong:
        say_missing("a lesson or a step", f"Lesson {place.lesson}")
    # A wrong link stays until the browser has said what it kept: the page runs again then, and must say it again.
    if state.get(state.JOINED) if is_wrong else progress.last and named is None:
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


def is_lecture() -> bool:
    """Whether the lesson is gone through step by step, so that the answers to choose from are shown when due."""
    return is_on_stage() or state.in_url(state.NOTES) is not None


def is_end(place: Place) -> bool:
    """Whether it is the last place of the course."""
    return place[:2] == (len(LESSONS), STEPS[-1])
