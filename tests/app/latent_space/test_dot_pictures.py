"""The pictures of the dots: each row of a latent file has its image, or none if it is not on this machine."""

import numpy as np
import pytest
from PIL import Image

from app.images import pictures, sheets
from app.images.sheets import NONE
from app.latent_space import dot_pictures
from app.latent_space.dot_pictures import pictures_of
from app.models import registry


@pytest.fixture
def folder(monkeypatch, tmp_path):
    monkeypatch.setattr(sheets, "PICTURES", tmp_path / "pictures")
    dot_pictures._sheets.clear()
    yield tmp_path / "pictures"
    dot_pictures._sheets.clear()


@pytest.mark.parametrize("id", ["gamma-1", "gamma-2.5"])
def test_each_row_has_its_own_image_under_trained_and_mixed_models(folder, no_data, id):
    checkpoint = registry.by_id(id)
    found = pictures_of(checkpoint)
    assert found is not None and found.numbers.shape == checkpoint.latent["labels"].shape
    rows = np.flatnonzero(found.numbers != NONE)
    assert len(rows) > 3
    written = folder / found.address.rstrip("/").rpartition("/")[2]
    width, height = found.size
    for row in rows:
        sheet, within = divmod(int(found.numbers[row]), found.across**2)
        down, right = divmod(within, found.across)
        with Image.open(written / f"{sheet}.webp") as opened:
            tile = opened.crop((right * width, down * height, (right + 1) * width, (down + 1) * height))
        assert np.array_equal(np.asarray(tile), pictures.test_image(id, row))
    missing = next(row for row in range(len(found.numbers)) if found.numbers[row] == NONE)
    assert pictures.test_image(id, missing) is None
