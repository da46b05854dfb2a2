"""The manifest of a checkpoint: it detects every changed byte; its command; and a folder that changes meanwhile."""

import os
import shutil

import pytest
from checkpoint_helpers import edit_json, one_sentence, refusal

import ibinn_core as ib
from ibinn_core import __main__
from ibinn_core import checkpoint as registry
from ibinn_core.checkpoint import CARD, CONFIG, MANIFEST, WEIGHTS


@pytest.fixture
def folder(pristine, tmp_path, monkeypatch):
    """A registry of one checkpoint; IBINN_CHECKPOINTS names it."""
    shutil.copytree(pristine, tmp_path / "checkpoints" / "good")
    monkeypatch.setenv("IBINN_CHECKPOINTS", str(tmp_path / "checkpoints"))
    return tmp_path / "checkpoints" / "good"


def flip_last_number(folder) -> None:
    """Changes the lowest bit of a number: all is valid still."""
    data = bytearray((folder / WEIGHTS).read_bytes())
    data[-1] ^= 1
    (folder / WEIGHTS).write_bytes(data)


def test_what_only_the_manifest_can_tell_names_the_file_and_what_to_do(folder):
    flip_last_number(folder)
    assert registry.scan()[1] == []  # no weights are read there
    refusal(lambda: ib.load("good"), WEIGHTS, "does not match", f"`python -m ibinn_core manifest --replace {folder}`")


@pytest.mark.parametrize(
    "text, part",
    [
        (b'{"format": 2, "sha256": {}}', "manifest.json is damaged"),
        (b'{"format": 1, "sha256": {"config.json": "0"}}', "manifest.json is damaged"),
        (b'{"format": 1, "sha256": {}}', "manifest.json does not name config.json and weights.safetensors"),
    ],
)
def test_a_damaged_manifest_is_refused(folder, text, part):
    (folder / MANIFEST).write_bytes(text)
    refusal(lambda: registry.read(folder), part)


def test_the_command_writes_what_is_missing_and_finds_what_differs(folder, capsys):
    (folder / MANIFEST).unlink()
    for arguments, said in ((["manifest"], "manifest written"), (["manifest", "good"], "agrees with its manifest")):
        assert __main__.main(arguments) == 0
        assert capsys.readouterr().out == f"{folder}: {said}\n"
    flip_last_number(folder)
    assert __main__.main(["manifest"]) == 1
    one_sentence(capsys.readouterr().err, f"{WEIGHTS} of {folder}", "--replace")
    assert __main__.main(["manifest", "good", "--replace"]) == 0
    ib.load("good")
    (folder / CARD).write_text("{")  # which the listing refuses
    assert __main__.main(["manifest"]) == 1
    one_sentence(capsys.readouterr().err, f"{CARD} of {folder}")


def test_the_command_writes_nothing_into_a_folder_of_something_else(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("IBINN_CHECKPOINTS", str(tmp_path))
    for arguments, part in (([], f"there is no checkpoint in {tmp_path}"), ([str(tmp_path)], "no config.json")):
        assert __main__.main(["manifest", *arguments]) == 1
        assert part in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_checkpoint_that_is_replaced_or_removed_after_it_was_listed_says_so(folder, parts):
    listed = registry.read(folder)
    edit_json(folder / CONFIG, lambda c: c["budget"].update(epochs=2.0))
    flip_last_number(folder)
    registry.write_manifest(folder)
    refusal(lambda: ib.load(listed), "does not match its manifest.json", "list the checkpoints again")
    ib.load("good")
    shutil.rmtree(folder)
    for ask in (lambda: ib.load(listed), lambda: listed.latent):
        refusal(ask, "Checkpoint 'good' is refused: it has no ")


def test_a_folder_that_is_moved_aside_and_replaced_between_two_looks_is_listed(folder, monkeypatch):
    """What a save does, after each of the looks at the folder that the listing takes meanwhile."""
    aside, new = folder.with_name("good.old.partial"), folder.with_name("good.partial")

    def steps():
        shutil.copytree(folder, new)
        yield
        folder.rename(aside)
        yield
        new.rename(folder)
        shutil.rmtree(aside)

    for looks in range(1, 8):
        saving, count, original = steps(), 0, os.path.isdir
        next(saving)

        def look(path, saving=saving, looks=looks, original=original):
            nonlocal count
            found = original(path)
            if str(path) in (str(folder), str(aside)):
                count += 1
                if count >= looks:
                    next(saving, None)
            return found

        with monkeypatch.context() as patch:
            patch.setattr(os.path, "isdir", look)
            readable, refused = registry.scan()
        assert [c.id for c in readable] == ["good"] and refused == [], looks
        for _ in saving:  # what the listing has not waited for
            pass


def test_folders_that_vanish_between_being_listed_and_read_are_passed_by(folder, monkeypatch):
    original = registry.listing.read

    def vanishing(path, *arguments):
        shutil.rmtree(path)
        return original(path, *arguments)

    monkeypatch.setattr(registry.listing, "read", vanishing)
    assert registry.scan() == ([], [])
