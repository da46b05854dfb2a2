"""Who builds the flows that checkpoints name. It needs no torch; to ask whether a name is known runs nothing.

Only two things bring a builder here: a call of :func:`register_flow`, and the environment variable ``IBINN_FLOWS``, set
by whoever starts the process. It lists files of Python, separated as the folders of ``PATH`` are (:data:`os.pathsep`).
The file ``my_flow.py`` is run when a checkpoint whose flow is called ``my_flow`` is loaded, and must register that
name.
"""

import importlib.util
import os
import re
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

FLOWS = "IBINN_FLOWS"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}")
_builders: dict[str, Callable[[], Any]] = {}
_lock = threading.RLock()


class UnknownFlowError(ValueError):
    """Raised for a name for which nobody builds a flow; the message says in words what is missing."""


def register_flow(name: str, build: Callable[[], Any]) -> None:
    """Says who builds the flow that checkpoints call ``name``; an earlier builder of that name is replaced.

    In a file that the app is to find, named in ``IBINN_FLOWS``, the name is that of the file without its ``.py``.

    Arguments:
        name: letters, digits, hyphens and underscores, 60 at most.
        build: gives a new, untrained flow of the same architecture each time; it takes no arguments. What it gives is
            what :func:`ibinn_core.wrap_flow` takes. Whatever it draws at random and does not store as a parameter or
            buffer, such as a permutation, needs a seed.

    Raises:
        ValueError: for another name.
        TypeError: for a builder that cannot be called.

    Example:
        >>> from functools import partial
        >>> from ibinn_core.layers import AffineCoupling, fully_connected
        >>> def build():
        ...     return ib.Flow([AffineCoupling(64, partial(fully_connected, width=16))])
        >>> ib.register_flow("one_coupling", build)
    """
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ValueError(f"the name of a flow has letters, digits, hyphens and underscores, 60 at most: not {name!r}")
    if not callable(build):
        raise TypeError(f"what builds the flow {name!r} must be a function, not a {type(build).__name__}")
    with _lock:
        _builders[name] = build


def why_unknown(name: str) -> str | None:
    """Why nobody can build the flow, in words to follow "its"; ``None`` if somebody can. Runs nothing."""
    if name in _builders or name in _files():
        return None
    return f"flow {name!r} is a program of its author's that was not given to this process"


def build(name: str) -> Any:  # whatever the person's own program builds
    """A new flow of the name, by whoever registered it; runs the file of ``IBINN_FLOWS`` for it, once.

    Raises:
        UnknownFlowError: if nobody builds it, or whoever should cannot.
    """
    with _lock:
        if name not in _builders:
            file = _files().get(name)
            if file is None:
                raise UnknownFlowError(why_unknown(name) or "")
            _run(name, file)
        builder = _builders[name]
    try:
        return builder()
    except Exception as error:  # what a person's own program raises is anyone's guess
        raise UnknownFlowError(f"flow {name!r} could not be built ({_brief(error)})") from error


def _files() -> dict[str, Path]:
    """The files of ``IBINN_FLOWS`` by their names without ``.py``; of two of one name the first."""
    listed = [Path(place).expanduser() for place in os.environ.get(FLOWS, "").split(os.pathsep) if place]
    return {file.stem: file for file in reversed(listed)}


def _run(name: str, file: Path) -> None:
    """Runs the file that should register the name, and may import what lies beside it.

    Raises:
        UnknownFlowError: if it cannot be run, or registers no such name.
    """
    module_name = f"ibinn_own_{name}"
    spec = importlib.util.spec_from_file_location(module_name, file)
    if not file.is_file() or spec is None or spec.loader is None:
        raise UnknownFlowError(f"flow {name!r} is built by {file}, which is no file of Python")
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module
    if str(file.resolve().parent) not in sys.path:  # at the end: what lies beside it takes the place of nothing
        sys.path.append(str(file.resolve().parent))
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # what a person's own program raises is anyone's guess
        del sys.modules[module_name]
        raise UnknownFlowError(f"flow {name!r} is built by {file}, which cannot be run ({_brief(error)})") from error
    if name not in _builders:
        raise UnknownFlowError(
            f"flow {name!r} should be built by {file}, which does not call register_flow({name!r}, ...)"
        )


def _brief(error: Exception) -> str:
    """The type and message of an error in one line of at most 200 characters."""
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:200].rstrip(" .:")
