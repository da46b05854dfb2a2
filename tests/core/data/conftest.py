"""An empty folder for the data sets of each test."""

from pathlib import Path

import pytest


@pytest.fixture
def root(tmp_path, monkeypatch) -> Path:
    """An empty folder that IBINN_DATA names, so that no test sees the machine's copies of data sets."""
    folder = tmp_path / "data sets"
    folder.mkdir()
    monkeypatch.setenv("IBINN_DATA", str(folder))
    return folder
