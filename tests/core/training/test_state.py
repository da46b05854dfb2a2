"""The state of a training on disk: damage to it is told, older ones are read, and what is no file is refused."""

import json
import os

import numpy as np
import pytest
from checkpoint_helpers import one_sentence
from safetensors import safe_open
from safetensors.torch import save_file
from training_helpers import small_trainer, tiny_config

from ibinn_core import __main__
from ibinn_core.training import read_state
from ibinn_core.training.state import FILE, Progress, read_progress, save_state


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    """The state of a training that has not begun."""
    folder = tmp_path_factory.mktemp("run")
    trainer = small_trainer(folder, average=0.9)
    progress = Progress(step=3, seconds=1.5, sums={"loss": float("nan")}, history=[{"epoch": 1.0}])
    save_state(folder, trainer.model, trainer.optimizer, progress, tiny_config().to_dict(), trainer.average.values)
    return (folder / FILE).read_bytes()


@pytest.fixture
def folder(state, tmp_path):
    (tmp_path / FILE).write_bytes(state)
    return tmp_path


def test_a_state_comes_back(folder):
    tensors, progress, config = read_state(folder)
    assert (progress.step, progress.seconds, progress.history) == (3, 1.5, [{"epoch": 1.0}])
    assert np.isnan(progress.sums["loss"]) and config == tiny_config().to_dict()
    assert "model.mixture.means" in tensors and "average.mixture.means" in tensors
    assert read_progress(folder).step == 3


def test_every_flipped_bit_is_told_in_one_sentence(folder, state):
    bits = np.random.default_rng(0).integers(0, 8 * len(state), 150)
    length = int.from_bytes(state[:8], "little")
    bits[:75] = np.random.default_rng(1).integers(0, 8 * (8 + length), 75)  # half of them in the header
    for bit in map(int, bits):
        data = bytearray(state)
        data[bit // 8] ^= 1 << bit % 8
        (folder / FILE).write_bytes(data)
        with pytest.raises(ValueError) as caught:
            read_state(folder)
        one_sentence(str(caught.value)[:300] + ".", f"the training state at {folder / FILE} is damaged or of another")


def test_nothing_is_exported_from_a_state_with_a_flipped_bit(folder, state, capsys):
    data = bytearray(state)
    data[-1] ^= 1
    (folder / FILE).write_bytes(data)
    assert __main__.main(["trunk", str(folder), str(folder / "trunk")]) == 1
    error = capsys.readouterr().err
    assert "is damaged or of another kind (its checksum is another one)" in error and error.count("\n") == 1
    assert not (folder / "trunk").exists()


def test_a_state_from_before_there_were_checksums_is_read(folder):
    tensors, progress, _ = read_state(folder)
    with safe_open(folder / FILE, "pt") as file:
        metadata = file.metadata()
    del metadata["sha256"]
    save_file(tensors, folder / FILE, metadata)
    again, read, _ = read_state(folder)
    assert again.keys() == tensors.keys() and read.step == progress.step


@pytest.mark.parametrize("change", [{"step": -1}, {"step": 0.5}, {"finished": 1}, {"more": 1}, {"history": 3}])
def test_progress_that_makes_no_sense_is_refused(folder, change):
    tensors, _, _ = read_state(folder)
    with safe_open(folder / FILE, "pt") as file:
        metadata = file.metadata()
    del metadata["sha256"]
    progress = json.dumps({**json.loads(metadata["progress"]), **change})
    save_file(tensors, folder / FILE, {**metadata, "progress": progress})
    for read in (read_state, read_progress):
        with pytest.raises(ValueError, match=next(iter(change))):
            read(folder)


def test_a_pipe_is_no_state(tmp_path):
    os.mkfifo(tmp_path / FILE)
    with pytest.raises(ValueError, match="is not a regular file"):
        read_state(tmp_path)
