"""Trainings of a family in the process of a test."""

import sys
from contextlib import redirect_stderr, redirect_stdout

from accelerate.state import AcceleratorState

from ibinn_core import __main__


class InThisProcess:
    """In place of ``subprocess.Popen``: runs a command of ours at once, and without loading torch again."""

    def __init__(self, command, stdout, **options):
        assert command[:3] == [sys.executable, "-m", "ibinn_core"]
        AcceleratorState._reset_state(reset_partial_state=True)  # as it is in a process of its own
        with redirect_stdout(stdout), redirect_stderr(stdout):
            self.returncode = __main__.main(command[3:])
        AcceleratorState._reset_state(reset_partial_state=True)

    def poll(self) -> int:
        return self.returncode
