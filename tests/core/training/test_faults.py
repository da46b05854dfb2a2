"""A full or read-only disk, and a family that is ended: a sentence, the old files whole, nothing left behind."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
import torch
from checkpoint_helpers import one_sentence
from training_helpers import small_trainer, write_data_set
from waiting_helpers import PATIENCE, until

from ibinn_core.checkpoint import CheckpointError
from ibinn_core.evaluation.results.markdown import write_table
from ibinn_core.files import WriteError
from ibinn_core.training import read_state
from ibinn_core.training.state import FILE, LOCK, alone_in

REPOSITORY = Path(__file__).resolve().parents[3]


def refuse_to_write(patch, number: int, name: str) -> None:
    """Every file whose name ends in ``name`` cannot be opened to be written, as on a read-only disk."""
    original = open

    def refusing(path, mode="r", *arguments, **options):
        if "w" in mode and str(path).endswith(name):
            raise OSError(number, os.strerror(number), str(path))
        return original(path, mode, *arguments, **options)

    patch.setattr("builtins.open", refusing)


@pytest.mark.parametrize("number", [errno.EROFS, errno.ENOSPC])
def test_a_training_that_could_not_write_says_so_keeps_its_state_and_goes_on(tmp_path, number):
    small_trainer(tmp_path / "run", epochs=1 / 7).run()
    before = (tmp_path / "run" / FILE).read_bytes()
    with pytest.MonkeyPatch.context() as patch, pytest.raises(WriteError) as caught:
        refuse_to_write(patch, number, FILE + ".partial")
        small_trainer(tmp_path / "run", epochs=1).run()
    one_sentence(caught.value, tmp_path / "run" / FILE, os.strerror(number))
    assert (tmp_path / "run" / FILE).read_bytes() == before
    assert {path.name for path in (tmp_path / "run").iterdir()} == {FILE, LOCK}
    for name in ("run", "whole"):
        small_trainer(tmp_path / name, epochs=1 / 7).run()
    again, whole = (read_state(tmp_path / name)[0] for name in ("run", "whole"))
    assert all(torch.equal(value, again[name]) for name, value in whole.items())


def test_nothing_that_cannot_be_read_takes_the_place_of_a_checkpoint(parts, tmp_path):
    parts.save(tmp_path / "one")
    before = {path.name: path.read_bytes() for path in (tmp_path / "one").iterdir()}
    with pytest.raises(CheckpointError) as caught:
        parts._replace(card={**parts.card, "error": 1.5}).save(tmp_path / "one")
    one_sentence(caught.value, "'one' is refused", "error 1.5")
    assert {path.name: path.read_bytes() for path in (tmp_path / "one").iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["one"]


def test_a_table_says_where_it_cannot_be_written(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(WriteError, match="docs cannot be written"):
        write_table({}, tmp_path / "file" / "docs")


FAMILY = """
import signal, sys
from pathlib import Path
from dataclasses import replace
from ibinn_core.training import TrainingConfig
from ibinn_core.training.train_family import train_family
from ibinn_core.training.recipe import Member
from shape_helpers import SMALL
if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # which is ignored where a shell runs it in the background
    config = TrainingConfig(architecture=SMALL, batch_size=50, epochs=10000, held_out=20)
    train_family([Member("long", config, exported=False)], Path(sys.argv[1]), Path(sys.argv[1]), jobs=1)
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGKILL"])
@pytest.mark.slow
def test_a_family_that_is_ended_ends_its_trainings_and_leaves_their_states(tmp_path, name):
    write_data_set(tmp_path, train=220, test=20)
    (tmp_path / "program.py").write_text(FAMILY)
    path = os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "tests" / "core" / "helpers")])
    environment = {**os.environ, "IBINN_DATA": str(tmp_path), "PYTHONPATH": path}
    command = [sys.executable, str(tmp_path / "program.py"), str(tmp_path)]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE)
    until(lambda: (tmp_path / "long" / FILE).exists() or process.poll() is not None)
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(getattr(signal, name))
    process.communicate(timeout=PATIENCE)
    until(lambda: not any(child.is_running() for child in children))
    with alone_in(tmp_path / "long"):
        assert not read_state(tmp_path / "long")[1].finished
