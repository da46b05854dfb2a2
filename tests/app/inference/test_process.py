"""Processes beside the server: what they compute, what they say when they cannot, and how they end."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from waiting_helpers import PATIENCE, until

import ibinn_core as ib
from app.inference import computations, process
from app.inference.process import EndedError, Process, compute, name_of
from app.models import decoding, predictions
from ibinn_core.checkpoint import CheckpointError

ROOT = Path(__file__).resolve().parents[3]


class NotPicklableError(Exception):
    def __init__(self, one, other):
        super().__init__(f"{one} and {other}")


def raise_not_picklable() -> None:
    raise NotPicklableError("this", "that")


def raise_checkpoint_error() -> None:
    raise CheckpointError("the model is gone")


@pytest.fixture
def one():
    made = Process()
    yield made
    made.stop()


@pytest.fixture
def in_a_thread(monkeypatch):
    """Runs a function in a thread that has a process of its own, as those that compute have."""
    monkeypatch.setenv("IBINN_PROCESSES", "1")

    def run(function, *arguments):
        found = []

        def work():
            process.begin()
            try:
                found.append(function(*arguments))
            except Exception as error:
                found.append(error)
            finally:
                process._own.process.stop()

        thread = threading.Thread(target=work)
        thread.start()
        thread.join(PATIENCE)
        return found[0]

    return run


def test_arrays_go_there_and_come_back(one):
    assert one.call("os:getpid") not in (os.getpid(), None)
    assert one.call("numpy:cumsum", np.arange(5)).tolist() == [0, 1, 3, 6, 10]


def test_what_it_raises_is_raised_here_and_says_where_it_came_from(one):
    with pytest.raises(ZeroDivisionError, match="division by zero") as caught:
        one.call("operator:truediv", 1, 0)
    assert "worker.py" in caught.value.__notes__[0]
    assert one.call("operator:add", 1, 1) == 2


@pytest.mark.parametrize(
    ("name", "error", "text"),
    [
        ("raise_checkpoint_error", CheckpointError, "the model is gone"),
        ("raise_not_picklable", RuntimeError, "NotPicklableError: this and that"),
    ],
)
def test_it_raises_errors_of_any_kind(name, error, text, monkeypatch):
    helpers = ROOT / "tests" / "core" / "helpers"
    monkeypatch.setenv("PYTHONPATH", f"{Path(__file__).parent}{os.pathsep}{helpers}")
    one = Process()
    with pytest.raises(error, match=text):
        one.call(f"test_process:{name}")
    one.stop()


def test_a_process_that_dies_says_so_and_does_not_come_back(one):
    for _ in range(2):
        with pytest.raises(EndedError, match="ended unexpectedly"):
            one.call("os:_exit", 3)
    assert not one.is_running


@pytest.mark.slow
def test_it_ends_with_the_server():
    code = (
        "from app.inference.process import Process; one = Process(); print(one.call('os:getpid'), flush=True); "
        "import os; os.kill(os.getpid(), 9)"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert found.returncode == -signal.SIGKILL
    until(lambda: not Path(f"/proc/{found.stdout.strip()}").exists())


def test_ctrl_c_is_for_the_server_alone(one):
    os.kill(one.call("os:getpid"), signal.SIGINT)
    assert one.call("operator:add", 1, 1) == 2


def test_what_is_printed_there_does_not_come_between_the_answers(one):
    assert one.call("builtins:print", "a library that talks") is None


def test_only_what_stands_at_the_top_of_a_module_has_a_name():
    assert name_of(computations.look) == "app.inference.computations:look"
    with pytest.raises((ValueError, AttributeError)):
        name_of(lambda: None)


def test_a_thread_computes_in_its_own_process(in_a_thread):
    assert in_a_thread(compute, os.times).elapsed > 0
    assert in_a_thread(compute, raise_not_picklable).__class__ is not NotPicklableError


def test_without_processes_a_thread_computes_by_itself():
    with pytest.raises(NotPicklableError):
        compute(raise_not_picklable)


@pytest.mark.slow
def test_a_process_that_the_system_ends_is_replaced_once(in_a_thread):
    def killed_before():
        before = process._own.process
        before.stop()
        return compute(computations.decode, "no model", np.zeros((1, 3072), np.float32)), before

    assert isinstance(in_a_thread(killed_before), CheckpointError)  # of another process, which has looked for it
    assert isinstance(in_a_thread(compute, os.abort), EndedError)


@pytest.mark.slow
def test_a_model_computes_there_what_it_computes_here(in_a_thread):
    images = ib.data.embedded("cifar10")[0][:2]
    here, there = computations.look("gamma-1", images), in_a_thread(compute, computations.look, "gamma-1", images)
    assert here.keys() == there.keys()
    for name, values in here.items():
        assert np.allclose(values, there[name], atol=1e-4), name


def test_what_pages_ask_for_can_be_asked_of_a_process():
    for together in (predictions._look, predictions._likelihoods, decoding._decode, decoding._there_and_back):
        assert name_of(together._compute).startswith("app.inference.computations:")


def test_the_processes_have_no_streamlit_and_the_server_no_torch():
    modules = "app.inference.worker"
    heavy = "'streamlit' in sys.modules, 'umap' in sys.modules, 'torch' in sys.modules"
    code = f"import sys, app.inference.computations, {modules}; print({heavy})"
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["False", "False", "False"]
