"""What a person made of a figure, as text; see :func:`app.state.of_figure`."""

from app import state

_VALUES: dict[str, state.Value] = {value.name: value for value in (state.ZOOM, state.FRAME)}


def take(name: str, about: str) -> str:
    """What is known of a figure; nothing, if what was known is about another one."""
    value = _VALUES[name]
    return value.text(state.of_figure(value, about))


def keep(name: str, about: str, text: str) -> None:
    """Keeps what a script has put into the URL, or ``""``."""
    value = _VALUES[name]
    state.keep_of_figure(value, about, value.parse(text) if text else value.default)
