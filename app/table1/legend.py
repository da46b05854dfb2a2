"""The symbols of some figures that share a legend, as HTML: a line that wraps where the page is narrow."""

from collections.abc import Sequence
from html import escape

from app.figures.symbols import character


def symbols_html(entries: Sequence[tuple[str, str, str]]) -> str:
    """The names beside their symbols.

    Arguments:
        entries: name, colour and Plotly symbol of each; one that ends in ``-open`` is not filled.
    """
    return (
        '<div style="font-size:0.9rem">'
        + " &ensp;".join(
            f'<span style="white-space:nowrap"><span style="color:{color}; font-size:1.2em" aria-hidden="true">'
            f"{character(symbol)}</span> {escape(name)}</span>"
            for name, color, symbol in entries
        )
        + "</div>"
    )
