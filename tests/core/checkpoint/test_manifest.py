"""The manifest of a checkpoint: it detects every changed byte; and its command."""

import os
import shutil
import threading

import numpy as np
import pytest
from checkpoint_helpers import edit_json, one_sentence
from grid_helpers import mostly_slow

import ibinn_core as ib
from ibinn_core import __main__
from ibinn_core import checkpoint as registry
from ibinn_core.checkpoint import CARD, CONFIG, LATENT, MANIFEST, WEIGHTS, CheckpointError
from ibinn_core.files import as_json


@pytest.fixture
def folder(pristine, tmp_path, monkeypatch):
    """A registry of one checkpoint; IBINN_CHECKPOINTS names it."""
    shutil.copytree(pristine, tmp_path / "checkpoints" / "good")
    monkeypatch.setenv("IBINN_CHECKPOINTS", str(tmp_path / "checkpoints"))
    return tmp_path / "checkpoints" / "good"


def flip(file, bit: int) -> None:
    data = bytearray(file.read_bytes())
    data[bit // 8] ^= 1 << bit % 8
    file.write_bytes(data)


def load_all(folder) -> None:
    entry = registry.read(folder)
    ib.load(entry)
    entry.latent  # noqa: B018


@pytest.mark.parametrize("name", mostly_slow([CONFIG, CARD, WEIGHTS, LATENT, MANIFEST], CARD))
def test_every_flipped_bit_is_told_in_one_sentence(folder, name):
    whole = (folder / name).read_bytes()
    rng = np.random.default_rng(0)
    for bit in rng.integers(0, 8 * len(whole), 20):
        flip(folder / name, int(bit))
        with pytest.raises(CheckpointError) as caught:
            load_all(folder)
        one_sentence(str(caught.value), "Checkpoint 'good' is refused: ")
        (folder / name).write_bytes(whole)
    load_all(folder)


def test_what_only_the_manifest_can_tell_names_the_file_and_what_to_do(folder):
    data = bytearray((folder / WEIGHTS).read_bytes())
    data[-1] ^= 1  # the lowest bit of a number: all is valid still
    (folder / WEIGHTS).write_bytes(data)
    assert registry.scan()[1] == []  # no weights are read there
    with pytest.raises(CheckpointError) as caught:
        ib.load("good")
    one_sentence(str(caught.value), WEIGHTS, "is not the one that its manifest.json names")
    assert f"`python -m ibinn_core manifest --replace {folder}`" in str(caught.value)


def test_a_number_that_was_changed_on_the_card_is_told_by_the_listing(folder):
    text = (folder / CARD).read_text()
    (folder / CARD).write_text(text.replace('"confidence": 0.', '"confidence": 0.0', 1))
    readable, (refused,) = registry.scan()
    assert readable == []
    one_sentence(refused.reason, "its card.json is not the one")


def test_without_a_manifest_a_checkpoint_is_refused_and_told_how_to_write_it(folder):
    (folder / MANIFEST).unlink()
    readable, (refused,) = registry.scan()
    assert readable == []
    one_sentence(refused.reason, "'good' is refused: it has no manifest.json", f"core manifest {folder}`")
    with pytest.raises(CheckpointError) as caught:
        ib.load("good")
    assert str(caught.value) == refused.reason


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b'{"format": 1, "sha256": {}}', b'{"format": 2, "sha256": {}}'])
def test_a_damaged_manifest_is_refused(folder, text):
    (folder / MANIFEST).write_bytes(text)
    with pytest.raises(CheckpointError, match=r"its manifest\.json (is damaged|does not name config\.json)") as caught:
        registry.read(folder)
    one_sentence(str(caught.value))


def test_a_card_that_is_written_anew_has_its_place_in_the_manifest(folder):
    entry = registry.read(folder)
    registry.write_files(folder, {CARD: as_json({**entry.card, "error": 0.25})}, entry.manifest)
    load_all(folder)
    assert registry.read(folder).card["error"] == 0.25


# --- the command ----------------------------------------------------------------------------------------------


def test_the_command_writes_what_is_missing_and_finds_what_differs(folder, capsys):
    (folder / MANIFEST).unlink()
    assert __main__.main(["manifest"]) == 0
    assert capsys.readouterr().out == f"{folder}: manifest written\n"
    assert __main__.main(["manifest", "good"]) == 0
    assert capsys.readouterr().out == f"{folder}: as its manifest says\n"
    ib.load("good")

    flip(folder / WEIGHTS, 8 * (folder / WEIGHTS).stat().st_size - 8)
    assert __main__.main(["manifest"]) == 1
    one_sentence(capsys.readouterr().err, f"{WEIGHTS} of {folder}", "--replace")
    assert __main__.main(["manifest", "good", "--replace"]) == 0
    ib.load("good")


def test_the_command_finds_damage_that_the_listing_refuses(folder, capsys):
    (folder / CARD).write_text("{")
    assert __main__.main(["manifest"]) == 1
    one_sentence(capsys.readouterr().err, f"{CARD} of {folder}")


def test_the_command_without_checkpoints_is_one_sentence(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("IBINN_CHECKPOINTS", str(tmp_path))
    assert __main__.main(["manifest"]) == 1
    assert f"there is no checkpoint in {tmp_path}" in capsys.readouterr().err


# --- a folder that changes while it is read --------------------------------------------------------------------


def test_the_command_writes_nothing_into_a_folder_of_something_else(tmp_path, capsys):
    assert __main__.main(["manifest", str(tmp_path)]) == 1
    one_sentence(capsys.readouterr().err.strip() + ".", tmp_path, "no config.json")
    assert not list(tmp_path.iterdir())


def test_a_checkpoint_that_is_replaced_after_it_was_listed_says_so(folder, parts):
    listed = registry.read(folder)
    parts._replace(card={**parts.card, "error": 0.125}).save(folder)
    edit_json(folder / CONFIG, lambda c: c["budget"].update(epochs=2.0))
    flip(folder / WEIGHTS, 8 * (folder / WEIGHTS).stat().st_size - 8)
    registry.write_manifest(folder)
    with pytest.raises(CheckpointError) as caught:
        ib.load(listed)
    one_sentence(str(caught.value), "is not the one that its manifest.json names", "list the checkpoints again")
    ib.load("good")


def test_a_checkpoint_that_is_removed_after_it_was_listed_says_so(folder):
    listed = registry.read(folder)
    shutil.rmtree(folder)
    for ask in (lambda: ib.load(listed), lambda: listed.latent):
        with pytest.raises(CheckpointError) as caught:
            ask()
        one_sentence(str(caught.value), "Checkpoint 'good' is refused: it has no ")


@pytest.mark.slow
def test_saving_in_a_loop_is_never_seen_by_those_who_list_and_load(folder, parts):
    done, errors = threading.Event(), []

    def look() -> None:
        while not done.is_set():
            try:
                readable, refused = registry.scan()
                assert [c.id for c in readable] == ["good"] and refused == []
                registry.find("good")
            except BaseException as error:  # in a thread, it would be lost
                errors.append(error)
                return

    threads = [threading.Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(8):
            parts.save(folder)
    finally:  # if it fails, no thread may go on looking while the next test runs
        done.set()
        for thread in threads:
            thread.join()
    assert errors == []


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
        if path.name == "good":
            shutil.rmtree(path)
        return original(path, *arguments)

    monkeypatch.setattr(registry.listing, "read", vanishing)
    assert registry.scan() == ([], [])


def test_what_is_no_regular_file_is_refused_at_once(folder):
    for name in (CONFIG, CARD, WEIGHTS, LATENT, MANIFEST):
        whole = (folder / name).read_bytes()
        for put in (lambda p: os.mkfifo(p), lambda p: p.symlink_to("/dev/zero"), lambda p: p.mkdir()):
            (folder / name).unlink()
            put(folder / name)
            readable, (refused,) = registry.scan()
            assert readable == []
            one_sentence(refused.reason, f"its {name} is damaged")
            (folder / name).rmdir() if (folder / name).is_dir() else (folder / name).unlink()
            (folder / name).write_bytes(whole)
    os.rename(folder / CARD, folder.parent / "elsewhere.json")
    (folder / CARD).symlink_to(folder.parent / "elsewhere.json")  # a link to a regular file is one
    load_all(folder)
