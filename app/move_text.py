"""The moves of a latent as text in links and in the browser: amounts along named directions, which add up."""

from collections.abc import Mapping
from typing import Any

from app.reading import number

MAX_DIRECTIONS = 40
LONGEST = 40  # longest name, in characters
LARGEST = 100.0  # largest amount, far beyond what dragging reaches

Moves = Mapping[str, float]  # amounts by direction
STILL: Moves = {}

PLANE = ("x", "y")  # directions in the plane of the class means
#: Prefix of the direction to a class, before its number. An amount of 1 leads from one class's centre to the other's.
WAY = "to:"
#: Earlier links named two directions at once.
_PAIRS = {"at": PLANE, "with": ("class", "all else")}


def from_browser(said: object) -> Moves:
    """Reads the moves from the browser's element; ``ValueError`` if its message does not hold valid moves."""
    if not isinstance(said, dict):
        raise ValueError("no moves")
    return _moves(said)


def from_text(text: str) -> Moves:
    """Reads the moves from a link, such as ``to:5:0.43~x:1.2~y:-0.5~ink:1.5``; ``ValueError`` if it is invalid.

    The name of a direction may contain a colon.
    """
    moves: dict[str, str] = {}
    for part in text.split("~") if text else ():
        name, *numbers = part.split(":")
        if name in _PAIRS and len(numbers) == 2:
            moves |= zip(_PAIRS[name], numbers, strict=True)
        else:
            direction, _, amount = part.rpartition(":")
            moves[direction] = amount
    return _moves(moves)


def as_text(moves: Moves) -> str:
    """Writes the moves as text for a link; empty if there are none."""
    return "~".join(f"{name}:{amount:g}" for name, amount in sorted(moves.items()) if amount)


def _moves(said: Mapping[Any, Any]) -> Moves:
    if len(said) > MAX_DIRECTIONS or not all(isinstance(name, str) and 0 < len(name) <= LONGEST for name in said):
        raise ValueError("no directions")
    amounts = {name: round(number(-LARGEST, LARGEST)(amount), 3) for name, amount in said.items()}
    return {name: amount for name, amount in amounts.items() if amount}
