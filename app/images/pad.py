"""A pad for writing a digit."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app import state
from app.images.handwriting import DRAWINGS, from_text, to_text
from app.state import Value
from app.widgets.component import custom_module

STYLE = Path(__file__).resolve().parent.parent / "static" / "live" / "pen.css"


@dataclass(frozen=True)
class Pad:
    """A pad.

    Attributes:
        key: unique on the page.
        strokes: the strokes, in the form of :func:`app.images.handwriting.to_text`.
        picks: the field of the state that a stroke changes.
    """

    key: str
    strokes: str
    picks: str


def show_pad(pad: Pad) -> None:
    """Shows a pad; when the user lifts the pen, the page runs with the new strokes in the field ``pad.picks``."""

    def write() -> None:
        text, number = _last_message(pad.key)
        if number:
            state.put(Value(pad.picks, ""), text)

    text, number = _last_message(pad.key)
    answered = number if text == pad.strokes else 0
    element = custom_module("pad", "live/pen.js", "component", "<div data-pad></div>", STYLE.read_text("utf-8"))
    element(key=pad.key, data={**data_of(pad), "answered": answered}, on_written_change=write)


def data_of(pad: Pad) -> dict[str, Any]:
    """The data of a pad before any message, in the form of ``Data`` in ``app/static/live/pen.js``."""
    drawings = [{"name": name, "strokes": strokes, "text": to_text(strokes)} for name, strokes in DRAWINGS.items()]
    return {"drawings": drawings, "strokes": from_text(pad.strokes), "answered": 0}


def _last_message(key: str) -> tuple[str, int]:
    """The strokes of the browser's last message, as text, and the message's number; 0 without a message."""
    return state.from_component(key, "written", _read, ("", 0))


def _read(said: Any) -> tuple[str, int]:
    """Reads the strokes and the number from a message; anything else raises a ``ValueError``."""
    if not isinstance(said["strokes"], list) or type(said["number"]) is not int:
        raise ValueError("no strokes")
    return to_text(said["strokes"]), said["number"]
