"""Settings for all tests."""

import logging
import os
import sys
from pathlib import Path

import pytest
from _pytest.doctest import DoctestModule


def share_the_cores() -> None:
    """Gives each pytest-xdist worker its part of the cores, before torch and numba read how many they have.

    The limits also hold for processes that a worker starts. Numba, which compiles UMAP, sets OpenMP's threads for
    the whole process. Without a separate limit, Numba would undo the limit of torch.
    """
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", 1))
    if workers > 1:
        os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // workers)))
    if "OMP_NUM_THREADS" in os.environ:
        os.environ.setdefault("NUMBA_NUM_THREADS", os.environ["OMP_NUM_THREADS"])


share_the_cores()


class _Loggers(dict):
    """All loggers. Loops over them use a copy.

    pytest loops over all loggers before and after each test. Meanwhile, a thread that a test has left behind may
    import a module that makes a logger. Python then raises "dictionary changed size during iteration".
    """

    def values(self):
        return self.copy().values()


logging.Logger.manager.loggerDict = _Loggers(logging.Logger.manager.loggerDict)


@pytest.fixture(autouse=True)
def main_module(monkeypatch):
    """Restores ``__main__``. A page replaces it, and processes that later tests spawn would run this page."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.hookimpl(wrapper=True)
def pytest_collect_file():
    """Skips doctests in test files. They have none, and the search would take a tenth of the collection time."""
    found = yield
    return [one for one in found if not isinstance(one, DoctestModule)]


@pytest.fixture(scope="session")
def measured(tmp_path_factory) -> Path:
    """A folder with a small family and its measured curve. No test may change this folder."""
    from curve_helpers import save_measured_family  # imported here, because torch must come after share_the_cores
    from shared_helpers import shared_folder

    return shared_folder(tmp_path_factory, "measured", save_measured_family)
