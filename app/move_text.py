"""The moves of a latent, in the form of a link and of the browser, and their kind."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

MAX_STYLES = 30
LARGEST = 100.0  # of any number: far beyond what a hand reaches

#: The kinds of moves that a person chooses among.
KINDS = CLASS, GAMMAS, STYLE, TRANSPLANT = "class", "gammas", "style", "transplant"


class Moves(NamedTuple):
    """A way to another class, a place in the plane, steps along styles, parts of another image; all add up.

    Attributes:
        target: the class that the image is taken towards, or ``None``.
        alpha: how far, where 1 is from the centre of the present class to that of the target.
        shift: in the plane of the class means, ``(2,)``.
        styles: standard deviations, by the names of the styles.
        graft: the share of another image that replaces this one's: of the class part, of everything else.
    """

    target: int | None = None
    alpha: float = 0.0
    shift: tuple[float, float] = (0.0, 0.0)
    styles: Mapping[str, float] = {}
    graft: tuple[float, float] = (0.0, 0.0)


STILL = Moves()


def from_browser(said: object) -> Moves:
    """Reads the moves from the element; ``ValueError`` if there are none."""
    if not isinstance(said, dict):
        raise ValueError("no moves")
    target, shift, styles, graft = (said.get(name) for name in ("target", "shift", "styles", "graft"))
    if target is not None and (isinstance(target, bool) or not isinstance(target, int) or not 0 <= target < 10_000):
        raise ValueError("no class")
    if not isinstance(shift, list) or len(shift) != 2 or not isinstance(styles, dict) or len(styles) > MAX_STYLES:
        raise ValueError("no moves")
    if not isinstance(graft, list) or len(graft) != 2:
        raise ValueError("no moves")
    steps = {str(name)[:40]: _number(value) for name, value in styles.items()}
    pairs = [(_number(pair[0]), _number(pair[1])) for pair in (shift, graft)]
    return Moves(target, _number(said.get("alpha")), pairs[0], steps, pairs[1])


def from_text(text: str) -> Moves:
    """Reads the moves from a link; ``ValueError`` if there are none.

    Such as ``to:5:0.43~at:1.2:-0.5~with:1:0~ink:1.5``. The name of a style may hold a colon.
    """
    moves = STILL
    for part in text.split("~") if text else ():
        name, *numbers = part.split(":")
        if name == "to" and len(numbers) == 2 and numbers[0].isdecimal() and len(numbers[0]) < 5:
            moves = moves._replace(target=int(numbers[0]), alpha=_number(float(numbers[1])))
        elif name == "at" and len(numbers) == 2:
            moves = moves._replace(shift=(_number(float(numbers[0])), _number(float(numbers[1]))))
        elif name == "with" and len(numbers) == 2:
            moves = moves._replace(graft=(_number(float(numbers[0])), _number(float(numbers[1]))))
        elif numbers and name not in ("", "to", "at", "with") and len(moves.styles) < MAX_STYLES:
            style, _, steps = part.rpartition(":")
            moves = moves._replace(styles={**moves.styles, style[:40]: _number(float(steps))})
        else:
            raise ValueError(f"no move: {part}")
    return moves


def as_text(moves: Moves) -> str:
    """The moves as text for a link; empty if there are none."""
    parts = [] if moves.target is None or not moves.alpha else [f"to:{moves.target}:{moves.alpha:g}"]
    if any(moves.shift):
        parts.append("at:{:g}:{:g}".format(*moves.shift))
    if any(moves.graft):
        parts.append("with:{:g}:{:g}".format(*moves.graft))
    return "~".join(parts + [f"{name}:{steps:g}" for name, steps in sorted(moves.styles.items()) if steps])


def fitting(moves: Moves, classes: int, styles: Mapping[str, object]) -> Moves:
    """The part of moves that applies to a model."""
    known = {name: steps for name, steps in moves.styles.items() if name in styles}
    has_target = moves.target is not None and moves.target < classes
    return moves._replace(
        target=moves.target if has_target else None, alpha=moves.alpha if has_target else 0.0, styles=known
    )


def kind_of(moves: Moves) -> str:
    """The kind of move that the page shows for moves by default."""
    if any(moves.graft):
        return TRANSPLANT
    return STYLE if moves.styles and moves.target is None else CLASS


def _number(said: Any) -> float:
    if isinstance(said, bool) or not isinstance(said, int | float) or not math.isfinite(said) or abs(said) > LARGEST:
        raise ValueError("no number")
    return round(float(said), 3)
