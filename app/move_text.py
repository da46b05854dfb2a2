"""What a hand has done to a latent, as a link and a browser have it, and which kind of move it makes."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from ibinn_core.exploration.around import PATHS

MOST_STYLES = 30
LARGEST = 100.0  # of any number: far beyond what a hand reaches


#: The kinds of moves that a person chooses among.
KINDS = CLASS, GAMMAS, STYLE, TRANSPLANT, OWN_KIND, AROUND = (
    *("class", "gammas", "style"),
    *("transplant", "own", "around"),
)

#: What stands among the styles for a direction of a person's own: all of it but the class part, and that.
OWN, OWN_CLASS = "own direction", "own class part"
MOST_IMAGES = 8  # of a set
LONGEST = 1500  # characters of both sets in a link


class Around(NamedTuple):
    """A latent around the image's (:func:`ibinn_core.exploration.around`).

    Attributes:
        radius: of the noise, in standard deviations.
        path: whether it is straight, on the shell, or an average.
        draw: which of the draws, from 0 on.
        seed: of all draws.
    """

    radius: float = 0.0
    path: str = "shell"
    draw: int = 0
    seed: int = 0


DRAWS = 6  # that are shown
LAST_SEED = 9999


class Moves(NamedTuple):
    """A way to another class, a place in the plane, steps along styles, parts of another image, noise; all add up.

    Attributes:
        target: the class that the image is taken towards, or ``None``.
        alpha: how far, where 1 is from the centre of the present class to that of the target.
        shift: in the plane of the class means, ``(2,)``.
        styles: standard deviations, by the names of the styles.
        graft: how much of another image has taken the place of this one's: of the class part, of everything else.
        around: where around the image's latent.
    """

    target: int | None = None
    alpha: float = 0.0
    shift: tuple[float, float] = (0.0, 0.0)
    styles: Mapping[str, float] = {}
    graft: tuple[float, float] = (0.0, 0.0)
    around: Around = Around()


STILL = Moves()


class Sets(NamedTuple):
    """Images with a thing, and without it, as links name images (``app/images/pictures.py``)."""

    having: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()


NO_SETS = Sets()


def sets_from_text(text: str) -> Sets:
    """Reads what a link says, such as ``sample-3.sample-4~sample-7``; ``ValueError`` if that is none."""
    both = text.split("~")
    if len(both) != 2 or len(text) > LONGEST:
        raise ValueError("no two sets")
    having, lacking = (tuple(filter(None, one.split("."))) for one in both)
    if max(len(having), len(lacking)) > MOST_IMAGES or not having + lacking:
        raise ValueError("no two sets")
    return Sets(having, lacking)


def sets_as_text(sets: Sets) -> str:
    """What a link says of sets; nothing if there are none, or if they are too long for it."""
    return _joined(sets) if any(sets) and fits_a_link(sets) else ""


def fits_a_link(sets: Sets) -> bool:
    """Whether a link can hold the sets: images of a person's own are long."""
    return len(_joined(sets)) <= LONGEST


def _joined(sets: Sets) -> str:
    return "~".join(".".join(one) for one in sets)


def from_browser(said: object) -> Moves:
    """Reads what the element tells; ``ValueError`` if that is none."""
    if not isinstance(said, dict):
        raise ValueError("no moves")
    target, shift, styles, graft = (said.get(name) for name in ("target", "shift", "styles", "graft"))
    if target is not None and (isinstance(target, bool) or not isinstance(target, int) or not 0 <= target < 10_000):
        raise ValueError("no class")
    if not isinstance(shift, list) or len(shift) != 2 or not isinstance(styles, dict) or len(styles) > MOST_STYLES:
        raise ValueError("no moves")
    if not isinstance(graft, list) or len(graft) != 2:
        raise ValueError("no moves")
    steps = {str(name)[:40]: _number(value) for name, value in styles.items()}
    pairs = [(_number(pair[0]), _number(pair[1])) for pair in (shift, graft)]
    return Moves(target, _number(said.get("alpha")), pairs[0], steps, pairs[1], _around(said.get("around")))


def _around(said: object) -> Around:
    if not isinstance(said, dict):
        raise ValueError("no place around an image")
    radius, path = _number(said.get("radius")), said.get("path")
    if path not in PATHS or radius < 0:
        raise ValueError("no place around an image")
    draw, seed = _whole(said.get("draw"), DRAWS - 1), _whole(said.get("seed"), LAST_SEED)
    return Around(radius, str(path), draw, seed) if radius else Around()


def from_text(text: str) -> Moves:
    """Reads what a link says; ``ValueError`` if that is none.

    Such as ``to:5:0.43~at:1.2:-0.5~with:1:0~around:0.5:shell:2:0~ink:1.5``. The name of a style may hold a colon.
    """
    moves = STILL
    for part in text.split("~"):
        name, *numbers = part.split(":")
        if name == "to" and len(numbers) == 2 and numbers[0].isdecimal() and len(numbers[0]) < 5:
            moves = moves._replace(target=int(numbers[0]), alpha=_number(float(numbers[1])))
        elif name == "at" and len(numbers) == 2:
            moves = moves._replace(shift=(_number(float(numbers[0])), _number(float(numbers[1]))))
        elif name == "with" and len(numbers) == 2:
            moves = moves._replace(graft=(_number(float(numbers[0])), _number(float(numbers[1]))))
        elif name == "around" and len(numbers) == 4 and all(one.isdecimal() and len(one) < 5 for one in numbers[2:]):
            said = (float(numbers[0]), numbers[1], int(numbers[2]), int(numbers[3]))
            moves = moves._replace(around=_around(dict(zip(Around._fields, said, strict=True))))
        elif numbers and name not in ("", "to", "at", "with", "around") and len(moves.styles) < MOST_STYLES:
            style, _, steps = part.rpartition(":")
            moves = moves._replace(styles={**moves.styles, style[:40]: _number(float(steps))})
        else:
            raise ValueError(f"no move: {part}")
    return moves


def as_text(moves: Moves) -> str:
    """What a link says of moves; nothing if there are none."""
    parts = [] if moves.target is None or not moves.alpha else [f"to:{moves.target}:{moves.alpha:g}"]
    if any(moves.shift):
        parts.append("at:{:g}:{:g}".format(*moves.shift))
    if any(moves.graft):
        parts.append("with:{:g}:{:g}".format(*moves.graft))
    if moves.around.radius:
        parts.append("around:{:g}:{}:{}:{}".format(*moves.around))
    return "~".join(parts + [f"{name}:{steps:g}" for name, steps in sorted(moves.styles.items()) if steps])


def as_json(moves: Moves) -> dict[str, Any]:
    """What the element gets."""
    return {
        "target": moves.target,
        "alpha": moves.alpha,
        "shift": list(moves.shift),
        "styles": dict(moves.styles),
        "graft": list(moves.graft),
        "around": moves.around._asdict(),
    }


def fitting(moves: Moves, classes: int, styles: Mapping[str, object]) -> Moves:
    """The part of moves that a model has a use for."""
    known = {name: steps for name, steps in moves.styles.items() if name in styles}
    has_target = moves.target is not None and moves.target < classes
    return moves._replace(
        target=moves.target if has_target else None, alpha=moves.alpha if has_target else 0.0, styles=known
    )


def kind_of(moves: Moves) -> str:
    """The kind of move that is shown for moves, unless a person has chosen one."""
    if any(moves.graft):
        return TRANSPLANT
    if OWN in moves.styles or OWN_CLASS in moves.styles:
        return OWN_KIND
    if moves.around.radius:
        return AROUND
    return STYLE if moves.styles and moves.target is None else CLASS


def _whole(said: Any, most: int) -> int:
    if isinstance(said, bool) or not isinstance(said, int) or not 0 <= said <= most:
        raise ValueError("no whole number")
    return said


def _number(said: Any) -> float:
    if isinstance(said, bool) or not isinstance(said, int | float) or not math.isfinite(said) or abs(said) > LARGEST:
        raise ValueError("no number")
    return round(float(said), 3)
