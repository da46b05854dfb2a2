"""Checkpoints out of repositories of the Hugging Face Hub, by a package that stands for ``huggingface_hub``."""

import sys
from fnmatch import fnmatch
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from checkpoint_helpers import one_sentence

import ibinn_core as ib
from ibinn_core import __main__
from ibinn_core.checkpoint.format import LIMITS

NAME = "hf://owner/small"


@pytest.fixture
def repository(pristine, tmp_path, monkeypatch) -> Path:
    """The files of the repository, which the package links into its cache."""
    repository = tmp_path / "repository"
    repository.mkdir()
    for file in pristine.iterdir():
        (repository / file.name).write_bytes(file.read_bytes())
    (repository / "program.py").write_text("raise SystemExit")

    def snapshot_download(repo_id: str, allow_patterns: list[str]):
        if repo_id != "owner/small":
            raise OSError(f"404 Client Error: no repository is called {repo_id}")
        files = [one for one in repository.iterdir() if any(fnmatch(one.name, p) for p in allow_patterns)]
        snapshot = tmp_path / "models--owner--small" / "snapshots" / ("0" * 40)
        snapshot.mkdir(parents=True, exist_ok=True)
        for file in files:
            (snapshot / file.name).unlink(missing_ok=True)
            (snapshot / file.name).symlink_to(file)
        return str(snapshot)

    monkeypatch.setitem(sys.modules, "huggingface_hub", SimpleNamespace(snapshot_download=snapshot_download))
    return repository


def test_a_repository_is_loaded_and_only_files_of_a_checkpoint_are_downloaded(repository, parts):
    model = ib.load(NAME)
    assert torch.equal(model.class_means, parts.model.class_means)
    assert model.checkpoint.id == "small" and not (model.checkpoint.path / "program.py").exists()


def test_its_files_are_read_as_those_of_any_stranger(repository):
    (repository / "card.json").write_text('{"error": NaN}')
    with pytest.raises(ib.CheckpointError) as caught:
        ib.load(NAME)
    one_sentence(caught.value, "Checkpoint 'small' is refused: its card.json is damaged")


def test_what_is_too_large_is_refused(repository):
    with (repository / "history.csv").open("wb") as file:
        file.truncate(LIMITS["history.csv"] + 1)
    with pytest.raises(ib.CheckpointError) as caught:
        ib.load(NAME)
    one_sentence(caught.value, "'small' is refused: its history.csv is damaged: it is larger than 4 MiB")


def test_what_is_not_there_is_refused_in_a_sentence(repository):
    with pytest.raises(ib.CheckpointError) as caught:
        ib.load("hf://owner/other")
    one_sentence(caught.value, "'hf://owner/other' cannot be downloaded (404 Client Error", "check the name")


def test_without_the_package_a_sentence_names_the_extra(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(ImportError, match=r"needs the package huggingface_hub: pip install 'ibinn-explorer\[hub\]'"):
        ib.load(NAME)
    assert __main__.main(["manifest", NAME]) == 1
    assert "ibinn-explorer[hub]" in capsys.readouterr().err
