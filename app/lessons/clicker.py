"""The keys of a clicker, Page Down and Page Up: one step on, one step back, wherever the focus is."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from streamlit.components.v2 import component
from streamlit.components.v2.types import ComponentRenderer


@cache
def _component() -> ComponentRenderer:
    """Registered once a process, when it is first shown."""
    return component("clicker", html="<span></span>", js=Path(__file__).with_suffix(".js").read_text())


def clicker(key: str, on_turn: Callable[[], None]) -> int:
    """Listens to the keys as long as the page is open; returns 1 for Page Down, -1 for Page Up, 0 for neither.

    Arguments:
        key: of the widget.
        on_turn: called before the page runs again; ``st.session_state[key].turn`` has the direction there.
    """
    return _component()(key=key, on_turn_change=on_turn, height=1).turn or 0
