"""Chooses the classes that a figure shows, and their colours: all classes if there are few, else the most probable."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ..palette import CLASS_COLORS, NEUTRAL, class_colors

MAX_CLASSES = 20  # the most classes that colours can distinguish; if there are more, a figure shows only some
TOP = len(CLASS_COLORS)
OTHER = -2  # replaces the number of each class that has no colour of its own
OTHERS = "other classes"


def with_number(name: str, number: str) -> str:
    """The name of a class and a number: "cat 95%", but "6: 95%"."""
    return f"{name}: {number}" if name[-1:].isdigit() else f"{name} {number}"


def shown_classes(weights: np.ndarray, also: int | None = None, limit: int = MAX_CLASSES) -> list[int]:
    """Chooses the classes of a figure by their weights ``(K,)``: all, if there are at most ``limit``.

    If there are more, the function returns the ten of largest weight, the largest first. ``also`` is always included.
    """
    if len(weights) <= limit:
        return list(range(len(weights)))
    chosen = np.argsort(-np.asarray(weights), kind="stable")[:TOP].tolist()
    if also is not None and also not in chosen:
        chosen[-1] = also
    return chosen


def drawn_classes(groups: np.ndarray, count: int) -> list[int]:
    """The classes with coloured dots: all ``count`` classes, or if there are too many, those with the most dots.

    ``groups`` holds the class of each dot, integers ``(N,)``; negative numbers mean no class.
    """
    dots = np.bincount(groups[groups >= 0].astype(int), minlength=count)
    shown = shown_classes(dots)
    return shown if len(shown) == count else sorted(k for k in shown if dots[k])


def colors_of(count: int, shown: Sequence[int]) -> list[str]:
    """A colour for each of ``count`` classes; if there are too many, grey for all except the ``shown`` classes.

    The order of ``shown`` changes no colour, so bars sorted by share have the same colours as planes sorted by name.
    """
    if count <= MAX_CLASSES:
        return list(class_colors(count))
    colors = [NEUTRAL] * count
    for color, k in zip(class_colors(len(shown)), sorted(shown), strict=True):
        colors[k] = color
    return colors


class Bars(NamedTuple):
    """The classes that have a bar: names, colours and numbers."""

    names: list[str]
    colors: list[str]
    shown: list[int]


def bars_of(classes: Sequence[str], shown: list[int]) -> Bars:
    """The bars of the classes whose numbers are in ``shown``. ``classes`` holds all K names."""
    colors = colors_of(len(classes), shown)
    return Bars([classes[k] for k in shown], [colors[k] for k in shown], shown)
