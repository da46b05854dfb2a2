"""Listing all checkpoints, and finding one by its id or folder."""

import math
import os
import warnings
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from ..data.datasets import DEFAULT
from ..files import OLD, PARTIAL, is_there
from ..models.kinds import KINDS, OBJECTIVES
from ..models.schema import shown
from ..places import CHECKPOINTS
from . import hub
from .folder import Checkpoint, read
from .names import MEASURED
from .validation import CheckpointError, refusal


class Refusal(NamedTuple):
    """A folder among the checkpoints that cannot be used as one."""

    id: str  # the folder's name
    reason: str  # why not, and what to do, as a sentence


def folders() -> list[Path]:
    """Where checkpoints are looked for: ``checkpoints/``, or the folders that ``IBINN_CHECKPOINTS`` lists.

    They are separated as those of ``PATH`` are (:data:`os.pathsep`). An empty entry stands for ``checkpoints/`` of the
    repository, or of :func:`ibinn_core.places.home` and the wheel: ``IBINN_CHECKPOINTS=:runs/mine`` adds a folder,
    ``IBINN_CHECKPOINTS=runs/mine`` replaces them.
    """
    listed = os.environ.get("IBINN_CHECKPOINTS", "").split(os.pathsep)
    places = [[Path(place).expanduser()] if place else CHECKPOINTS for place in listed]
    return list(dict.fromkeys(folder for of_entry in places for folder in of_entry))


def default_folder() -> Path:
    """The first of :func:`folders`, where new checkpoints go."""
    return folders()[0]


def scan(folder: str | Path | None = None) -> tuple[list[Checkpoint], list[Refusal]]:
    """The readable checkpoints, ordered by data set, kind, objective and γ, and those that are refused.

    Arguments:
        folder: of the checkpoints; all of :func:`folders` if ``None``. Of two checkpoints with one id that of the first
            folder is taken, and the other refused.
    """
    readable: dict[str, Checkpoint] = {}
    refused: list[Refusal] = []
    for place in folders() if folder is None else [Path(folder)]:
        found, bad = _scan_one(place)
        for checkpoint in found:
            other = readable.setdefault(checkpoint.id, checkpoint)
            if other is not checkpoint:
                reason = f"its folder {checkpoint.path} has the name of {other.path}"
                bad.append(Refusal(checkpoint.id, str(refusal(checkpoint.path, reason, "rename one of them"))))
        refused += bad
    return sorted(readable.values(), key=_order), refused


def _scan_one(folder: Path) -> tuple[list[Checkpoint], list[Refusal]]:
    readable, refused = [], []
    names = folders_in(folder)
    # Killed between its two renames, a save leaves the older checkpoint moved aside: it is listed still.
    for name in sorted({n.removesuffix(OLD) for n in names if n.endswith(OLD) or not n.endswith(PARTIAL)}):
        try:
            readable.append(read(folder / name))
        except CheckpointError as error:
            if is_there(folder / name):  # else it was removed meanwhile
                refused.append(Refusal(name, str(error)))
    return readable, refused


def folders_in(folder: Path) -> set[str]:
    """The names of the folders in one that may be checkpoints; none if it is not there."""
    try:
        return {entry.name for entry in os.scandir(folder) if entry.name[0] != "." and entry.is_dir()}
    except OSError:  # there is none, or none any more
        return set()


def stamp(folder: str | Path) -> tuple[tuple[str, int, int], ...]:
    """Path, time of change and size of each file in ``folder``, of the checkpoints and beside them, such as a curve."""
    found = []
    for place in (folder, *(os.path.join(folder, name) for name in sorted(folders_in(Path(folder))))):
        with suppress(OSError):
            for entry in sorted(os.scandir(place), key=lambda entry: entry.name):
                with suppress(OSError):
                    if entry.is_file():
                        state = entry.stat()
                        found.append((entry.path, state.st_mtime_ns, state.st_size))
    return tuple(found)


def checkpoints(folder: str | Path | None = None) -> list[Checkpoint]:
    """The readable checkpoints, each of which tells its ``dataset``; a warning names each folder that is refused.

    Those of CIFAR-10 come first, then the other data sets by name; of each first the IB family by γ, then class-NLL,
    then models without a likelihood.

    Arguments:
        folder: of the checkpoints; all of :func:`ibinn_core.checkpoint.folders` if ``None``.

    Example:
        >>> photographs = [one for one in ib.checkpoints() if one.dataset.name == "cifar10"]
        >>> gammas = [one.gamma for one in photographs if one.objective == "ib"]
        >>> gammas == sorted(gammas), gammas[0], gammas[-1]
        (True, 0.0, inf)
    """
    readable, refused = scan(folder)
    for one in refused:
        warnings.warn(one.reason, stacklevel=2)
    return readable


def find(id_or_path: str | Path) -> Checkpoint:
    """The checkpoint with this id in one of :func:`folders`, or in the folder at this path.

    An id takes precedence over a folder of the same name in the working directory.

    Raises:
        CheckpointError: if there is none, or it cannot be used.
    """
    return read(locate(id_or_path), needs=MEASURED)


def locate(id_or_path: str | Path) -> Path:
    """The folder that :func:`find` reads; while a save replaces it, it may be moved aside (:func:`.read_consistently`).

    ``"hf://owner/name"`` is downloaded from the Hugging Face Hub (:func:`.hub.fetch`).

    Raises:
        CheckpointError: if there is none.
    """
    name = str(id_or_path)
    if name.startswith(hub.PREFIX):
        return hub.fetch(name)
    places = [Path(name), *(folder / name for folder in folders())]
    if name == Path(name).name != "..":  # a plain name: an id
        places = [*places[1:], Path(name)]
    found = next((path for path in places if is_there(path)), None) if name else None
    if found is None and os.path.isfile(name):
        raise CheckpointError(
            f"{shown(name)} is a file, and a checkpoint is a folder: name the folder that it lies in."
        )
    if found is None:
        known = ", ".join(c.id for c in scan()[0]) or "none"
        raise CheckpointError(f"There is no checkpoint {shown(name)}; known ones: {known}.")
    return found


def _order(checkpoint: Checkpoint) -> tuple:
    gamma = checkpoint.gamma if checkpoint.gamma is not None else math.inf
    data = checkpoint.config["data"]["name"]
    return (
        data != DEFAULT,
        data,
        list(KINDS).index(checkpoint.model),
        OBJECTIVES.index(checkpoint.objective),
        gamma,
        checkpoint.id,
    )
