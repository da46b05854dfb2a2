"""Listing all checkpoints, and finding one by its id or folder."""

import math
import os
import warnings
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from ..data.datasets import DEFAULT
from ..downloads import Progress, after
from ..files import OLD, PARTIAL, is_there
from ..models.kinds import KINDS, OBJECTIVES
from ..models.schema import shown
from ..places import CHECKPOINTS
from . import hub, hugging_face
from .folder import Checkpoint, read
from .index import index
from .validation import CheckpointError, refusal


class Refusal(NamedTuple):
    """A folder among the checkpoints that cannot be used as one."""

    id: str  # the folder's name
    reason: str  # why not, and what to do, as a sentence


def folders() -> list[Path]:
    """Where checkpoints are looked for: ``checkpoints/`` of the repository, or what ``IBINN_CHECKPOINTS`` lists.

    Where a wheel is installed, those of the repository are ``checkpoints/`` in :func:`ibinn_core.places.home`, and
    the digits' family, which came with the wheel. Behind them all comes the folder of those that were fetched by name
    (:func:`ibinn_core.checkpoint.hub.folder`).

    That may be one folder or several, separated as those of ``PATH`` are (:data:`os.pathsep`). An empty entry stands
    for the repository's own, and those that can be had by name: ``IBINN_CHECKPOINTS=:runs/mine`` adds a folder,
    ``IBINN_CHECKPOINTS=runs/mine`` replaces them.
    """
    listed = os.environ.get("IBINN_CHECKPOINTS", "").split(os.pathsep)
    places = [[Path(place).expanduser()] if place else CHECKPOINTS for place in listed]
    fetched = [] if all(listed) else [hub.folder()]
    return list(dict.fromkeys([*(folder for of_entry in places for folder in of_entry), *fetched]))


def default_folder() -> Path:
    """The first of :func:`folders`, where new checkpoints go."""
    return folders()[0]


def scan(folder: str | Path | None = None) -> tuple[list[Checkpoint], list[Refusal]]:
    """The readable checkpoints, ordered by data set, kind, objective and γ, and those that are refused.

    Arguments:
        folder: of the checkpoints; all of :func:`folders` if ``None``. Of two checkpoints with one id that of the first
            folder is taken, and the other refused, unless that one was fetched by name.

    Example:
        >>> from ibinn_core.checkpoint import scan
        >>> readable, refused = scan()
        >>> len(readable) > 1, refused
        (True, [])
    """
    readable: dict[str, Checkpoint] = {}
    refused: list[Refusal] = []
    for place in folders() if folder is None else [Path(folder)]:
        found, bad = _scan_one(place, readable)
        for checkpoint in found:
            other = readable.setdefault(checkpoint.id, checkpoint)
            if other is not checkpoint:
                reason = f"its folder {checkpoint.path} has the name of {other.path}"
                bad.append(Refusal(checkpoint.id, str(refusal(checkpoint.path, reason, "rename one of them"))))
        refused += bad
    return sorted(readable.values(), key=_order), refused


def _scan_one(folder: Path, known: Collection[str]) -> tuple[list[Checkpoint], list[Refusal]]:
    readable, refused = [], []
    names = folders_in(folder)
    if folder == hub.folder():  # which has no others, but perhaps those of an older version
        names = {n for n in names if n.removesuffix(OLD) not in known and hub.is_fetched(n.removesuffix(OLD))}
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
    """Path, time of change and size of each file in ``folder``, of the checkpoints and beside them, such as a curve.

    It is another one whenever a file changes.

    What vanishes meanwhile is passed by.

    Example:
        >>> from ibinn_core.checkpoint import default_folder, stamp
        >>> stamp(default_folder()) == stamp(default_folder())
        True
    """
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
    """The readable checkpoints, each of which tells its ``dataset``.

    Those of CIFAR-10 come first, then the other data sets by name; of each first the IB family by γ, then class-NLL,
    then models without a likelihood.

    Warns of each folder that is refused; :func:`scan` returns the reasons instead.

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

    An id takes precedence over a folder of the same name in the working directory. One that is nowhere on this machine
    is fetched (:func:`locate`).

    Raises:
        CheckpointError: if there is none, or it cannot be used.

    Example:
        >>> from ibinn_core.checkpoint import find
        >>> find("only-lx").gamma
        0.0
    """
    return read(locate(id_or_path), has_latent=False)


def locate(id_or_path: str | Path) -> Path:
    """The folder that :func:`find` reads; while a save replaces it, it may be moved aside (:func:`.read_consistently`).

    A checkpoint of the index (:mod:`.index`) that is nowhere on this machine is fetched into the cache, if the
    repository's own are among :func:`folders`; with a progress bar. So is one called ``owner/name``, from the Hugging
    Face Hub, if its package is installed.

    Raises:
        CheckpointError: if there is none, or it cannot be fetched.
    """
    found = on_this_machine(id_or_path)
    name = str(id_or_path)
    if found is None and hub.folder() in folders() and name in index().checkpoints:
        return hub.fetch(name)
    if found is None and isinstance(id_or_path, str) and hugging_face.is_name(name):
        return hugging_face.fetch(name)
    if found is None and os.path.isfile(name):
        raise CheckpointError(
            f"{shown(name)} is a file, and a checkpoint is a folder: name the folder that it lies in."
        )
    if found is None:
        known = ", ".join(c.id for c in scan()[0]) or "none"
        raise CheckpointError(f"There is no checkpoint {shown(name)}; known ones: {known}.")
    return found


def on_this_machine(id_or_path: str | Path) -> Path | None:
    """The folder that :func:`locate` gives, if that needs no network; else ``None``.

    Example:
        >>> from ibinn_core.checkpoint import on_this_machine
        >>> on_this_machine("gamma-1").name, on_this_machine("gamma-7")
        ('gamma-1', None)
    """
    name = str(id_or_path)
    places = [Path(name), *(folder / name for folder in folders() if folder != hub.folder() or hub.is_fetched(name))]
    if name == Path(name).name != "..":  # a plain name: an id
        places = [*places[1:], Path(name)]
    elif isinstance(id_or_path, str) and hugging_face.is_name(name):
        places.append(hugging_face.folder_of(name))
    return next((path for path in places if is_there(path)), None) if name else None


def lacks_some(data: str, objective: str | None = None) -> bool:
    """Whether checkpoints of a data set can be had by name that are not on this machine.

    Arguments:
        data: the data set's name.
        objective: only those of this objective.

    Example:
        >>> from ibinn_core.checkpoint import lacks_some
        >>> lacks_some("cifar10")
        False
    """
    can_be_found = hub.folder() in folders()
    return can_be_found and any(on_this_machine(id) is None for id in index().of_data(data, objective))


def fetch_family(data: str, objective: str | None = None, progress: Progress | None = None) -> None:
    """Fetches the checkpoints of a data set that are not on this machine, and what lies beside them.

    Arguments:
        data: name of a data set of the index (:mod:`.index`).
        objective: only those of this objective.
        progress: told of the bytes of all; progress bars on the terminal if not given.

    Raises:
        FetchError: if they cannot be fetched or kept. Those that were fetched before it stay.

    Example:
        >>> from ibinn_core.checkpoint import fetch_family
        >>> fetch_family("cifar10")  # which the repository has
    """
    missing = [id for id in index().of_data(data, objective) if on_this_machine(id) is None]
    if not missing:
        return
    sizes = [index().beside[data].bytes, *(index().checkpoints[id].bytes for id in missing)]
    steps = [progress and after(sum(sizes[:n]), sum(sizes), progress) for n in range(len(sizes))]
    hub.fetch_beside(data, steps[0])
    for id, step in zip(missing, steps[1:], strict=True):
        hub.fetch(id, step)


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
