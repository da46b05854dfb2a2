"""The moves of a latent, in the form of a link and of the browser: amounts of named directions, which all add up."""

from collections.abc import Mapping
from typing import Any

from app.reading import number

MAX_DIRECTIONS = 40
LONGEST = 40  # letters of a name
LARGEST = 100.0  # of any amount: far beyond what a hand reaches

Moves = Mapping[str, float]  # amounts, by the names of directions
STILL: Moves = {}

PLANE = ("x", "y")  # the directions of the plane of the class means
#: The name of the way to a class is this and the class's number; 1 is from the present class's centre to its centre.
WAY = "to:"
#: Earlier links give two directions at once.
_PAIRS = {"at": PLANE, "with": ("class", "all else")}


def from_browser(said: object) -> Moves:
    """Reads the moves from the element; ``ValueError`` if there are none."""
    if not isinstance(said, dict):
        raise ValueError("no moves")
    return _moves(said)


def from_text(text: str) -> Moves:
    """Reads the moves from a link; ``ValueError`` if there are none.

    Such as ``to:5:0.43~x:1.2~y:-0.5~ink:1.5``. The name of a direction may hold a colon.
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
    """The moves as text for a link; empty if there are none."""
    return "~".join(f"{name}:{amount:g}" for name, amount in sorted(moves.items()) if amount)


def _moves(said: Mapping[Any, Any]) -> Moves:
    if len(said) > MAX_DIRECTIONS or not all(isinstance(name, str) and 0 < len(name) <= LONGEST for name in said):
        raise ValueError("no directions")
    amounts = {name: round(number(-LARGEST, LARGEST)(amount), 3) for name, amount in said.items()}
    return {name: amount for name, amount in amounts.items() if amount}
