"""The process for long work: ``python -m app.inference.worker``, which :mod:`app.inference.jobs` starts and stops.

It reads what to do from its standard input and writes what came out to its standard output, each a pickle. Both ends
are of the same program; nothing that a person sends comes in as a pickle. What it imports must not import Streamlit,
which would begin another server's worth of memory.
"""

import importlib
import os
import pickle
import sys
from collections.abc import Callable
from typing import BinaryIO

NICE = 10  # so that the pages, which people wait for, come first


def serve(asked: BinaryIO, answered: BinaryIO) -> None:
    """Does one thing after the other until the input ends.

    Arguments:
        asked: pickles of ``(function, arguments)``, the function as ``"package.module:name"``.
        answered: for each a pickle of ``(True, result)`` or ``(False, message)``.
    """
    while True:
        try:
            name, arguments = pickle.load(asked)
        except EOFError:
            return
        try:
            answer = True, _function(name)(*arguments)
        except Exception as error:
            answer = False, f"{type(error).__name__}: {error}"
        pickle.dump(answer, answered, pickle.HIGHEST_PROTOCOL)
        answered.flush()


def _function(name: str) -> Callable[..., object]:
    module, _, attribute = name.partition(":")
    return getattr(importlib.import_module(module), attribute)


def main() -> None:
    """Serves the process that started this one."""
    if hasattr(os, "nice"):
        os.nice(NICE)
    # What a library prints must not come between the answers.
    answered = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, answered)


if __name__ == "__main__":
    main()
