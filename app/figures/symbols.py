"""Plotly's symbols as characters, for text that names what has them."""

from collections.abc import Sequence
from html import escape

#: Filled and open.
_CHARACTERS = {
    "dot": "•◦",  # a small circle
    "circle": "●○",
    "diamond": "◆◇",
    "diamond-tall": "♦♢",
    "hexagon": "⬢⬡",
    "square": "■□",
    "triangle-up": "▲△",
    "triangle-down": "▼▽",
}


def character(symbol: str) -> str:
    """The character that looks like a symbol of Plotly's, such as ``"circle"`` or ``"square-open"``; else a cross."""
    filled, hollow = _CHARACTERS.get(symbol.removesuffix("-open"), "✕✕")
    return hollow if symbol.endswith("-open") else filled


def symbols_html(entries: Sequence[tuple[str, str, str]]) -> str:
    """Name, colour and Plotly symbol of each, as a line of HTML that wraps where the page is narrow."""
    mark = '<span style="color:{}; font-size:1.2em" aria-hidden="true">{}</span> {}'
    named = (mark.format(color, character(symbol), escape(name)) for name, color, symbol in entries)
    spans = " &ensp;".join(f'<span style="white-space:nowrap">{one}</span>' for one in named)
    return f'<div class="symbols" style="font-size:0.9rem">{spans}</div>'
