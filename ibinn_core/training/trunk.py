"""A trunk on disk: the weights of a training, small enough to be committed, for branches to start from.

============================  =========================================================
``config.json``               the training, its budget and its ancestry
``weights.safetensors``       as in a checkpoint: sub-networks in half precision
``history.csv``               the training curve
============================  =========================================================

It has no card, and the app does not show it: as a rule its learning rate has not fallen yet. One that keeps a finished
training can be exported (:func:`.export.export`).
"""

import json
from pathlib import Path

from torch import Tensor

from ..checkpoint import CARD, CONFIG, WEIGHTS
from ..checkpoint.origin import origin_of
from .images import without_places


def is_trunk(folder: str | Path) -> bool:
    """Whether a folder holds a trunk: weights and their config, but no card."""
    folder = Path(folder)
    parts = [(folder / name).is_file() for name in (CONFIG, WEIGHTS, CARD)]
    return parts == [True, True, False]


def trunk_weights(folder: str | Path) -> dict[str, Tensor]:
    """The weights of a trunk, float32; a ValueError if they are damaged."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        weights = load_file(Path(folder) / WEIGHTS)
    except (SafetensorError, OSError) as error:
        raise ValueError(f"the weights of the trunk in {folder} are damaged; fetch it again") from error
    return {name: value.float() if value.is_floating_point() else value for name, value in weights.items()}


def trunk_config(folder: str | Path) -> dict:
    """The contents of ``config.json`` of a trunk or a checkpoint; a ValueError if it is damaged."""
    try:
        return json.loads((Path(folder) / CONFIG).read_text())
    except ValueError as error:
        raise ValueError(f"the {CONFIG} of the trunk in {folder} is damaged; fetch it again") from error


def trunk_ancestry(folder: str | Path) -> list[dict]:
    """The trainings that the weights of a trunk, or of a checkpoint, went through, its own last, by their data sets."""
    config = trunk_config(folder)
    training = config["training"]
    own = {"objective": training["objective"], **{k: config["budget"][k] for k in ("epochs", "seconds")}}
    if not config["ancestry"]:
        own["origin"] = origin_of(training)
    # An entry that does not say so was of the same images as what it led to, unless nothing is known of it.
    data = {"data": without_places(training)["dataset"]} if "dataset" in training else {}
    return [{**data, **step} if "objective" in step else step for step in [*config["ancestry"], own]]
