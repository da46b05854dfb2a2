"""Files of Python that whoever starts a process names in an environment variable; a file is run when it is needed."""

import importlib.util
import os
import sys
from pathlib import Path


class OwnFileError(ValueError):
    """Raised for a file that cannot be run; the message says which and why, in words that follow "is made by"."""


def files_of(variable: str) -> dict[str, Path]:
    """The files that a variable lists, separated as in ``PATH``, by their names without ``.py``; of two the first."""
    listed = [Path(place).expanduser() for place in os.environ.get(variable, "").split(os.pathsep) if place]
    return {file.stem: file for file in reversed(listed)}


def run(name: str, file: Path) -> None:
    """Runs a file, which may import what lies beside it.

    Raises:
        OwnFileError: if it is none, or cannot be run.
    """
    module_name = f"ibinn_own_{name}"
    spec = importlib.util.spec_from_file_location(module_name, file)
    if not file.is_file() or spec is None or spec.loader is None:
        raise OwnFileError(f"{file}, which is no file of Python")
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module
    if str(file.resolve().parent) not in sys.path:  # at the end: what lies beside it takes the place of nothing
        sys.path.append(str(file.resolve().parent))
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # what a person's own program raises is anyone's guess
        del sys.modules[module_name]
        raise OwnFileError(f"{file}, which cannot be run ({brief(error)})") from error


def brief(error: Exception) -> str:
    """The type and message of an error in one line of at most 200 characters."""
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:200].rstrip(" .:")
