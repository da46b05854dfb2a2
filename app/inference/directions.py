"""The kinds of moves of an image; a move is an amount of a named direction in latent space.

To add a kind, add an entry to :data:`KINDS`. The browser draws a slider for each of its directions, and adds up
all moves, as :func:`app.inference.computations.moved` does.
"""

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

import numpy as np

from app.move_text import PLANE, WAY, Moves
from ibinn_core.checkpoint import Checkpoint, CheckpointError


class Direction(NamedTuple):
    """A direction of a model's latent space, along which a slider moves an image.

    Attributes:
        name: name on the slider and in links.
        vector: the move for an amount of 1, ``(D,)``; ``None`` for the move to the other image's latent.
        part: part of the move to the other image: within the span of the class means' differences, or the rest.
        low: the amount at the left end of the slider.
        high: the amount at the slider's right end.
        step: the smallest change of the amount.
        unit: unit of the amount beside the slider.
        group: title of the collapsed section that holds the slider, if any.
    """

    name: str
    vector: np.ndarray | None
    part: Literal["class", "style"] | None = None
    low: float = -3.0
    high: float = 3.0
    step: float = 0.1
    unit: Literal["σ", "%"] = "σ"
    group: str = ""


class Kind(NamedTuple):
    """A kind of move, which has a tab.

    Attributes:
        title: title of the tab.
        directions: returns a model's directions, each with a slider.
        shows: whether the tab shows the way to a chosen class, for this model (``"way"``) or several (``"rows"``).
    """

    title: str
    directions: Callable[[Checkpoint], list[Direction]] = lambda _: []
    shows: Literal["way", "rows"] | None = None


def styles(checkpoint: Checkpoint) -> list[Direction]:
    """The stored style directions of a model, one standard deviation long; empty for a model without them."""
    try:
        found = checkpoint.style
    except CheckpointError:
        return []
    rows = zip(found.names, found.explanations, found.directions, strict=True)
    return [
        Direction(
            (name if why in (None, name) else f"{name}: {why}").replace("_", " "),
            vector,
            group="Principal directions" if name.startswith("principal") else "",
        )
        for name, why, vector in rows
    ]


def parts_of_another_image(_: Checkpoint) -> list[Direction]:
    """The directions to the other image's class and to the rest of its latent; 1 in both gives the other image."""
    return [
        Direction("class", None, "class", 0.0, 1.0, 0.01, "%"),
        Direction("all else", None, "style", 0.0, 1.0, 0.01, "%"),
    ]


#: The kinds by their names in links. A page shows the first kind unless another kind has moved the image.
KINDS = {
    "class": Kind("Class", shows="way"),
    "gammas": Kind("Several γ", shows="rows"),
    "style": Kind("Style", styles),
    "transplant": Kind("Transplant", parts_of_another_image),
}


def directions(checkpoint: Checkpoint) -> dict[str, Direction]:
    """The directions of all kinds for a model, by name."""
    return {one.name: one for kind in KINDS.values() for one in kind.directions(checkpoint)}


def fitting(moves: Moves, checkpoint: Checkpoint) -> Moves:
    """The moves along directions that a model has; other moves are dropped."""
    known = {*PLANE, *(f"{WAY}{k}" for k in range(len(checkpoint.classes))), *directions(checkpoint)}
    return {name: amount for name, amount in moves.items() if name in known}


def kind_of(moves: Moves, checkpoint: Checkpoint) -> str:
    """The kind of move that a page with these moves shows by default."""
    first, *others = KINDS
    if any(name.startswith(WAY) for name in moves):
        return first
    return next((key for key in others if any(one.name in moves for one in KINDS[key].directions(checkpoint))), first)


def needs_another_image(kind: str, moves: Mapping[str, float], checkpoint: Checkpoint) -> bool:
    """Whether any direction that is shown, or that has moved the image, leads to another image."""
    return any(
        one.vector is None and (key == kind or one.name in moves)
        for key in KINDS
        for one in KINDS[key].directions(checkpoint)
    )
