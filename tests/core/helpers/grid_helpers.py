"""Grids of parameters of which ``make test`` takes a few, and ``make test-all`` every one."""

from collections.abc import Iterable

import pytest


def mostly_slow(values: Iterable, *quick: object) -> list:
    """All values as parameters, slow but for the quick ones; the first is quick if none is named."""
    values = list(values)
    quick = quick or (values[0],)
    assert all(value in values for value in quick), quick
    return [value if value in quick else pytest.param(*_arguments(value), marks=pytest.mark.slow) for value in values]


def _arguments(value: object) -> tuple:
    return value if isinstance(value, tuple) else (value,)
