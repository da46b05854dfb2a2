"""Files are written whole or not at all; tests/core/checkpoint has the same of whole folders."""

import json
import math
import os

import pytest

from ibinn_core.files import UnreadableError, WriteError, new_folder, read_bytes, write_json, writing


def test_json_is_written_whole_or_not_at_all(tmp_path):
    file = tmp_path / "card.json"
    write_json(file, {"error": 0.5})
    with pytest.raises(ValueError):
        write_json(file, {"error": math.nan})
    assert json.loads(file.read_text()) == {"error": 0.5}
    assert [path.name for path in tmp_path.iterdir()] == ["card.json"]


def test_what_is_no_regular_file_or_too_large_is_refused(tmp_path):
    (tmp_path / "file").write_bytes(bytes(2**20))
    assert read_bytes(tmp_path / "file", 2**20) == bytes(2**20)
    for path, why in ((tmp_path, "is not a regular file"), (tmp_path / "file", "is larger than 0 MiB")):
        with pytest.raises(UnreadableError, match=why):
            read_bytes(path, 2**20 - 1)


def test_the_current_folder_can_be_replaced_by_its_dot(tmp_path, monkeypatch):
    place = tmp_path / "site"
    place.mkdir()
    monkeypatch.chdir(place)
    with new_folder(type(place)(".")) as folder:
        (folder / "index.html").write_text("there")
    assert (place / "index.html").read_text() == "there" and os.listdir(tmp_path) == ["site"]


def test_the_innermost_of_what_cannot_be_written_is_named(tmp_path):
    with pytest.raises(WriteError, match="^inner cannot be written"), writing(tmp_path), writing("inner"):
        raise OSError("No space left on device")


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
