"""Lists all checkpoints, and finds a checkpoint by its id or its folder."""

import math
import os
import warnings
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..data.datasets import DEFAULT
from ..files import OLD, PARTIAL, read_consistently, there
from ..models.fields import shown
from ..models.kinds import KINDS, OBJECTIVES
from ..places import CHECKPOINTS
from .folder import Checkpoint, read
from .format import CheckpointError, refusal

if TYPE_CHECKING:
    from ..models.classifier import Classifier


class Refusal(NamedTuple):
    """A folder that cannot be used as a checkpoint."""

    id: str  # the folder's name
    reason: str  # why it cannot be used, and what to do, in a sentence


def folders() -> list[Path]:
    """Returns the folders of checkpoints: ``checkpoints/``, or the folders in ``IBINN_CHECKPOINTS``.

    :data:`os.pathsep` separates the folders; new checkpoints go to the first. An empty entry stands for
    ``checkpoints/``, so that ``:runs/mine`` adds a folder.
    """
    listed = os.environ.get("IBINN_CHECKPOINTS", "").split(os.pathsep)
    entries = [[Path(path).expanduser()] if path else CHECKPOINTS for path in listed]
    return list(dict.fromkeys(folder for entry in entries for folder in entry))


def scan(folder: str | Path | None = None) -> tuple[list[Checkpoint], list[Refusal]]:
    """Returns the readable checkpoints, ordered by data set, kind, objective and γ, and the refused folders.

    Arguments:
        folder: folder of the checkpoints, or ``None`` for all of :func:`folders`. Of several checkpoints with the same
            id, the first counts.
    """
    readable: dict[str, Checkpoint] = {}
    refused: list[Refusal] = []
    for parent in folders() if folder is None else [Path(folder)]:
        for name in names_in(parent):
            try:
                found = read(parent / name)
                other = readable.setdefault(found.id, found)
                if other is not found:
                    why = f"its folder {found.path} has the name of {other.path}"
                    raise refusal(found.path, why, "rename one of them")
            except CheckpointError as error:
                if there(parent / name):  # otherwise the folder was removed meanwhile
                    refused.append(Refusal(name, str(error)))
    return sorted(readable.values(), key=_order), refused


def names_in(folder: Path) -> list[str]:
    """Returns the sorted names of folders that may be checkpoints, including folders that a killed save moved aside."""
    try:
        found = {name.removesuffix(OLD).removesuffix(PARTIAL) for name in os.listdir(folder) if name[0] != "."}
    except OSError:
        return []
    return sorted(name for name in found if there(folder / name))  # a save may rename a folder during this loop


def checkpoints(folder: str | Path | None = None) -> list[Checkpoint]:
    """The readable checkpoints, each with its ``dataset``; a warning names each folder that is refused.

    CIFAR-10 comes first, then the other data sets by name. Within a data set, the IB family comes first, by γ.
    Class-NLL and the models without a likelihood follow.

    Arguments:
        folder: the folder of the checkpoints; if ``None``, all of :func:`ibinn_core.checkpoint.folders`. A missing
            folder raises a CheckpointError.

    Example:
        >>> photographs = [one for one in ib.checkpoints() if one.dataset.name == "cifar10"]
        >>> gammas = [one.gamma for one in photographs if one.objective == "ib"]
        >>> gammas == sorted(gammas), gammas[0], gammas[-1]
        (True, 0.0, inf)
    """
    if folder is not None and not Path(folder).is_dir():
        raise CheckpointError(f"There is no folder {shown(str(folder))}.")
    readable, refused = scan(folder)
    for one in refused:
        warnings.warn(one.reason, stacklevel=2)
    return readable


def _order(checkpoint: Checkpoint) -> tuple:
    gamma = checkpoint.gamma if checkpoint.gamma is not None else math.inf
    data = checkpoint.config["data"]["name"]
    order = list(KINDS).index(checkpoint.model), OBJECTIVES.index(checkpoint.objective)
    return data != DEFAULT, data, *order, gamma, checkpoint.id


def load(id_or_path: "str | Path | Checkpoint", trainable: bool = False) -> "Classifier":
    """The model of a checkpoint in float32 on the CPU.

    Each file is compared with the manifest when it is first read: the weights here, styles at the first move.

    Arguments:
        id_or_path: an id like ``"gamma-1"``, a path to a folder, or a :class:`Checkpoint`.
        trainable: ``True`` for fine-tuning: the model is in training mode, has gradients and forgets its checkpoint.
            Otherwise it is in evaluation mode without gradients.

    Raises a CheckpointError if the checkpoint does not exist, or cannot be used.

    Example:
        >>> model = ib.load("gamma-1")
        >>> type(model).__name__, model.training, model.dtype
        ('GenerativeClassifier', False, torch.float32)
    """
    if isinstance(id_or_path, Checkpoint):
        return id_or_path.load(trainable)
    return read_consistently(locate(id_or_path), lambda folder: read(folder, is_measured=False).load(trainable))


def find(id_or_path: str | Path) -> Checkpoint:
    """Reads the checkpoint with this id in one of :func:`folders`, or in the folder at this path.

    An id takes precedence over a folder in the working directory. Raises a CheckpointError for an unusable checkpoint.
    """
    return read(locate(id_or_path))


def locate(id_or_path: str | Path) -> Path:
    """Returns the folder that :func:`find` reads, which a save may just have moved aside."""
    name = str(id_or_path)
    paths = [Path(name), *(folder / name for folder in folders())]
    if name == Path(name).name != "..":  # a plain name is an id
        paths = [*paths[1:], Path(name)]
    found = next((path for path in paths if there(path)), None) if name else None
    if found is None:
        known = [c.id for c in scan()[0]]
        nearest = get_close_matches(name, known, 1)
        listed = ", ".join(sorted(known, key=lambda one: one not in nearest)) or "none"
        raise CheckpointError(f"There is no checkpoint folder {shown(name)}; known ones: {listed}.")
    return found
