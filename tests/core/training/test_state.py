"""The state of a training on disk: damage is detected, older states are read, and other files are refused."""

import json
import os

import numpy as np
import pytest
from checkpoint_helpers import one_sentence
from safetensors import safe_open
from safetensors.torch import save_file
from training_helpers import small_trainer, tiny_config

from ibinn_core.training import read_state
from ibinn_core.training.state import FILE, Progress, save_state


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    """The state of a training that has not begun."""
    folder = tmp_path_factory.mktemp("run")
    trainer = small_trainer(folder)
    progress = Progress(step=3, seconds=1.5, sums={"loss": float("nan")}, history=[{"epoch": 1.0}])
    average = {name: value.clone() for name, value in trainer.model.state_dict().items()}
    save_state(folder, trainer.model, trainer.optimizer, progress, tiny_config().to_dict(), average)
    return (folder / FILE).read_bytes()


@pytest.fixture
def folder(state, tmp_path):
    (tmp_path / FILE).write_bytes(state)
    return tmp_path


def test_a_state_comes_back(folder):
    tensors, progress, config = read_state(folder)
    assert (progress.step, progress.seconds, progress.history, progress.finished) == (3, 1.5, [{"epoch": 1.0}], False)
    assert np.isnan(progress.sums["loss"]) and config == tiny_config().to_dict()
    assert "model.mixture.means" in tensors and "average.mixture.means" in tensors


def test_what_is_no_state_is_refused_in_one_sentence(folder, state):
    length = int.from_bytes(state[:8], "little")
    unquoted = state[:8] + state[8 : 8 + length].replace(b'"', b"'") + state[8 + length :]
    for data in (state[:-1], state[: len(state) // 2], unquoted, b"hello" * 9, b""):
        (folder / FILE).write_bytes(data)
        with pytest.raises(ValueError) as caught:
            read_state(folder)
        one_sentence(str(caught.value)[:300] + ".", f"the training state at {folder / FILE} is damaged or of another")
    (folder / FILE).unlink()
    os.mkfifo(folder / FILE)
    with pytest.raises(FileNotFoundError, match="no training state"):
        read_state(folder)


@pytest.mark.parametrize("change", [{"step": -1}, {"finished": 1}, {"more": 1}])
def test_progress_that_makes_no_sense_is_refused(folder, change):
    tensors, _, _ = read_state(folder)
    with safe_open(folder / FILE, "pt") as file:
        metadata = file.metadata()
    progress = json.dumps({**json.loads(metadata["progress"]), **change})
    save_file(tensors, folder / FILE, {**metadata, "progress": progress})
    with pytest.raises(ValueError, match=next(iter(change))):
        read_state(folder)
