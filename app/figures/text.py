"""Text in figures: escapes the tags and ``%{…}`` that Plotly would interpret, and writes symbols as characters."""

from collections.abc import Sequence
from html import escape

_JOINER = "\u2060"  # has no width; separates characters that would together be markup
#: Characters for Plotly's symbols, filled and open.
_CHARACTERS = {
    "dot": "•◦",  # a small circle
    "circle": "●○",
    "diamond": "◆◇",
    "diamond-tall": "♦♢",
    "hexagon": "⬢⬡",
    "square": "■□",
    "star-diamond": "✦✧",
    "triangle-up": "▲△",
    "triangle-down": "▼▽",
}


def plotly_text(text: str) -> str:
    """Text from a file, such as the name of a class, escaped so that Plotly shows it literally."""
    return escape(text, quote=False).replace("%{", f"%{_JOINER}{{")


def plotly_texts(texts: Sequence[str]) -> list[str]:
    """Several texts, each escaped by :func:`plotly_text`."""
    return [plotly_text(text) for text in texts]


def character(symbol: str) -> str:
    """The character for a Plotly symbol, such as ``"circle"`` or ``"square-open"``; a cross for an unknown symbol."""
    filled, hollow = _CHARACTERS.get(symbol.removesuffix("-open"), "✕✕")
    return hollow if symbol.endswith("-open") else filled


def symbols_html(entries: Sequence[tuple[str, str, str]]) -> str:
    """A legend as a line of HTML, which wraps on a narrow page; an entry is a name, a colour and a Plotly symbol."""
    mark = '<span class="saved" style="color:{}" aria-hidden="true">{}</span> <span class="saved">{}</span>'
    named = (mark.format(color, character(symbol), escape(name)) for name, color, symbol in entries)
    spans = "&ensp; ".join(f'<span style="white-space:nowrap">{one}</span>' for one in named)
    return f'<div class="symbols" style="font-size:0.9rem">{spans}</div>'
