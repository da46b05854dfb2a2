"""A canvas that a person writes a digit on."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from app import state
from app.figures.layout import png_uri
from app.images.handwriting import Stroke
from app.widgets.component import BUTTON, own_component

_HTML = """
<div class="board">
  <canvas role="img" aria-label="Canvas: write a digit here with a finger, a pen or a mouse"></canvas>
  <div class="buttons"><button data-undo>Undo</button><button data-clear>Clear</button></div>
</div>
"""


class Writing(NamedTuple):
    """What is on the canvas."""

    strokes: list[Stroke]  # lines of points (x, y) from 0 to 1, to the right and down
    # Whether a person has cleared the canvas since version changed, the background with it
    is_cleared: bool = False
    number: int = 0  # of what the browser sent last


def read_canvas(key: str, strokes: Sequence[Stroke] = (), version: int = 0) -> Writing:
    """What is on a canvas, also before this run of the page has shown it, as :func:`drawing_canvas` does."""
    sent = state.from_component(key, "written", _sent, {})
    if sent.get("version") != version:
        return Writing(list(strokes))
    return Writing(sent["strokes"], bool(sent.get("cleared")), sent["number"])


def _sent(said: object) -> dict[str, Any]:
    """What a canvas sends; ``ValueError`` if it is no such thing."""
    sent = said if isinstance(said, dict) else {}
    kinds = {"strokes": list, "number": int}
    if not all(isinstance(sent.get(name), kind) for name, kind in kinds.items()):
        raise ValueError("no strokes")
    return sent


def drawing_canvas(
    key: str,
    strokes: Sequence[Stroke] = (),
    version: int = 0,
    background: np.ndarray | None = None,
    answered: int = 0,
) -> Writing:
    """The canvas, and what is on it so far.

    The browser sends the strokes when the pen is up.

    Arguments:
        key: of the widget.
        strokes: what is on the canvas when it first appears, and whenever ``version`` changes.
        version: another number replaces what a person has written by ``strokes``.
        background: an image to write on, uint8 ``(H, W, 1)``; it is replaced with the strokes.
        answered: :attr:`Writing.number` of what the page shows.
    """
    picture = None if background is None else png_uri(background.repeat(3, axis=2))
    own_component("drawing_canvas", Path(__file__), _HTML, BUTTON)(
        key=key,
        data={"strokes": list(strokes), "version": version, "background": picture, "answered": answered},
        on_written_change=lambda: None,
    )
    return read_canvas(key, strokes, version)
