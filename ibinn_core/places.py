"""The folders of files that belong to the library but are not Python, in a clone and in a wheel.

A clone keeps it beside the package. The files of a wheel are only read; new files go to :func:`home`.
"""

import os
import sys
from pathlib import Path

_PARENT = Path(__file__).resolve().parents[1]
_SHIPPED = _PARENT / "ibinn_explorer"  # where setup.py puts it

#: Whether this is an installed wheel. ``pip install -e .`` leaves it a clone.
IS_INSTALLED = (_SHIPPED / "checkpoints").is_dir()


def home() -> Path:
    """The folder that an installed wheel writes to: ``IBINN_HOME``, or ``ibinn-explorer`` where the system keeps data.

    That is below ``XDG_DATA_HOME`` or ``~/.local/share`` on Linux, ``~/Library/Application Support`` on macOS,
    ``LOCALAPPDATA`` on Windows. It need not exist.
    """
    if chosen := os.environ.get("IBINN_HOME"):
        return Path(os.path.expanduser(chosen))
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or "~/AppData/Local"
    elif sys.platform == "darwin":
        base = "~/Library/Application Support"
    else:
        base = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(os.path.expanduser(base), "ibinn-explorer")


#: The folders of checkpoints that are there without being named, the one that new ones go to first.
CHECKPOINTS = (home() / "checkpoints", _SHIPPED / "checkpoints") if IS_INSTALLED else (_PARENT / "checkpoints",)
#: Where copies of data sets are looked for, beside the working directory.
DATA = (home() if IS_INSTALLED else _PARENT) / "data"
#: The kept trunks, which only a clone has.
TRUNKS = _PARENT / "trunks"
#: The folder of ``table1.json`` and ``curves.json``, which is written in a clone only.
RESULTS = (_SHIPPED if IS_INSTALLED else _PARENT) / "docs"
