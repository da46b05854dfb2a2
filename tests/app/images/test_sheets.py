"""Sheets of small pictures: each image is at the place of its number."""

import numpy as np
import pytest
from PIL import Image

from app.images import sheets
from app.images.sheets import ACROSS, sheets_of


@pytest.fixture
def folder(monkeypatch, tmp_path):
    monkeypatch.setattr(sheets, "PICTURES", tmp_path / "pictures")
    return tmp_path / "pictures"


def some_images(count: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, *shape), dtype=np.uint8)


@pytest.mark.parametrize("count, shape", [(150, (5, 7, 3)), (64, (4, 4, 1)), (1, (6, 6, 3))])
def test_a_picture_is_where_its_number_says(folder, count, shape):
    images, (height, width, _) = some_images(count, *shape), shape
    found = sheets_of(images)
    assert found is not None and found.size == (width, height) and sorted(found.numbers) == list(range(count))
    written = folder / found.address.rstrip("/").rpartition("/")[2]
    sheets = [np.asarray(Image.open(written / f"{n}.webp")) for n in range(len(list(written.iterdir())))]
    assert len(sheets) == -(-count // ACROSS**2)
    for image, number in zip(images, found.numbers.tolist(), strict=True):
        sheet, within = divmod(number, ACROSS**2)
        row, column = divmod(within, ACROSS)
        tile = sheets[sheet][row * height : (row + 1) * height, column * width : (column + 1) * width]
        assert np.array_equal(tile, np.broadcast_to(image, (height, width, 3)))


def test_the_same_images_are_written_once_and_others_apart(folder):
    images = some_images(70, 4, 4, 3)
    first = sheets_of(images)
    assert first is not None
    written = folder / first.address.rstrip("/").rpartition("/")[2]
    (written / "0.webp").unlink()
    assert sheets_of(images).address == first.address
    assert not (written / "0.webp").exists()  # it was not written anew
    assert sheets_of(255 - images).address != first.address


def test_a_folder_that_cannot_be_written_is_an_error_and_no_image_is_no_sheet(folder):
    assert sheets_of(some_images(0, 4, 4, 3)) is None
    folder.write_text("in the way")
    with pytest.raises(OSError):
        sheets_of(some_images(3, 4, 4, 3))
