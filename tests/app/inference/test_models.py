"""The available models for pages and computing processes: read once, and again when a file changes."""

import json
import os
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from waiting_helpers import PATIENCE

from app.inference import models
from app.models import registry
from ibinn_core.checkpoint import CheckpointError, folders, write_manifest


@pytest.fixture
def folder(tmp_path, show_checkpoints):
    """A folder of the app's own with two models."""
    for name in ("gamma-1", "resnet"):
        (tmp_path / name).symlink_to(folders()[0] / name)
    show_checkpoints(tmp_path)
    return tmp_path


def test_it_is_read_once_until_a_file_changes(folder):
    before = models.current(fresh=0.0)
    assert models.current(fresh=0.0) is before and set(before.families) == {"cifar10"}
    os.unlink(folder / "resnet")
    assert models.current(fresh=60.0) is before
    after = models.current(fresh=0.0)
    assert after is not before and before.by_id("resnet").id == "resnet"
    with pytest.raises(CheckpointError):
        after.by_id("resnet")
    with pytest.raises(CheckpointError, match="resnet is gone"):
        after.load("resnet")


def test_a_model_that_several_ask_for_is_loaded_once(folder, monkeypatch):
    loads, load = [], models._loaded
    monkeypatch.setattr(models, "_loaded", lambda checkpoint: loads.append(checkpoint.id) or load(checkpoint))
    together, current = threading.Barrier(4), models.current(fresh=0.0)

    def ask(_: int):
        together.wait(PATIENCE)
        return current.load("gamma-1")

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(ask, range(4)))
    assert loads == ["gamma-1"] and len(set(map(id, found))) == 1


@pytest.mark.slow
def test_a_folder_that_changed_between_two_trainings_has_two_families(other_families, tmp_path, show_checkpoints):
    one = next(path for path in sorted(other_families.iterdir()) if path.name.startswith("my-shapes"))
    for name in ("before", "after"):
        shutil.copytree(one, tmp_path / name)
    path = tmp_path / "after" / "config.json"
    config = json.loads(path.read_text())
    config["data"]["classes"] = [f"another {name}" for name in config["data"]["classes"]]
    path.write_text(json.dumps(config))
    write_manifest(path.parent)
    show_checkpoints(tmp_path)
    families = models.current().families
    assert len(families) == 2 and sorted(key.partition("~")[2] for key in families) == ["", "2"]


@pytest.mark.slow
def test_the_arrays_of_a_mixture_come_from_where_it_is_computed(no_data, monkeypatch):
    asked = []
    arrays = models.arrays_of_mixed
    monkeypatch.setattr(models, "arrays_of_mixed", lambda id: asked.append(id) or arrays(id))
    monkeypatch.setattr(models.current(), "mixed", models.current()._find_mixed)  # none that was asked before
    mixture = registry.by_id("gamma-2.5")
    assert mixture.latent["class_means"].shape == (10, 3072) and asked == ["gamma-2.5"]


def test_a_stamp_changes_with_every_file_and_passes_by_what_is_no_file(tmp_path):
    folder = tmp_path / "one"
    folder.mkdir()
    (folder / "latent.npz").touch()
    stamps = [models._stamp(tmp_path)]
    (folder / "card.json").write_text("{}")
    stamps.append(models._stamp(tmp_path))
    (folder / "latent.npz").unlink()
    stamps.append(models._stamp(tmp_path))
    (tmp_path / "broken").symlink_to("nowhere")
    assert models._stamp(tmp_path) == stamps[2] and len(set(stamps)) == 3
    assert models._stamp(tmp_path / "nowhere") == ()
    (tmp_path / "cifar10.curve.json").write_text("{}")
    assert models._stamp(tmp_path) != stamps[2]  # what is measured of a whole family lies beside its checkpoints
