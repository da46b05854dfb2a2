"""What a person can begin with on the canvas, without a pen: test images of digits, and drawings that are none."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

import ibinn_core as ib
from app.images.drawings import STROKES
from app.images.handwriting import Stroke

EMPTY = "empty"
_LETTER_W = [[(0.1, 0.1), (0.3, 0.9), (0.5, 0.3), (0.7, 0.9), (0.9, 0.1)]]
_LETTER_T = [[(0.1, 0.1), (0.9, 0.1)], [(0.5, 0.1), (0.5, 0.9)]]
_NOT_DIGITS = ("cat", "ship")  # of the line drawings


class Start(NamedTuple):
    """What is on the canvas to begin with."""

    name: str  # for people
    background: np.ndarray | None = None  # a test image to write on, uint8 (28, 28, 1), or None
    strokes: Sequence[Stroke] = ()  # lines of points from 0 to 1


def starts() -> dict[str, Start]:
    """All of them by what the URL calls them, the empty canvas first."""
    images, labels = ib.data.embedded("mnist")
    found = {EMPTY: Start("nothing")}
    for digit in sorted(set(labels.tolist())):
        found[str(digit)] = Start(f"a {digit} (test)", images[int(np.flatnonzero(labels == digit)[0])])
    found["w"] = Start("the letter W", strokes=_LETTER_W)
    found["t"] = Start("the letter T", strokes=_LETTER_T)
    for name in _NOT_DIGITS:
        lines = [[(x / 100, y / 100) for x, y in line] for line in STROKES[name]]
        found[name] = Start(f"a {name}", strokes=lines)
    return found
