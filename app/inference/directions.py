"""The kinds of moves of an image: each is amounts of named directions of the latent space.

A new kind is an entry of :data:`KINDS`. The browser draws a slider for each of its directions, and adds all of them up,
as :func:`app.inference.computations.moved` does.
"""

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

import numpy as np

from app.move_text import PLANE, WAY, Moves
from ibinn_core.checkpoint import Checkpoint, CheckpointError


class Direction(NamedTuple):
    """A direction of a model's latent space, along which a slider moves an image.

    Attributes:
        name: on the slider and in links.
        vector: of one step, ``(D,)``; ``None`` for the way to the latent of the other image.
        part: of the way to the other image: its part in the span of the class means' differences, or everything else.
        low: the amount at the left end of the slider.
        high: the amount at its right end.
        step: between two places of the slider.
        unit: of the amount that stands beside the slider.
        group: title under which the slider is folded away, if any.
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
        title: of the tab.
        directions: that have a slider, of a model.
        shows: the way to a class that a person has chosen: for this model, or for several.
    """

    title: str
    directions: Callable[[Checkpoint], list[Direction]] = lambda _: []
    shows: Literal["way", "rows"] | None = None


def styles(checkpoint: Checkpoint) -> list[Direction]:
    """The stored directions of style, one deviation long; none for a model without them."""
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
    """Class and everything else of the other image: an amount of 1 of both is that image."""
    return [
        Direction("class", None, "class", 0.0, 1.0, 0.01, "%"),
        Direction("all else", None, "style", 0.0, 1.0, 0.01, "%"),
    ]


#: By their names in links. The first is shown unless an image has been moved by another one.
KINDS = {
    "class": Kind("Class", shows="way"),
    "gammas": Kind("Several γ", shows="rows"),
    "style": Kind("Style", styles),
    "transplant": Kind("Transplant", parts_of_another_image),
}


def directions(checkpoint: Checkpoint) -> dict[str, Direction]:
    """The directions of all kinds, by name."""
    return {one.name: one for kind in KINDS.values() for one in kind.directions(checkpoint)}


def fitting(moves: Moves, checkpoint: Checkpoint) -> Moves:
    """The part of moves that applies to a model."""
    known = {*PLANE, *(f"{WAY}{k}" for k in range(len(checkpoint.classes))), *directions(checkpoint)}
    return {name: amount for name, amount in moves.items() if name in known}


def kind_of(moves: Moves, checkpoint: Checkpoint) -> str:
    """The kind of move that the page shows for moves by default."""
    first, *others = KINDS
    if any(name.startswith(WAY) for name in moves):
        return first
    return next((key for key in others if any(one.name in moves for one in KINDS[key].directions(checkpoint))), first)


def needs_another_image(kind: str, moves: Mapping[str, float], checkpoint: Checkpoint) -> bool:
    """Whether a shown direction, or one that has moved the image, leads to another image."""
    return any(
        one.vector is None and (key == kind or one.name in moves)
        for key in KINDS
        for one in KINDS[key].directions(checkpoint)
    )
