"""A trunk on disk: the weights of an unfinished training, small enough to be committed, for branches to start from.

============================  =========================================================
``config.json``               the training, its budget and its ancestry
``weights.safetensors``       as in a checkpoint: sub-networks in half precision
``history.csv``               the training curve
============================  =========================================================

It has no card and is no model to show: the learning rate has not fallen yet.
"""

import json
import shutil
from pathlib import Path

from torch import Tensor

from . import checkpoint


def save_trunk(run: Path, target: Path) -> None:
    """Writes the training in the folder ``run`` to ``target``, whole or not at all; replaces an older trunk there.

    Raises:
        FileNotFoundError, ValueError: if the training's state or its data set is not there, or something
            that is no trunk is at ``target``.
    """
    from .export import ancestry, budget, training_so_far

    if target.exists() and not is_trunk(target):
        raise ValueError(f"{target} is there already and is no trunk: name another folder to write to")
    model, config, progress, (_, labels) = training_so_far(run)
    partial = checkpoint.begin_folder(target)
    init = Path(config.init).name if config.init else None
    description = {
        "training": {**config.to_dict(), "init": init},
        "budget": budget(progress, config, len(labels) - min(config.held_out, len(labels) // 2)),
        "ancestry": ancestry(run, config.to_dict()),
    }
    checkpoint.write_json(partial / checkpoint.CONFIG, description)
    checkpoint.write_weights(model, partial / checkpoint.WEIGHTS)
    shutil.copymode(partial / checkpoint.CONFIG, partial / checkpoint.WEIGHTS)
    checkpoint.write_history(partial / checkpoint.HISTORY, progress.history)
    checkpoint.end_folder(target)


def is_trunk(folder: str | Path) -> bool:
    """Whether a folder holds a trunk: weights and their config, but no card."""
    folder = Path(folder)
    parts = [(folder / name).is_file() for name in (checkpoint.CONFIG, checkpoint.WEIGHTS, checkpoint.CARD)]
    return parts == [True, True, False]


def trunk_weights(folder: str | Path) -> dict[str, Tensor]:
    """The weights of a trunk, float32. Raises a ValueError if they are damaged."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        weights = load_file(Path(folder) / checkpoint.WEIGHTS)
    except (SafetensorError, OSError) as error:
        raise ValueError(f"the weights of the trunk in {folder} are damaged; fetch it again") from error
    return {name: value.float() if value.is_floating_point() else value for name, value in weights.items()}


def trunk_config(folder: str | Path) -> dict:
    """What ``config.json`` of a trunk, or of a checkpoint, says. Raises a ValueError if it is damaged."""
    try:
        return json.loads((Path(folder) / checkpoint.CONFIG).read_text())
    except ValueError as error:
        raise ValueError(f"the {checkpoint.CONFIG} of the trunk in {folder} is damaged; fetch it again") from error


def trunk_ancestry(folder: str | Path) -> list[dict]:
    """The trainings that the weights of a trunk, or of a checkpoint, went through, its own last."""
    config = trunk_config(folder)
    own = {"objective": config["training"]["objective"], **{k: config["budget"][k] for k in ("epochs", "seconds")}}
    return [*config["ancestry"], own]
