"""The element that trains a small flow in the browser, without the server: ``app/static/playground``."""

from pathlib import Path
from typing import Any

from streamlit.components.v2.types import ComponentRenderer

from app import play_text, state
from app.palette import ACCENT, TOO_SURE, TOO_UNSURE, class_colors
from app.playground import presets
from app.playground.program import program
from app.widgets.component import SLIDER, custom_module
from app.widgets.stage import is_on_stage

STATIC = Path(__file__).resolve().parent.parent / "static" / "playground"
KEY = "playground"
REST = 1000  # number of steps after which training stops, as in session.js


def play_from_link() -> tuple[str, str]:
    """Reads the training settings and the painted points from the link."""
    play, painted = state.begin(state.PLAY), state.begin(state.PAINTED)
    state.link(state.PLAY, play)
    state.link(state.PAINTED, painted)
    return play, painted


def playground(play: str, painted: str) -> None:
    """Shows the element in the state of the link, and writes changes back to the link."""

    def tell() -> None:
        said = state.from_component(KEY, "play", read, None)
        if said is not None:
            state.put(state.PLAY, said[0])
            state.put(state.PAINTED, said[1])

    element()(key=KEY, data=specification(play, painted, is_staged=is_on_stage()), on_play_change=tell)


def same_in_python(text: str, painted: str = "") -> str:
    """Writes a program that trains model A with the library, for as many steps as on the page."""
    play = play_text.from_text(text)
    return program(play, REST if play.steps is None else play.steps, bool(painted) or play.kind == play_text.OWN)


def read(said: Any) -> tuple[str, str]:
    """Reads a message of the element; :func:`app.state.from_component` handles the errors."""
    return play_text.checked(said["play"]), play_text.painted(said["painted"])


def specification(play: str = "", painted: str = "", *, is_staged: bool = False) -> dict[str, Any]:
    """Returns the element's data as plain JSON: ``Data`` in ``app/static/playground/playground.js``."""
    return {
        "play": play,
        "painted": painted,
        "presets": presets.as_data(),
        "style": {
            "colors": list(class_colors(int(play_text.RANGES["classes"][1]))),
            "models": [TOO_UNSURE, TOO_SURE],
            "accent": ACCENT,
        },
        "slider": {
            "html": SLIDER.with_suffix(".html").read_text("utf-8"),
            "css": SLIDER.with_suffix(".css").read_text("utf-8"),
        },
        "is_on_stage": is_staged,
    }


def parts() -> tuple[str, str]:
    """Returns the element's HTML and style sheet."""
    html, css = ((STATIC / f"playground.{kind}").read_text("utf-8") for kind in ("html", "css"))
    return html, css


def element() -> ComponentRenderer:
    """Returns the element, registered with Streamlit."""
    html, css = parts()
    return custom_module("playground", "playground/playground.js", html=html, css=css)
