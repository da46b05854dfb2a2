"""Readers of values from links and browsers: each returns a value of one type and range, or raises a ValueError."""

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def whole(low: float, high: float) -> Callable[[object], int]:
    """Returns a reader of integers in a range, which also reads text."""

    def read(said: object) -> int:
        text = str(said)
        if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
            raise ValueError(f"not a whole number from {low} to {high}")
        return int(text)

    return read


def number(low: float, high: float) -> Callable[[object], float]:
    """Returns a reader of numbers in a range, which also reads text such as ``"inf"``."""

    def read(said: object) -> float:
        if not (isinstance(said, (str, int, float)) and low <= float(said) <= high):
            raise ValueError(f"not a number from {low} to {high}")
        return float(said)

    return read


def one_of(*options: T) -> Callable[[object], T]:
    """Returns a reader that accepts only these options."""
    return lambda said: options[options.index(said)]  # type: ignore[arg-type]
