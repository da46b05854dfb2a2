"""From a model to its checkpoint."""

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..files import new_folder, write_bytes, write_json
from .folder import Checkpoint, read
from .latent_format import as_stored
from .manifest import renew_entry, write_manifest
from .names import ALIGNED, CARD, CONFIG, FORMAT, HISTORY, LATENT, MEANS, OWN_NET, STYLE, WEIGHTS
from .style_format import bytes_of
from .validation import CheckpointError

if TYPE_CHECKING:
    from torch import Tensor

    from ..models.classifier import Classifier


def save(
    path: Path,
    model: "Classifier",
    config: dict,
    card: dict,
    history: list[dict],
    latent: dict[str, np.ndarray],
    style: dict[str, np.ndarray] | None = None,
) -> Checkpoint:
    """Writes a checkpoint beside ``path`` and renames it into place; an older one there is replaced.

    Arguments:
        path: the folder of the checkpoint.
        model: whose weights are stored.
        config: ``training`` (see ``TrainingConfig.to_dict``), ``num_classes``, ``budget``, ``ancestry``, ``data``
            (:func:`.describe_dataset`, and how many images).
        card: measured numbers, as in :class:`Checkpoint`.
        history: the training's, row by row, as there.
        latent: arrays of ``latent.npz``, as there.
        style: arrays of ``style.npz`` (:mod:`.style_format`), of a model with a likelihood.

    Raises:
        CheckpointError: if there is something at ``path`` that is not a checkpoint and would be lost, or what is saved
            is not one that could be read again; what was at ``path`` is there still.
        WriteError: if something cannot be written; the same holds.
    """
    check_target(path)
    with new_folder(path) as partial:
        write_json(partial / CONFIG, {"format": FORMAT, **config})
        write_weights(model, partial / WEIGHTS)
        write_json(partial / CARD, card)
        write_history(partial / HISTORY, history)
        np.savez_compressed(partial / LATENT, **as_stored(latent))  # pyright: ignore[reportArgumentType]  # no array has the name of an option
        if style is not None:
            write_bytes(partial / STYLE, bytes_of(style))
        write_manifest(partial)
        read(partial)  # so that nothing takes the place of an older checkpoint that could not be read
    return read(path)


def write_card(checkpoint: Checkpoint, card: dict) -> None:
    """Replaces the card of a checkpoint, and what its manifest says of it.

    Raises:
        CheckpointError: if its manifest is damaged.
        WriteError: if it cannot be written.
    """
    write_json(checkpoint.path / CARD, card)
    renew_entry(checkpoint.path, CARD)


def check_target(path: Path) -> None:
    """Checks that nothing but a checkpoint would be replaced at ``path``.

    Raises:
        CheckpointError: unless ``path`` is free, an empty folder, or a checkpoint.
    """
    # A training and a trunk have a config.json too, but no card.
    is_checkpoint = (path / CONFIG).is_file() and (path / CARD).is_file()
    if path.exists() and not is_checkpoint and not (path.is_dir() and not any(path.iterdir())):
        raise CheckpointError(f"{path} is there already and is no checkpoint: name another folder to write to.")


def write_weights(model: "Classifier", path: Path) -> None:
    """Writes all parameters and buffers; matrices and kernels of the sub-networks as float16, the rest unchanged.

    The means of an aligned mixture are left out, since they follow from its alignment.
    """
    write_bytes(path, weights_as_stored(model))


def weights_as_stored(model: "Classifier") -> bytes:
    """What :func:`write_weights` writes."""
    from safetensors.torch import save as serialise

    def stored(name: str, value: "Tensor") -> "Tensor":
        if name.startswith(OWN_NET):  # as it is, and apart from others that share its memory
            return value.clone()
        return value.half() if ".subnetwork." in name and value.ndim > 1 else value

    values = model.state_dict()
    if ALIGNED in values:
        del values[MEANS]
    return serialise({name: stored(name, value).contiguous() for name, value in values.items()})


def write_history(path: Path, history: list[dict]) -> None:
    """Writes the training curve as CSV, one row for each epoch."""
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, list(history[0]) if history else ["epoch"], lineterminator="\n")
        writer.writeheader()
        writer.writerows(history)
