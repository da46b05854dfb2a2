"""Slow fixtures, built once for all processes that run the tests."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock


def shared_folder(factory: pytest.TempPathFactory, name: str, build: Callable[[Path], object]) -> Path:
    """A folder that the first process to ask for it builds, and that no test may change."""
    base = factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    target = base / name
    with FileLock(base / f"{name}.lock"):  # the others wait here
        if not target.exists():
            begun = factory.mktemp(name) / name
            build(begun)
            begun.rename(target)
    return target
