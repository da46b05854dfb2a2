"""Where a clone of the repository and an installed wheel keep what belongs to the library but is not Python.

In a clone that lies beside the package, and is written there. What a wheel installs may belong to somebody else, and is
another one after an update: it is only read, and what is written goes into a folder of the person's own.
"""

import os
import sys
from pathlib import Path

_PARENT = Path(__file__).resolve().parents[1]
_SHIPPED = _PARENT / "ibinn_explorer"  # where setup.py puts it

#: Whether this is an installed wheel. ``pip install -e .`` leaves it a clone.
IS_INSTALLED = (_SHIPPED / "checkpoints").is_dir()


def home() -> Path:
    """The folder of the person's own that an installed wheel writes to: ``IBINN_HOME``, or one where the system has it.

    That is ``~/.local/share/ibinn-explorer`` on Linux (or below ``XDG_DATA_HOME``), below ``~/Library/Application
    Support`` on macOS, below ``LOCALAPPDATA`` on Windows. For somebody without a home it is one for temporary files.
    It need not be there.
    """
    if chosen := os.environ.get("IBINN_HOME"):
        return Path(chosen).expanduser()
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or "~/AppData/Local"
    elif sys.platform == "darwin":
        base = "~/Library/Application Support"
    else:
        base = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    try:
        return Path(base).expanduser() / "ibinn-explorer"
    except RuntimeError:  # a container's user whom the system does not know
        import tempfile

        owner = f"-{os.getuid()}" if os.name == "posix" else ""
        return Path(tempfile.gettempdir()) / f"ibinn-explorer{owner}"


#: The folders of checkpoints that are there without being named, the one that new ones go to first.
CHECKPOINTS = (home() / "checkpoints", _SHIPPED / "checkpoints") if IS_INSTALLED else (_PARENT / "checkpoints",)
#: Where copies of data sets are looked for, beside the working directory.
DATA = (home() if IS_INSTALLED else _PARENT) / "data"
#: The kept trunks, which only a clone has.
TRUNKS = _PARENT / "trunks"
#: The folder of ``table1.json`` and ``curves.json``, which is written in a clone only.
RESULTS = (_SHIPPED if IS_INSTALLED else _PARENT) / "docs"
