"""Text of others in a figure: Plotly takes tags in it, with links among them, and ``%{…}`` in hover texts."""

from collections.abc import Sequence
from html import escape

_JOINER = "\u2060"  # no width; keeps apart what would mean something together


def plotly_text(text: str) -> str:
    """Text that came out of a file, such as the name of a class, as Plotly shows it letter by letter."""
    return escape(text, quote=False).replace("%{", f"%{_JOINER}{{")


def plotly_texts(texts: Sequence[str]) -> list[str]:
    """The same of several."""
    return [plotly_text(text) for text in texts]
