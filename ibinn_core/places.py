"""The locations of the library's files that are not Python, in a clone and in a wheel.

In a clone they are beside the package. A wheel has them in ``ibinn_explorer``; new checkpoints go to :func:`home`.
"""

import os
import sys
from pathlib import Path

_PARENT = Path(__file__).resolve().parents[1]
_SHIPPED = _PARENT / "ibinn_explorer"  # where setup.py puts the files

#: Whether this package is an installed wheel. After ``pip install -e .`` it is a clone.
IS_INSTALLED = (_SHIPPED / "checkpoints").is_dir()


def home() -> Path:
    """The folder that an installed wheel writes to: ``IBINN_HOME``, or ``ibinn-explorer`` where the system keeps data.

    That is below ``XDG_DATA_HOME`` or ``~/.local/share`` on Linux, ``~/Library/Application Support`` on macOS,
    ``LOCALAPPDATA`` on Windows. The folder need not exist.
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


#: Folders of checkpoints that are searched by default; new ones go to the first.
CHECKPOINTS = (home() / "checkpoints", _SHIPPED / "checkpoints") if IS_INSTALLED else (_PARENT / "checkpoints",)
#: Folder of data sets; ``data`` in the working directory is another one.
DATA = (home() if IS_INSTALLED else _PARENT) / "data"
#: Folder of kept trunks, which only a clone has.
TRUNKS = _PARENT / "trunks"
#: Folder of ``table1.json`` and ``curves.json``, written only in a clone.
RESULTS = (_SHIPPED if IS_INSTALLED else _PARENT) / "docs"
