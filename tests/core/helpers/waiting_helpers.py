"""Waiting for what other threads and processes do, however slow the computer is."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

#: Seconds after which what a test waits for is taken to hang. No test passes or fails by how long something takes.
PATIENCE = 300


def until(condition: Callable[[], object]) -> None:
    """Returns as soon as a condition holds."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


@contextmanager
def ends(seconds: float = 60) -> Iterator[None]:
    """Fails where the work within would not end: after so many seconds of the processor, a hundred times the usual."""

    def give_up(*_: object) -> None:
        raise AssertionError(f"it does not end: {seconds:g} seconds of the processor were not enough")

    before = signal.signal(signal.SIGPROF, give_up)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
