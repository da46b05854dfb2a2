"""What the browser does for the course: it keeps the progress, listens to a clicker, tells the notes, and scrolls."""

from collections.abc import Callable
from pathlib import Path

from app import state
from app.lessons.course import Place
from app.lessons.progress import Progress
from app.widgets.component import own_component
from app.widgets.stage import is_on_stage


def kept_progress(key: str) -> Progress | None:
    """What the browser had kept when the page was opened; ``None`` until it has answered."""
    return state.from_component(key, "kept", Progress.from_json, None)


def turned(key: str) -> int:
    """Which way a key turns, in the callback: 1 for Page Down, -1 for Page Up, 0 for neither."""
    return state.from_component(key, "turn", state.one_of(1, -1), 0)


def keep(
    key: str, place: Place, progress: Progress, *, is_joined: bool, forget: bool, turns: int, on_turn: Callable
) -> None:
    """Keeps ``progress`` in the browser, and listens to the keys as long as the page is open.

    Another lesson is shown from its beginning, and with a reveal its picture.

    Arguments:
        key: of the widget.
        place: where the person is, which the window of the notes is told.
        progress: what is to be kept.
        is_joined: whether ``progress`` has in it what the browser had kept; until then the browser says it.
        forget: whether what was kept before is to be dropped.
        turns: how often ``on_turn`` was called: what tells the browser that a press was answered.
        on_turn: called when a key was pressed, before the page runs again.
    """
    data = {
        "place": {"lesson": place.lesson, "step": place.step},
        "progress": progress.as_json(),
        "is_joined": is_joined,
        "forget": forget,
        "turns": turns,
        "is_on_stage": is_on_stage(),
    }
    changes = {"on_kept_change": lambda: None, "on_turn_change": on_turn}
    own_component("lessons_browser", Path(__file__), "<span></span>")(
        key=key, data=data, default={"kept": None}, height=1, **changes
    )
