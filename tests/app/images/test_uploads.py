import io
import os
import threading
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.images import uploads
from app.inference import memory
from ibinn_core.data.images import ImageError

ROOT = Path(__file__).resolve().parents[3]


def file_of(size: tuple[int, int], kind: str = "PNG") -> io.BytesIO:
    file = io.BytesIO()
    Image.new("RGB", size, "red").save(file, kind)
    return file


def test_streamlit_takes_no_file_that_would_be_refused():
    config = tomllib.loads((ROOT / "app" / ".streamlit" / "config.toml").read_text())
    assert config["server"]["maxUploadSize"] * 2**20 == uploads.LIMITS.file_bytes


def test_images_are_decoded_one_after_another(monkeypatch):
    at_once, most, count = [], [], threading.Lock()

    def slow(*args):
        with count:
            at_once.append(1)
            most.append(len(at_once))
        time.sleep(0.02)
        with count:
            at_once.pop()
        return args

    monkeypatch.setenv("IBINN_PROCESSES", "0")
    monkeypatch.setattr(uploads, "read_image", slow)
    with ThreadPoolExecutor(8) as people:
        list(people.map(lambda _: uploads.read_upload(io.BytesIO(), 32, 3), range(8)))
    assert len(most) == 8 and max(most) == 1


def test_what_is_transparent_is_white():
    file = io.BytesIO()
    Image.new("RGBA", (40, 40), (9, 9, 9, 0)).save(file, "PNG")
    assert (uploads.read_upload(file, 32, 3) == 255).all()


def test_who_waits_too_long_is_told_so_and_the_next_one_is_served(monkeypatch):
    monkeypatch.setattr(uploads, "PATIENCE", 0.05)
    with uploads._turn, pytest.raises(ImageError, match="Other people's images are being read"):
        uploads.read_upload(file_of((40, 40)), 32, 3)
    assert uploads.read_upload(file_of((40, 40)), 32, 3).shape == (32, 32, 3)


@pytest.mark.slow
def test_a_refused_image_does_not_keep_others_out():
    for _ in range(3):
        with pytest.raises(ImageError, match="25 megapixels"):
            uploads.read_upload(file_of((5100, 5000)), 32, 3)
    with pytest.raises(ImageError, match="larger than 10 MiB"):
        uploads.read_upload(io.BytesIO(bytes(uploads.LIMITS.file_bytes + 1)), 32, 3)
    assert uploads.read_upload(file_of((40, 40)), 28, 1).shape == (28, 28, 1)


@pytest.fixture
def apart(monkeypatch):
    """Images are decoded in a process of their own, which ends with the test."""
    monkeypatch.setenv("IBINN_PROCESSES", "1")
    monkeypatch.setattr(uploads, "_process", None)
    yield
    if uploads._process is not None:
        uploads._process.stop()


def test_a_process_of_its_own_makes_the_same_of_an_image(apart, monkeypatch):
    found = read_small(file_of((60, 40), "JPEG"))
    assert uploads._process is not None and uploads._process.is_running
    with pytest.raises(ImageError, match="Only PNG, JPEG"):
        read_small(io.BytesIO(b"these bytes are no image"))
    monkeypatch.setenv("IBINN_PROCESSES", "0")
    np.testing.assert_array_equal(found, read_small(file_of((60, 40), "JPEG")))


def read_small(file: io.BytesIO) -> np.ndarray:
    return uploads.read_upload(file, 32, 3)


def test_what_takes_too_long_is_ended_and_the_next_image_is_read(apart, monkeypatch):
    monkeypatch.setattr(uploads, "SECONDS", 0.1)
    with pytest.raises(ImageError, match="too long to read, or too much memory"):
        uploads._in_turn(time.sleep, 3600)
    monkeypatch.undo()
    monkeypatch.setenv("IBINN_PROCESSES", "1")
    assert read_small(file_of((40, 40))).shape == (32, 32, 3)


def test_a_process_that_is_killed_is_told_of_and_another_begun(apart):
    with pytest.raises(ImageError, match="too long to read, or too much memory"):
        uploads._in_turn(os._exit, 1)
    assert read_small(file_of((40, 40))).shape == (32, 32, 3)


@pytest.mark.skipif(not memory.STATUS.exists(), reason="this system cannot limit the memory of a process")
def test_it_gets_no_more_memory_than_it_may_take(apart):
    assert len(uploads._in_turn(bytearray, 2**20)) == 2**20
    with pytest.raises(MemoryError):
        uploads._in_turn(bytearray, uploads.MEMORY + 1)
