"""What a person wrote as a short text, for a link."""

import base64
import binascii
import math
from collections.abc import Sequence

from app.images.handwriting import Stroke

STEPS = 255  # of a coordinate, from 0 to 1
NEAREST = 5  # steps; a point nearer than that to the one before adds nothing that could be seen
LONGEST = 255  # points of a stroke that are kept


def to_text(strokes: Sequence[Stroke]) -> str:
    """Strokes as letters, digits, hyphens and underscores; :func:`from_text` brings them back, a little coarser.

    Of each line of points (x, y) from 0 to 1, the first 255 points are kept that are at least 1/51 apart.
    """
    packed = bytearray()
    for stroke in strokes:
        points: list[tuple[int, int]] = []
        for x, y in stroke:
            point = round(STEPS * x), round(STEPS * y)
            if not points or math.dist(point, points[-1]) >= NEAREST:
                points.append(point)
        points = points[:LONGEST]
        if points:
            packed.append(len(points))
            packed += bytes(value for point in points for value in point)
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def from_text(text: str) -> list[Stroke]:
    """The inverse of :func:`to_text`.

    Raises:
        ValueError: for a text that holds no strokes.
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
