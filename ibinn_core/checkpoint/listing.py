"""Listing all checkpoints, and finding one by its id or folder."""

import math
import os
import warnings
from pathlib import Path
from typing import NamedTuple

from ..files import OLD, PARTIAL
from ..models.kinds import KINDS, OBJECTIVES
from .folder import Checkpoint, read
from .validation import CheckpointError, shown


class Refusal(NamedTuple):
    """A folder among the checkpoints that cannot be used as one.

    Attributes:
        id: the folder's name.
        reason: why not, and what to do, as a sentence.
    """

    id: str
    reason: str


def default_folder() -> Path:
    """Where checkpoints are looked for: ``IBINN_CHECKPOINTS``, else ``checkpoints/`` of the repository."""
    return Path(os.environ.get("IBINN_CHECKPOINTS") or Path(__file__).resolve().parents[2] / "checkpoints")


def scan(folder: str | Path | None = None) -> tuple[list[Checkpoint], list[Refusal]]:
    """The readable checkpoints in ``folder``, ordered by kind, objective and γ, and those that are refused.

    Arguments:
        folder: of the checkpoints; :func:`default_folder` if ``None``.

    Example:
        >>> from ibinn_core.checkpoint import scan
        >>> readable, refused = scan()
        >>> len(readable) > 1, refused
        (True, [])
    """
    folder = Path(folder) if folder is not None else default_folder()
    readable, refused = [], []
    names = {p.name for p in folder.iterdir() if os.path.isdir(p) and p.name[0] != "."} if folder.is_dir() else set()
    # Killed between its two renames, a save leaves the older checkpoint moved aside: it is listed still.
    for name in sorted({n.removesuffix(OLD) for n in names if n.endswith(OLD) or not n.endswith(PARTIAL)}):
        try:
            readable.append(read(folder / (name if name in names else name + OLD)))
        except CheckpointError as error:
            refused.append(Refusal(name, str(error)))
    return sorted(readable, key=_order), refused


def checkpoints(folder: str | Path | None = None) -> list[Checkpoint]:
    """The readable checkpoints in ``folder``: the IB family by γ, then class-NLL, then models without a likelihood.

    Warns of each folder that is refused; :func:`scan` returns the reasons instead.

    Arguments:
        folder: of the checkpoints; :func:`default_folder` if ``None``.

    Example:
        >>> gammas = [checkpoint.gamma for checkpoint in ib.checkpoints() if checkpoint.objective == "ib"]
        >>> gammas == sorted(gammas), gammas[0], gammas[-1]
        (True, 0.0, inf)
    """
    readable, refused = scan(folder)
    for refusal in refused:
        warnings.warn(refusal.reason, stacklevel=2)
    return readable


def find(id_or_path: str | Path) -> Checkpoint:
    """The checkpoint with this id in :func:`default_folder`, or in the folder at this path.

    An id takes precedence over a folder of the same name in the working directory.

    Raises:
        CheckpointError: if there is none, or it cannot be used.

    Example:
        >>> from ibinn_core.checkpoint import find
        >>> find("only-lx").gamma
        0.0
    """
    name, listed = str(id_or_path), default_folder()
    places = [Path(name), listed / name]
    if name == Path(name).name != "..":  # a plain name: an id
        places = [listed / name, Path(name), listed / (name + OLD)]
    for path in places if name else []:
        if os.path.isdir(path):  # False, where Path.is_dir raises, for names that no file can have
            return read(path)
    known = ", ".join(c.id for c in scan()[0]) or "none"
    raise CheckpointError(f"There is no checkpoint {shown(name)}; known ones: {known}.")


def _order(checkpoint: Checkpoint) -> tuple:
    gamma = checkpoint.gamma if checkpoint.gamma is not None else math.inf
    return list(KINDS).index(checkpoint.model), OBJECTIVES.index(checkpoint.objective), gamma, checkpoint.id
