"""Plotly's symbols as characters, for text that names what has them."""

#: Filled and open.
_CHARACTERS = {
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
