from pathlib import Path

import pytest
from curve_helpers import save_measured_family


@pytest.fixture(scope="session")
def measured(tmp_path_factory) -> Path:
    """A folder with a small family and its measured curve; nobody may change it."""
    place = tmp_path_factory.mktemp("measured")
    save_measured_family(place)
    return place
