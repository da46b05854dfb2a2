"""Where names stand beside the dots of a figure, so that none covers a dot, a line or another name."""

from collections.abc import Sequence

import numpy as np

# The line of a trade-off falls from left to right: above and below it a name is not struck through.
SIDES = {
    "top center": (0, 1),
    "top right": (1, 1),
    "bottom left": (-1, -1),
    "bottom center": (0, -1),
    "middle right": (1, 0),
    "middle left": (-1, 0),
}
ALL_SIDES = {**SIDES, "bottom right": (1, -1), "top left": (-1, 1)}
OFFSETS = {1: 19.0, 0: 0.0, -1: -16.0}  # from a dot up to the middle of a name above it, and down, as Plotly sets it
HALF = 7.0  # of the height of a name
DOT = 7.5  # half the size of a dot
CLEAR = 6.0  # by so much the nearest other dot is farther from a name than its own
APART = 1.0  # between two names that stand above one another
Box = tuple[float, float, float, float]  # left, bottom, right and top in CSS pixels


def place_names(
    names: Sequence[str],
    places: np.ndarray,
    selected: int,
    line: Sequence[int] = (),
    *,
    letter: float = 7.0,
    sides: Sequence[Sequence[str]] | None = None,
    obstacles: Sequence[Box] = (),
    ends: tuple[float, float] = (-np.inf, np.inf),
    halves: Sequence[float] | None = None,
    ranks: Sequence[float] | None = None,
) -> list[str | None]:
    """Where each name stands beside its dot, ``None`` where there is no room: hovering still tells it.

    Arguments:
        names: of the M models; an empty one needs no room.
        places: of the dots in CSS pixels, upwards, ``(M, 2)``.
        selected: whose name comes first, and always; then come the dots that stand alone. Negative for none.
        line: the dots, in order, through which a line runs that no name should cross.
        letter: the width of a letter in CSS pixels.
        sides: where each name may stand, the best place first, of :data:`ALL_SIDES`; :data:`SIDES` if ``None``.
        obstacles: boxes that no name should cover.
        ends: the left and the right end of the figure in CSS pixels, which no name should cross.
        halves: half the size of each dot, with its ring, in CSS pixels, from which its name keeps clear; :data:`DOT` if
            ``None``.
        ranks: which names come before others: the smallest first; all alike if ``None``.
    """
    distances = np.abs(places[:, None] - places).max(2) + np.diag(np.full(len(places), np.inf))
    ranks = [0] * len(names) if ranks is None else ranks
    order = sorted(range(len(names)), key=lambda i: (i != selected, ranks[i], -distances[i].min()))
    halves = [DOT] * len(names) if halves is None else halves
    taken: list[Box] = [(x - h, y - h, x + h, y + h) for (x, y), h in zip(places, halves, strict=True)]
    crossed = [(x - 2, y - 2, x + 2, y + 2) for x, y in _along(places[list(line)])]
    found: list[str | None] = [None] * len(names)
    for i in (i for i in order if names[i]):
        allowed = tuple(SIDES) if sides is None else sides[i]
        boxes = {side: _box(places[i], names[i], ALL_SIDES[side], letter, halves[i] - DOT) for side in allowed}
        others = [*taken[:i], *taken[i + 1 :], *crossed, *obstacles]
        free = [
            side
            for side, box in boxes.items()
            if ends[0] <= box[0] and box[2] <= ends[1] and not any(_overlap(box, other) for other in others)
        ]
        # A name beside which another dot lies would be taken for that one's: if that is nearer, the name is left out.
        named = places[[k for k, name in enumerate(names) if name and k != i]]
        nearer = {side: _how_much_nearer(boxes[side], places[i], named) for side in free}
        free = sorted(
            (side for side in free if i == selected or nearer[side] < 0), key=lambda side: nearer[side] > -CLEAR
        )
        if i == selected and not free:
            free = ["bottom left"] if "bottom left" in boxes else list(boxes)
        if free:
            found[i] = free[0]
            left, bottom, right, top = boxes[free[0]]
            taken.append((left, bottom - APART, right, top + APART))
    return found


def _along(corners: np.ndarray, step: float = 6.0) -> np.ndarray:
    """Points on a line through ``corners`` (M, 2), at most ``step`` pixels apart."""
    parts = [
        a + np.linspace(0, 1, 2 + int(np.abs(b - a).max() / step))[:, None] * (b - a)
        for a, b in zip(corners, corners[1:], strict=False)
    ]
    return np.concatenate(parts) if parts else np.empty((0, 2))


def _box(place: np.ndarray, name: str, direction: tuple[int, int], letter: float, away: float) -> Box:
    """The box of a name beside its dot, ``away`` pixels farther from it than usual."""
    width = 14 + letter * len(name)
    x = place[0] + (10 + away + width / 2) * direction[0]
    y = place[1] + OFFSETS[direction[1]] + away * direction[1]
    return x - width / 2, y - HALF, x + width / 2, y + HALF


def _how_much_nearer(box: Box, own: np.ndarray, others: np.ndarray) -> float:
    """By how many pixels the nearest of the ``others`` is nearer to a name than its own dot."""
    left, bottom, right, top = box
    x, y = np.vstack([own, others]).T
    away = np.hypot(
        np.maximum(0, np.maximum(left - x, x - right)),
        np.maximum(0, np.maximum(bottom - y, y - top)),
    )
    return float(away[0] - away[1:].min(initial=np.inf))


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
