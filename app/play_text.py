"""The state of the page Playground as text in links; ``app/static/playground/link.js`` does the same in the browser."""

import math
import re
from typing import NamedTuple

from app.reading import number, whole

#: Kinds of generated data, as in ``app/static/playground/data.js``. The other kind is :data:`OWN`, the user's points.
KINDS = ("moons", "circles", "pinwheel", "blobs", "spiral")
OWN = "own"
OBJECTIVES = ("ib", "class-nll")
LONGEST = 4000  # longest text of painted points, in characters

#: Smallest and largest value of each number, and whether it is an integer.
RANGES: dict[str, tuple[float, float, bool]] = {
    "classes": (2, 5, True),
    "count": (20, 1000, True),
    "noise": (0, 0.5, False),
    "seed": (0, 9999, True),
    "couplings": (2, 12, True),
    "width": (8, 64, True),
    "rate": (0.0001, 0.1, False),
    "steps": (0, 100_000, True),
    "lesson": (0, 9, True),
}
EDGE = 4.0  # edge of the data space: coordinates reach from -4 to 4


class Aim(NamedTuple):
    """The objective of a model's training."""

    objective: str = "ib"
    gamma: float = 1.0


class Play(NamedTuple):
    """The state in a link, without the painted points.

    Attributes:
        kind: kind of data.
        classes: number of classes.
        count: number of points.
        noise: standard deviation of the points' noise; blobs have three times as much.
        seed: seed of data and network.
        couplings: number of coupling layers.
        width: width of the hidden layers.
        rate: learning rate.
        steps: number of steps after which training stops, if the user has set it.
        lesson: the number of the preset, from 1; 0 for none.
        aims: objectives of one or two models.
        at: the point shown in both spaces, ``(2,)``.
    """

    kind: str = "moons"
    classes: int = 2
    count: int = 600  # pyright: ignore[reportIncompatibleMethodOverride]
    noise: float = 0.1
    seed: int = 0
    couplings: int = 6
    width: int = 32
    rate: float = 0.005
    steps: int | None = None
    lesson: int = 0
    aims: tuple[Aim, ...] = (Aim(),)
    at: tuple[float, float] | None = None


def from_text(text: str) -> Play:
    """Reads the state from a link, such as ``spiral~classes:3~a:ib:10``; ``ValueError`` if it is invalid.

    Defaults are left out: an empty text is ``Play()``.
    """
    kind, *parts = (text or KINDS[0]).split("~")
    if kind not in (*KINDS, OWN) or len(parts) > len(RANGES) + 4:
        raise ValueError("unknown kind of data")
    play = Play(kind)
    for part in parts:
        name, *values = part.split(":")
        if name in RANGES and len(values) == 1:
            low, high, is_whole = RANGES[name]
            play = play._replace(**{name: (whole if is_whole else number)(low, high)(values[0])})
        elif name in ("a", "b") and len(values) == 2 and values[0] in OBJECTIVES:
            aim = Aim(values[0], number(0, math.inf)(values[1]))
            play = play._replace(aims=(aim, *play.aims[1:]) if name == "a" else (play.aims[0], aim))
        elif name == "at" and len(values) == 2:
            x, y = map(number(-EDGE, EDGE), values)
            play = play._replace(at=(x, y))
        else:
            raise ValueError(f"unknown setting: {name}")
    return play


def checked(text: str) -> str:
    """Returns the text unchanged; ``ValueError`` unless :func:`from_text` can read it."""
    from_text(text)
    return text


def painted(text: str) -> str:
    """Checks painted points, three characters each, with dots between classes; ``ValueError`` if invalid."""
    classes = text.split(".")
    if len(text) > LONGEST or len(classes) > RANGES["classes"][1]:
        raise ValueError("too many painted points")
    if any(len(one) % 3 or not re.fullmatch(r"[A-Za-z0-9_-]*", one) for one in classes):
        raise ValueError("not a text of painted points")
    return text
