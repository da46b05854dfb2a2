"""A process beside the server: ``python -m app.inference.worker NICE [MODULE ...]``, which :mod:`.process` starts.

It reads what to do from its standard input and writes what came out to its standard output, each a pickle. Both ends
are of the same program; nothing that a person sends comes in as a pickle. What it imports must not import Streamlit,
which would begin another server's worth of memory. It ends when its input does, so when the server does.
"""

import importlib
import os
import pickle
import signal
import sys
import traceback
from typing import BinaryIO

from app.inference.process import function_of


def serve(asked: BinaryIO, answered: BinaryIO) -> None:
    """Does one thing after the other until the input ends.

    Asked are pickles of ``(function, arguments)``, the function as ``"package.module:name"``; answered is for each a
    pickle of ``(True, result)`` or ``(False, exception)``.
    """
    while True:
        try:
            name, arguments = pickle.load(asked)
        except EOFError:
            return
        try:
            answer = pickle.dumps((True, function_of(name)(*arguments)), pickle.HIGHEST_PROTOCOL)
        except Exception as error:
            answer = pickle.dumps((False, _sendable(error)), pickle.HIGHEST_PROTOCOL)
        answered.write(answer)
        answered.flush()


def _sendable(error: Exception) -> Exception:
    """The exception, with where it came from for the log; another one that says the same if it cannot be sent."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        error = RuntimeError(f"{type(error).__name__}: {error}")
    error.add_note("In the process that computes:\n" + traceback.format_exc())
    return error


def main(nice: int, *modules: str) -> None:
    """Serves the process that started this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, with whose end this one ends
    if nice and hasattr(os, "nice"):
        os.nice(nice)
    # What a library prints must not come between the answers.
    answered = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    for module in modules:
        importlib.import_module(module)
    serve(sys.stdin.buffer, answered)


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
