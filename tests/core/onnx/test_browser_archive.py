"""The archive of a family for browsers: its content, its check on publication, and refusals."""

import json
import shutil
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from checkpoint_helpers import edit_json, renew_manifest
from onnx_helpers import with_archive

import ibinn_core as ib
from ibinn_core.checkpoint import CONFIG, LATENT, WEIGHTS, CheckpointError, folders
from ibinn_core.onnx import archive_path, publish, write_archive
from ibinn_core.weight_space import FamilyError

REMEDY = "write it with python -m ibinn_core onnx cifar10 --family"


@pytest.fixture
def folder(measured, tmp_path, tmp_path_factory) -> Path:
    """A copy of the small family with its archive."""
    return Path(shutil.copytree(with_archive(measured, tmp_path_factory), tmp_path / "family"))


def entries_of(manifest: dict) -> list[dict]:
    """All files that a manifest names."""
    members = [entry for member in manifest["members"] for entry in (member["weights"], member["centers"])]
    return [*manifest["graphs"].values(), manifest["places"]["alignments"], manifest["check"], *filter(None, members)]


def published(family: ib.weight_space.Family, path: Path) -> tuple[Path, dict]:
    """The folder of a family, and its manifest."""
    folder = publish(family, path)
    return folder, json.loads((folder / "family.json").read_text())


@pytest.mark.slow
def test_what_is_published_is_whole_and_holds_the_checkpoints_own_weights(folder, tmp_path):
    family = ib.family("cifar10", folder)
    before = archive_path(family).read_bytes()
    assert write_archive(family).read_bytes() == before
    folder, manifest = published(family, tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["family", "out"]
    for entry in entries_of(manifest):
        data = (folder / entry["file"]).read_bytes()
        assert (len(data), zlib.crc32(data)) == (entry["bytes"], entry["crc32"]), entry
    named = {entry["file"] for entry in entries_of(manifest)} | {"family.json"}
    assert {file.name for file in folder.iterdir()} == named
    assert [member["gamma"] for member in manifest["members"]] == [0.0, 0.5, 8.0, "inf"]
    assert manifest["mixes"] == [True, True, True]
    for member, entry in zip(family.members, manifest["members"], strict=True):
        assert (folder / entry["weights"]["file"]).read_bytes() == (member.path / WEIGHTS).read_bytes()
        assert entry["spread"] == pytest.approx(float(member.latent["spread"]))
        centers = np.fromfile(folder / entry["centers"]["file"], "<f4")
        np.testing.assert_array_equal(centers, member.latent["empirical_means"].ravel())
    assert manifest["places"]["positions"] == [family.position(place.gamma) for place in family.curve]
    assert manifest["dims"] == 3072 and manifest["image_shape"] == [3, 32, 32] and len(manifest["classes"]) == 10
    # The example is of the model that pages open with, the nearest to γ = 1 by its logarithm.
    assert manifest["check_of"] == "gamma-0.5"
    z, x, log_prob = np.split(np.fromfile(folder / manifest["check"]["file"], "<f4"), [3072, 2 * 3072])
    model, image = family.at(0.5), torch.from_numpy(x.reshape(1, 3, 32, 32).copy())
    np.testing.assert_allclose(model.encode(image)[0], z, atol=1e-4)
    np.testing.assert_allclose(model.log_prob(image, per_class=True)[0], log_prob, atol=1e-2)


@pytest.mark.slow
def test_a_checkpoint_without_latents_has_no_centres_and_a_damaged_one_says_so(folder, tmp_path):
    family = ib.family("cifar10", folder)
    first, second = family.members[:2]
    (first.path / LATENT).unlink()
    (second.path / LATENT).write_bytes(b"nothing of the kind")
    with pytest.raises(CheckpointError, match=second.id):
        publish(family, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    (second.path / LATENT).unlink()
    _, manifest = published(family, tmp_path / "out")
    assert [member["centers"] is None for member in manifest["members"]] == [True, True, False, False]


@pytest.mark.slow
def test_no_archive_and_one_of_other_checkpoints_or_networks_are_refused(folder, tmp_path):
    shutil.copyfile(folder / "gamma-0.5" / WEIGHTS, folder / "gamma-8" / WEIGHTS)
    renew_manifest(folder / "gamma-8")
    family = ib.family("cifar10", folder)
    with pytest.raises(FamilyError, match=f"^cifar10.browser.zip was written from other checkpoints: {REMEDY}$"):
        publish(family, tmp_path / "out")
    archive_path(family).unlink()
    with pytest.raises(FamilyError, match=f"^there is no cifar10.browser.zip for a browser: {REMEDY}$"):
        publish(family, tmp_path / "out")
    edit_json(folder / "gamma-8" / CONFIG, lambda values: values["training"]["architecture"].update(clamp=1.5))
    with pytest.raises(FamilyError, match="^gamma-8 and only-lx have different networks$"):
        write_archive(ib.family("cifar10", folder))
    assert not archive_path(family).exists() and not (tmp_path / "out").exists()


@pytest.mark.parametrize("data", ["cifar10", "cifar100", "mnist"])
def test_the_committed_archives_are_of_the_committed_checkpoints(data, tmp_path):
    family = ib.family(data, folders()[0])
    _, manifest = published(family, tmp_path / data)
    assert [member["id"] for member in manifest["members"]] == [member.id for member in family.members]
    assert manifest["places"]["positions"] == [family.position(place.gamma) for place in family.curve]
