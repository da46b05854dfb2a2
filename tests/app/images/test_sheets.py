"""Sheets of small pictures: each image is where its number says, and those that lie together share a sheet."""

import numpy as np
import pytest
from PIL import Image

from app.images import sheets
from app.images.sheets import ACROSS, near_one_another, sheets_of


@pytest.fixture
def folder(monkeypatch, tmp_path):
    monkeypatch.setattr(sheets, "PICTURES", tmp_path / "pictures")
    return tmp_path / "pictures"


def some_images(count: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, *shape), dtype=np.uint8)


@pytest.mark.parametrize("count, shape", [(150, (5, 7, 3)), (64, (4, 4, 1)), (1, (6, 6, 3))])
def test_a_picture_is_where_its_number_says(folder, count, shape):
    images, places = some_images(count, *shape), np.random.default_rng(1).normal(size=(count, 2))
    found = sheets_of(images, places)
    assert found is not None and found.size == (shape[1], shape[0])
    assert sorted(found.numbers) == list(range(count))
    written = folder / found.address.rstrip("/").rpartition("/")[2]
    assert len(list(written.iterdir())) == -(-count // ACROSS**2)
    for image, number in zip(images, found.numbers.tolist(), strict=True):
        sheet, within = divmod(number, ACROSS**2)
        with Image.open(written / f"{sheet}.png") as opened:
            pixels = np.asarray(opened)
        row, column = divmod(within, ACROSS)
        height, width = shape[:2]
        tile = pixels[row * height : (row + 1) * height, column * width : (column + 1) * width]
        assert np.array_equal(tile, np.broadcast_to(image, (height, width, 3)))


def test_the_same_images_are_written_once_and_others_apart(folder):
    images, places = some_images(70, 4, 4, 3), np.random.default_rng(1).normal(size=(70, 2))
    first = sheets_of(images, places)
    assert first is not None
    written = folder / first.address.rstrip("/").rpartition("/")[2]
    (written / "0.png").unlink()
    assert sheets_of(images, places).address == first.address
    assert not (written / "0.png").exists()  # it was not written anew
    assert sheets_of(255 - images, places).address != first.address


def test_a_folder_that_cannot_be_written_is_an_error_and_no_image_is_no_sheet(folder):
    places = np.zeros((3, 2))
    assert sheets_of(some_images(0, 4, 4, 3), places[:0]) is None
    folder.write_text("in the way")
    with pytest.raises(OSError):
        sheets_of(some_images(3, 4, 4, 3), places)


def test_what_shares_a_sheet_lies_together():
    places = np.random.default_rng(0).normal(size=(1000, 2)) * (3, 1)
    order = near_one_another(places, 64)
    assert sorted(order) == list(range(1000))
    blocks = [places[order[first : first + 64]] for first in range(0, 1000, 64)]
    extent = np.mean([np.prod(np.ptp(block, axis=0)) for block in blocks])
    assert extent < np.prod(np.ptp(places, axis=0)) / 10


def test_places_that_are_all_the_same_are_ordered_too():
    assert sorted(near_one_another(np.zeros((130, 2)), 64)) == list(range(130))
