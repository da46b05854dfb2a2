"""Settings of all tests."""

import logging
import os
import sys
from pathlib import Path

import pytest
from _pytest.doctest import DoctestModule


def share_the_cores() -> None:
    """Gives each pytest-xdist worker its part of the cores, before torch and numba read how many they have.

    The limits also hold for processes that a worker starts. Numba, which compiles UMAP, sets OpenMP's threads for
    the whole process. Without a limit of its own it would undo torch's.
    """
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", 1))
    if workers > 1:
        os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // workers)))
    if "OMP_NUM_THREADS" in os.environ:
        os.environ.setdefault("NUMBA_NUM_THREADS", os.environ["OMP_NUM_THREADS"])


share_the_cores()


class _Loggers(dict):
    """All loggers, of which one looks through a copy.

    pytest looks through them before and after each test; a thread that a test has left behind may import something
    meanwhile that makes another one, and Python ends the walk: "dictionary changed size during iteration".
    """

    def values(self):
        return self.copy().values()


logging.Logger.manager.loggerDict = _Loggers(logging.Logger.manager.loggerDict)


@pytest.fixture(autouse=True)
def main_module(monkeypatch):
    """A page becomes the module ``__main__``, which a process that a later test spawns would run."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.hookimpl(wrapper=True)
def pytest_collect_file():
    """Test files hold no examples, and searching for some takes a tenth of the collection time."""
    found = yield
    return [one for one in found if not isinstance(one, DoctestModule)]


@pytest.fixture(scope="session")
def measured(tmp_path_factory) -> Path:
    """A folder with a small family and its measured curve; nobody may change it."""
    from curve_helpers import save_measured_family  # here, so that torch comes after the cores are shared
    from shared_helpers import shared_folder

    return shared_folder(tmp_path_factory, "measured", save_measured_family)
