"""The registry of functions that build the flows of checkpoints by name. This module needs no torch.

Loading a checkpoint never runs its author's code, so a checkpoint has only the flow's name and weights. The builder of
that name comes from :func:`register_flow`, or from your Python files in the environment variable ``IBINN_FLOWS``. They
are separated like the folders of ``PATH``. For a checkpoint whose flow is called ``my_flow``, your ``my_flow.py`` runs.
"""

import os
import re
import runpy
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..files import reason

FLOWS = "IBINN_FLOWS"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}")
_builders: dict[str, Callable[[], Any]] = {}
_lock = threading.RLock()


def register_flow(name: str, build: Callable[[], Any]) -> None:
    """Registers the builder of the flow that checkpoints call ``name``; it replaces an earlier builder.

    Arguments:
        name: letters, digits, hyphens and underscores, 60 at most; the first is a letter or digit.
        build: returns a new flow of the same architecture each time, as :func:`ibinn_core.wrap_flow` takes it. Random
            values that the flow does not store must be the same each time.

    Raises:
        ValueError: for an invalid name.
        TypeError: for a builder that is no function, such as a flow.

    Example:
        >>> from ibinn_core.layers import ActNorm
        >>> ib.register_flow("one_norm", lambda: ib.Flow([ActNorm(64)]))
    """
    check_name(name)
    is_module = hasattr(build, "state_dict") and not isinstance(build, type)  # zuko's flows can be called
    if is_module or not callable(build):
        raise TypeError(f"the builder of the flow {name!r} must be a function, not {type(build).__name__}")
    with _lock:
        _builders[name] = build


def check_name(name: object) -> str:
    """Returns ``name`` if a flow may have it; raises a ValueError otherwise."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        found = repr(name) if isinstance(name, str) else f"a {type(name).__name__}"
        raise ValueError(f"name must be 1 to 60 of A-Z, a-z, 0-9, - and _, the first a letter or digit, not {found}")
    return name


def why_unknown(name: str) -> str | None:
    """Says why nothing builds the flow, in words that follow "its"; ``None`` if something does. Runs no code."""
    if name in _builders or name in _files():
        return None
    return f"flow {name!r} has no builder in this process"


def build(name: str) -> Any:  # a flow of any library
    """Builds a new flow by name; runs its file of ``IBINN_FLOWS`` once.

    Raises:
        ValueError: the flow has no builder, or its file or its builder fails.
    """
    if unknown := why_unknown(name):
        raise ValueError(unknown)
    try:
        with _lock:
            if name not in _builders:
                _run(name, _files()[name])
        return _builders[name]()
    except (Exception, SystemExit) as error:  # a user's code may raise any error
        why = f"{type(error).__name__}: {reason(error)}"
        raise ValueError(f"flow {name!r} could not be built ({why})") from error


def _files() -> dict[str, Path]:
    """Returns the files of ``IBINN_FLOWS`` by name without ``.py``; the first of equal names counts."""
    listed = [Path(path).expanduser() for path in os.environ.get(FLOWS, "").split(os.pathsep) if path]
    return {file.stem: file for file in reversed(listed)}


def _run(name: str, file: Path) -> None:
    """Runs the file that should register the name; it may import files in its folder."""
    folder = str(file.resolve().parent)
    if folder not in sys.path:  # last, so that its files do not hide other modules
        sys.path.append(folder)
    runpy.run_path(str(file), run_name=f"ibinn_own_{name}")
    if name not in _builders:
        raise ValueError(f"{file.name} does not call register_flow({name!r}, ...)")
