"""A canvas that a person writes a digit on."""

from functools import cache
from pathlib import Path

from streamlit.components.v2 import component
from streamlit.components.v2.types import ComponentRenderer

from app.images.handwriting import Stroke

_HTML = """
<div class="board">
  <canvas role="img" aria-label="Canvas: write a digit here with a finger, a pen or a mouse"></canvas>
  <div class="buttons"><button data-undo>Undo</button><button data-clear>Clear</button></div>
</div>
"""


@cache
def _component() -> ComponentRenderer:
    """Registered once a process, when it is first shown."""
    js, css = (Path(__file__).with_suffix(suffix).read_text() for suffix in (".js", ".css"))
    return component("drawing_canvas", html=_HTML, js=js, css=css)


def drawing_canvas(key: str, strokes: list[Stroke] | None = None, version: int = 0) -> list[Stroke]:
    """The canvas, and the strokes on it so far: lines of points (x, y) from 0 to 1, to the right and down.

    Arguments:
        key: of the widget.
        strokes: what is on the canvas when it first appears, and whenever ``version`` changes.
        version: another number replaces what a person has written by ``strokes``.
    """
    result = _component()(
        key=key,
        data={"strokes": strokes or [], "version": version},
        default={"strokes": strokes or []},
        on_strokes_change=lambda: None,
    )
    return result.strokes or []
