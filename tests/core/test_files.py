"""Files are written whole or not at all; tests/core/checkpoint has the same of whole folders."""

import json
import math
import os

import pytest

from ibinn_core.files import UnreadableError, new_folder, read_bytes, write_json


def test_json_is_written_whole_or_not_at_all(tmp_path):
    file = tmp_path / "card.json"
    write_json(file, {"error": 0.5})
    with pytest.raises(ValueError):
        write_json(file, {"error": math.nan})
    assert json.loads(file.read_text()) == {"error": 0.5}
    assert [path.name for path in tmp_path.iterdir()] == ["card.json"]


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs Linux to count open files")
def test_a_folder_in_a_files_place_is_refused_and_no_file_stays_open(tmp_path):
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        with pytest.raises(UnreadableError, match="is not a regular file"):
            read_bytes(tmp_path, 100)
    assert len(os.listdir("/proc/self/fd")) == before


def test_the_current_folder_can_be_replaced_by_its_dot(tmp_path, monkeypatch):
    place = tmp_path / "site"
    place.mkdir()
    monkeypatch.chdir(place)
    with new_folder(type(place)(".")) as folder:
        (folder / "index.html").write_text("there")
    assert (place / "index.html").read_text() == "there" and os.listdir(tmp_path) == ["site"]


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_whatever_ends_a_save_between_its_renames_the_older_folder_is_back(tmp_path, monkeypatch, error):
    place, rename = tmp_path / "a", type(tmp_path).rename
    place.mkdir()
    (place / "old").touch()

    def fail_second(path, target):
        if target == place:
            raise error
        return rename(path, target)

    monkeypatch.setattr(type(tmp_path), "rename", fail_second)
    with pytest.raises((OSError, KeyboardInterrupt)), new_folder(place) as folder:
        (folder / "new").touch()
    assert os.listdir(tmp_path) == ["a"] and os.listdir(place) == ["old"]
