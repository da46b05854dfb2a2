"""A handwritten digit as an image like MNIST's, and as a short text for a link.

``app/static/flow/digit.js`` makes the same image, pixel for pixel, without a server.
"""

import base64
import binascii
from collections.abc import Sequence

import numpy as np

from app.desk import at_once

Stroke = Sequence[Sequence[float]]

SIDE, BOX = 28, 20  # sides of an image, and of the central square that a digit fills, in pixels (LeCun et al. 1998)
PEN = 2.6  # width of a line in pixels, about as in MNIST
FINE = 8  # the canvas is this many times as large as the image, so that lines are smooth
LARGEST_ENLARGEMENT = 3  # how many times a drawing may be enlarged, so that a dot stays a dot
MAX_POINTS = 20_000  # largest number of points of a drawing; a digit has about a hundred
STEPS = 255  # steps of a coordinate from 0 to 1
ASIDE = 1.0  # largest distance of a dropped point from the simplified line, in steps; a pixel has nine steps
LONGEST = 255  # largest number of points that a stroke keeps
MAX_BYTES = 1500  # largest size of a drawing; a link needs four characters for three bytes

#: Example drawings by name, for users without a pen.
DRAWINGS: dict[str, list[Stroke]] = {
    "a 4": [[(0.36, 0.08), (0.22, 0.55), (0.8, 0.55)], [(0.62, 0.3), (0.6, 0.95)]],
    "a 7": [[(0.2, 0.12), (0.78, 0.12), (0.42, 0.92)]],
    "a 3": [
        [(0.25, 0.12), (0.6, 0.08), (0.72, 0.25), (0.6, 0.42), (0.42, 0.46)]
        + [(0.64, 0.5), (0.77, 0.7), (0.62, 0.9), (0.22, 0.88)]
    ],
    "the letter W": [[(0.1, 0.1), (0.3, 0.9), (0.5, 0.3), (0.7, 0.9), (0.9, 0.1)]],
    "the letter T": [[(0.1, 0.1), (0.9, 0.1)], [(0.5, 0.1), (0.5, 0.9)]],
}


def digit(strokes: Sequence[Stroke]) -> np.ndarray:
    """Draws strokes as a grey image of a digit, by MNIST's procedure: uint8 ``(28, 28, 1)``, bright on black.

    MNIST fits each digit into a square of 20 pixels and keeps its proportions. It moves the centre of mass to the
    centre of 28×28 pixels. The pen's width does not grow with the drawing. A stroke is a list of points (x, y), from 0
    to 1; x points right and y down.

    Raises:
        ValueError: The value is no list of strokes, or has more than 20,000 points.
    """
    lines = _checked_all(strokes)
    if not lines:
        return np.zeros((SIDE, SIDE, 1), np.uint8)
    everything = np.concatenate(lines)
    low, high = everything.min(0), everything.max(0)
    extent = (BOX - PEN) / max(*(high - low), 1 / LARGEST_ENLARGEMENT)
    fitted = [(points - (low + high) / 2) * extent + SIDE / 2 for points in lines]
    offset = SIDE / 2 - _centre_of_mass(_drawn(fitted))
    return _small(_drawn([points + offset for points in fitted]))


@at_once
def written(strokes: str) -> np.ndarray:
    """The image of the strokes in a text from :func:`to_text`, as models take it, uint8 ``(1, 28, 28, 1)``.

    Raises:
        ValueError: The text is not valid.
    """
    return digit(from_text(strokes))[None]


def _checked_all(strokes: Sequence[Stroke]) -> list[np.ndarray]:
    """The points of each stroke, ``(M, 2)``, without empty strokes."""
    lines = [points for stroke in strokes if len(points := _checked(stroke))]
    if sum(map(len, lines)) > MAX_POINTS:
        raise ValueError(f"a digit has at most {MAX_POINTS} points; clear the pad and write it again")
    return lines


def _checked(stroke: Stroke) -> np.ndarray:
    """The points of a stroke, ``(M, 2)``, clipped to 0 to 1."""
    try:
        points = np.asarray(stroke, np.float64).reshape(-1, 2)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError("a stroke must be a list of points (x, y)") from error
    if not np.isfinite(points).all():
        raise ValueError("a point of a stroke must have two finite numbers")
    return points.clip(0, 1)


def _drawn(lines: list[np.ndarray]) -> np.ndarray:
    """Returns a mask of the ink, ``(SIDE * FINE, SIDE * FINE)``, for lines whose unit is a pixel of the image."""
    canvas = np.zeros((SIDE * FINE, SIDE * FINE), bool)
    for points in lines:
        corners = points * FINE
        for start, end in zip(corners, [*corners[1:], corners[-1]], strict=True):  # a single point makes a dot
            _ink(canvas, start, end, PEN * FINE / 2)
    return canvas


def _ink(canvas: np.ndarray, start: np.ndarray, end: np.ndarray, reach: float) -> None:
    """Inks all pixels whose centre is within ``reach`` of a straight line."""
    low = np.floor(np.minimum(start, end) - reach).clip(0, len(canvas)).astype(int)
    high = np.ceil(np.maximum(start, end) + reach).clip(0, len(canvas)).astype(int)
    x = np.arange(low[0], high[0]) + 0.5 - start[0]
    y = (np.arange(low[1], high[1]) + 0.5 - start[1])[:, None]
    dx, dy = end - start
    length = dx * dx + dy * dy
    share = ((x * dx + y * dy) / length).clip(0, 1) if length else 0.0
    across, down = x - share * dx, y - share * dy
    canvas[low[1] : high[1], low[0] : high[0]] |= across * across + down * down <= reach * reach


def _small(canvas: np.ndarray) -> np.ndarray:
    """The canvas scaled down to uint8 ``(28, 28, 1)``: the share of ink in each pixel."""
    inked = canvas.reshape(SIDE, FINE, SIDE, FINE).sum((1, 3))
    return np.floor(inked * 255 / FINE**2 + 0.5).astype(np.uint8)[..., None]


def _centre_of_mass(canvas: np.ndarray) -> np.ndarray:
    """The centre of mass (x, y), in pixels of the image."""
    places = (np.arange(len(canvas)) + 0.5) / FINE
    return np.array([(canvas.sum(axis) * places).sum() for axis in (0, 1)]) / canvas.sum()


def to_text(strokes: Sequence[Stroke]) -> str:
    """Encodes strokes as letters, digits, hyphens and underscores; :func:`from_text` decodes them, with rounding.

    Each stroke of points (x, y) from 0 to 1 keeps only the points that shape it, at most 255. Longer drawings become
    coarser, so that a link can hold them.

    Raises:
        ValueError: There are too many strokes, or :func:`digit` would refuse them.
    """
    lines = [[(round(STEPS * x), round(STEPS * y)) for x, y in points.tolist()] for points in _checked_all(strokes)]
    aside = ASIDE
    while aside <= 2 * STEPS:
        kept = [_simplified(line, aside) for line in lines]
        if all(len(line) <= LONGEST for line in kept) and sum(1 + 2 * len(line) for line in kept) <= MAX_BYTES:
            packed = bytes(
                value for line in kept for value in (len(line), *(value for point in line for value in point))
            )
            return base64.urlsafe_b64encode(packed).decode().rstrip("=")
        aside *= 2
    raise ValueError("there are too many strokes; clear the pad and write again")


def _simplified(points: list[tuple[int, int]], aside: float) -> list[tuple[int, int]]:
    """The line without points that are at most ``aside`` away from the result (Douglas & Peucker 1973)."""
    line, kept, open_parts = np.asarray(points, float), {0, len(points) - 1}, [(0, len(points) - 1)]
    while open_parts:
        first, last = open_parts.pop()
        start, end = line[first], line[last]
        between, along = line[first + 1 : last] - start, end - start
        share = (between @ along / max(along @ along, 1e-9)).clip(0, 1)
        far = np.linalg.norm(between - share[:, None] * along, axis=1)
        if len(far) and far.max() > aside:
            middle = first + 1 + int(far.argmax())
            kept.add(middle)
            open_parts += [(first, middle), (middle, last)]
    return [points[at] for at in sorted(kept)]


def from_text(text: str) -> list[Stroke]:
    """Decodes strokes: the inverse of :func:`to_text`.

    Raises:
        ValueError: The text is not valid.
    """
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars="-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("the text holds no strokes") from error
    strokes, rest = [], list(packed)
    while rest:
        count, rest = rest[0], rest[1:]
        values, rest = rest[: 2 * count], rest[2 * count :]
        if not count or len(values) < 2 * count:
            raise ValueError("the text ends within a stroke")
        strokes.append([(x / STEPS, y / STEPS) for x, y in zip(values[::2], values[1::2], strict=True)])
    return strokes
