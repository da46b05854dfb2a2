"""What is on the canvas of the page Draw: from the link, from what it began with, and from the pen."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import streamlit as st

import ibinn_core as ib
from app import state
from app.figures.layout import png_uri
from app.images.drawing_canvas import Writing, read_canvas
from app.images.handwriting import Stroke, digit, from_text, to_text, written_on

LONGEST_IN_URL = 1000  # letters; longer drawings stay in the session
EMPTY = "empty"
_LETTER_W = [[(0.1, 0.1), (0.3, 0.9), (0.5, 0.3), (0.7, 0.9), (0.9, 0.1)]]
_LETTER_T = [[(0.1, 0.1), (0.9, 0.1)], [(0.5, 0.1), (0.5, 0.9)]]


class Start(NamedTuple):
    """What is on the canvas to begin with."""

    name: str  # for people
    background: np.ndarray | None = None  # a test image to write on, uint8 (28, 28, 1), or None
    strokes: Sequence[Stroke] = ()  # lines of points from 0 to 1


class Canvas(NamedTuple):
    """What the canvas was given, since when nothing but a person's strokes has changed it."""

    start: str  # key of what it began with
    strokes: Sequence[Stroke]  # that were on it then
    version: int  # another number for each


@st.cache_resource(show_spinner=False)
def starts() -> dict[str, Start]:
    """All of them by what the URL calls them, the empty canvas first."""
    images, labels = ib.data.embedded("mnist")
    found = {EMPTY: Start("nothing")}
    for number in sorted(set(labels.tolist())):
        found[str(number)] = Start(f"a {number} (test)", images[int(np.flatnonzero(labels == number)[0])])
    found["w"] = Start("the letter W", strokes=_LETTER_W)
    found["t"] = Start("the letter T", strokes=_LETTER_T)
    return found


def prepare_canvas(every: dict[str, Start]) -> Canvas:
    """What is to be on the canvas, by the URL, by what was chosen to begin with, or as the page was left."""
    start = state.begin(state.START, EMPTY, state.among(every))
    before: Canvas | None = state.get(state.DRAW_GIVEN)
    if before is None:
        given = Canvas(start, _strokes_of_link() or every[start].strokes, 1)
    elif start != before.start:
        given = Canvas(start, every[start].strokes, before.version + 1)
    elif not state.has(state.CANVAS):  # the page was left, and with it went what Streamlit knew of the canvas
        given = Canvas(start, state.get(state.DRAW_STROKES), before.version + 1)
    else:
        given = before
    state.put(state.DRAW_GIVEN, given)
    return given


def _strokes_of_link() -> list[Stroke]:
    try:
        return from_text(state.in_url(state.STROKES) or "")
    except ValueError:
        return []


def read_writing(given: Canvas) -> tuple[Writing, str]:
    """What is on the canvas, and the key of what it began with: nothing, once it was cleared."""
    writing = read_canvas(state.CANVAS.name, given.strokes, given.version)
    start = EMPTY if writing.is_cleared else given.start
    if start != given.start:
        state.put(state.START, start)
        state.put(state.DRAW_GIVEN, given._replace(start=start))
    state.put(state.DRAW_STROKES, writing.strokes)
    return writing, start


def image_of(writing: Writing, background: np.ndarray | None) -> np.ndarray | None:
    """What the models see, uint8 ``(28, 28, 1)``; ``None`` where nothing is written.

    Strokes are as a link has them, so that whoever opens it reads the same numbers.
    """
    strokes = from_text(to_text(writing.strokes))
    if background is not None:
        return written_on(background, strokes)
    return digit(strokes) if strokes else None


def remember_in_url(writing: Writing, start: Start) -> None:
    """Puts the strokes into the URL, if they are few enough, and not what the page begins with anyway."""
    text = to_text(writing.strokes) if list(writing.strokes) != list(start.strokes) else ""
    state.link(state.STROKES, text if len(text) <= LONGEST_IN_URL else "")


def pick_start(every: dict[str, Start]) -> None:
    """What the canvas begins with; :func:`prepare_canvas` reads it."""
    st.selectbox(
        "Begin with",
        list(every),
        format_func=lambda key: every[key].name,
        **state.bound(state.START),
        help="A test image that you can write on, or a letter; you need no pen.",
    )
    state.link(state.START, state.get(state.START), EMPTY)


def show_seen(pixels: np.ndarray | None, is_moved: bool) -> None:
    """The image that the model is given, uint8 ``(28, 28, 1)``; ``is_moved`` says whether it was scaled and centred."""
    shown = np.zeros((28, 28, 1), np.uint8) if pixels is None else pixels
    how = "centred as in MNIST" if is_moved else "as it is"
    st.html(
        '<div style="display: flex; align-items: center; gap: 0.75rem; font-size: 0.875rem">'
        f'<img data-seen src="{png_uri(shown.repeat(3, axis=2))}" alt="What the model sees: 28 × 28 grey pixels" '
        'width="64" height="64" style="image-rendering: pixelated; border-radius: 0.25rem">'
        f"<span>The model sees<br>28 × 28 pixels,<br>{how}</span></div>",
        width="content",
    )
