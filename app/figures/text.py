"""Text of a figure: foreign text, escaped because Plotly reads tags and ``%{…}``; Plotly's symbols as characters."""

from collections.abc import Sequence
from html import escape

_JOINER = "\u2060"  # no width; separates characters that are markup together
#: Of Plotly's symbols, filled and open.
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
    """Text from a file, such as the name of a class, escaped so that Plotly shows each letter."""
    return escape(text, quote=False).replace("%{", f"%{_JOINER}{{")


def plotly_texts(texts: Sequence[str]) -> list[str]:
    """The same for several texts."""
    return [plotly_text(text) for text in texts]


def character(symbol: str) -> str:
    """The character for a symbol of Plotly, such as ``"circle"`` or ``"square-open"``; a cross for unknown ones."""
    filled, hollow = _CHARACTERS.get(symbol.removesuffix("-open"), "✕✕")
    return hollow if symbol.endswith("-open") else filled


def symbols_html(entries: Sequence[tuple[str, str, str]]) -> str:
    """Name, colour and Plotly symbol of each, as a line of HTML that wraps where the page is narrow."""
    mark = '<span class="saved" style="color:{}" aria-hidden="true">{}</span> <span class="saved">{}</span>'
    named = (mark.format(color, character(symbol), escape(name)) for name, color, symbol in entries)
    spans = "&ensp; ".join(f'<span style="white-space:nowrap">{one}</span>' for one in named)
    return f'<div class="symbols" style="font-size:0.9rem">{spans}</div>'
