"""Processes beside the server, in which functions are computed: Python's lock of the server does not hold them up.

In a thread of the server it would: Python runs one thread at a time, and a network is a thousand small steps, after
each of which its thread would wait until the pages let it go on.
"""

import importlib
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar, TypeVarTuple, cast

Ts = TypeVarTuple("Ts")
T = TypeVar("T")

ROOT = Path(__file__).resolve().parents[2]
NICE = 5  # pages that need no model should not wait for those that do


class EndedError(Exception):
    """Raised where the process has ended, by whatever: an answer will not come."""

    def __init__(self) -> None:
        super().__init__("The process that computes it has ended unexpectedly; there may be too little memory.")


class Process:
    """A process that computes one thing after the other: see :mod:`app.inference.worker`.

    Arguments:
        imports: names of modules that it imports at its start, so that the first call need not wait for them.
        nice: how much it stands back behind the pages, from 0 to 19.

    Example:
        >>> process = Process()
        >>> process.call("operator:add", 1, 2)
        3
        >>> process.stop()
        >>> process.is_running
        False
    """

    def __init__(self, *imports: str, nice: int = 0) -> None:
        # Not multiprocessing: its new processes import the script that Streamlit runs, and Streamlit with it.
        paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        one_core = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "NUMBA", "MKL", "OPENBLAS")}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "app.inference.worker", str(nice), *imports],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **one_core, "PYTHONPATH": os.pathsep.join(paths)},
        )

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def call(self, function: str, *arguments: object) -> object:
        """What a function gives there, named ``"module:name"``. One thread may call at a time.

        Raises:
            EndedError: The process has ended, or was stopped meanwhile.
            Exception: What the function raises.
        """
        try:
            assert self._process.stdin and self._process.stdout
            pickle.dump((function, arguments), self._process.stdin, pickle.HIGHEST_PROTOCOL)
            self._process.stdin.flush()
            is_done, answer = pickle.load(self._process.stdout)
        except (EOFError, OSError, ValueError, pickle.UnpicklingError) as error:  # ValueError: its pipe is closed
            self.stop()  # it may still be about to end
            raise EndedError from error
        if not is_done:
            raise answer
        return answer

    def stop(self) -> None:
        """Ends it, whatever it does; it keeps nothing that would be lost."""
        self._process.kill()
        self._process.wait()


def name_of(function: Callable) -> str:
    """The name by which :meth:`Process.call` knows a function.

    Raises:
        ValueError: for one that is not at the top of a module.
    """
    name = f"{function.__module__}:{function.__qualname__}"
    if function_of(name) is not function:
        raise ValueError(f"{function.__qualname__} stands for something else in its module")
    return name


def function_of(name: str) -> Callable:
    """The function with such a name."""
    module, _, attribute = name.partition(":")
    return getattr(importlib.import_module(module), attribute)


# A process for each thread ------------------------------------------------------------------------------


class _Own(threading.local):
    """What a thread has for itself."""

    process: Process | None = None
    imports: tuple[str, ...] = ()


_own = _Own()


def has_processes() -> bool:
    """Whether the threads that compute have processes of their own: not with ``IBINN_PROCESSES=0``."""
    return os.environ.get("IBINN_PROCESSES") != "0"


def begin(*imports: str) -> None:
    """Starts the process of this thread, with these imports, so that it is there when something is to be computed.

    Without processes, PyTorch is limited to one core in this thread.
    """
    _own.imports = imports
    if has_processes():
        _running()
    else:
        import torch

        torch.set_num_threads(1)


def compute(function: Callable[[*Ts], T], *arguments: *Ts) -> T:
    """What a function gives, computed in the process of this thread, or with ``IBINN_PROCESSES=0`` in the thread.

    The function is at the top of a module that does not import Streamlit.

    Raises:
        EndedError: The process has ended, and so has the one that took its place.
        Exception: What the function raises.
    """
    if not has_processes():
        return function(*arguments)
    name = name_of(function)
    try:
        answer = _running().call(name, *arguments)
    except EndedError:  # by the system, for one
        answer = _running().call(name, *arguments)
    return cast(T, answer)


def _running() -> Process:
    if _own.process is None or not _own.process.is_running:
        _own.process = Process(*_own.imports, nice=NICE)
    return _own.process
