"""From a model to its checkpoint."""

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..files import new_folder, write_bytes, write_json
from ..models.config import TrainingConfig
from ..models.flow_registry import check_builder
from ..models.kinds import OWN
from ..models.objectives import Objective
from .dataset import describe_dataset
from .folder import Checkpoint, read
from .latent_format import as_stored
from .manifest import renew_entry, write_manifest
from .names import ALIGNED, CARD, CONFIG, FORMAT, HISTORY, LATENT, MANIFEST, MEANS, OWN_NET, STYLE, WEIGHTS
from .style_format import bytes_of
from .validation import CheckpointError

if TYPE_CHECKING:
    from torch import Tensor

    from ..models.classifier import Classifier


def save(model: "Classifier", folder: str | Path) -> None:
    """Writes a model into a folder, from which :func:`ibinn_core.load` gives the same model back. It measures nothing.

    The folder has the weights, as they are, and the config; lists of checkpoints and the app leave it out. Of a flow of
    another library the folder has no code: register what builds it (:func:`ibinn_core.register_flow`) before you save
    the model, and before you load it.

    Arguments:
        model: any model of this library.
        folder: a new or empty one, or one that this function has written.

    Raises:
        TypeError: for what is no model of this library.
        ValueError: if the model has weights that cannot be stored, or its config or its builder do not give its
            network.
        CheckpointError: if something at ``folder`` would be lost.
        WriteError: if something cannot be written.

    Example:
        >>> import tempfile
        >>> small = ib.preset("cpu").replace(image_shape=(3, 8, 8), blocks=(1, 1, 1))
        >>> model = ib.GenerativeClassifier(small, num_classes=4)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     ib.save(model, folder)
        ...     torch.equal(ib.load(folder).class_means, model.class_means)
        True
    """
    from ..models.classifier import Classifier, GenerativeClassifier

    if not isinstance(model, Classifier):
        raise TypeError(f"only models of this library can be saved, and not a {type(model).__name__}")
    path = Path(folder)
    _check_replaceable(path)
    check_storable(model)
    if isinstance(model, GenerativeClassifier) and model.config.builder is not None:
        check_builder(model)
    else:
        _check_network(model)
    with new_folder(path) as partial:
        write_json(partial / CONFIG, _config_of(model))
        write_bytes(partial / WEIGHTS, _serialised(model.state_dict()))
        write_manifest(partial)


def _config_of(model: "Classifier") -> dict:
    """What is known of a model without its training."""
    known = {"name": "unknown"} if model.checkpoint is None else describe_dataset(model.checkpoint.dataset)
    return {
        "format": FORMAT,
        "training": training_of(model, architecture=model.config),
        "num_classes": model.num_classes,
        "budget": {},
        "ancestry": [],
        "data": known,
    }


def training_of(model: "Classifier", **known: Any) -> dict:
    """What a config says of a training by another program: only the fields of ``TrainingConfig`` in ``known``."""
    config = TrainingConfig(objective=Objective(OWN, None), noise=model.noise, model=model.kind, **known).to_dict()
    architecture = config["architecture"]
    if "builder" in architecture:
        architecture = {name: architecture[name] for name in ("image_shape", "mean", "std", "builder")}
    objective = {name: config["objective"][name] for name in ("kind", "gamma")}
    stored = {name: config[name] for name in ("model", "noise", *known)}
    return {**stored, "objective": objective, "architecture": architecture}


def _check_replaceable(path: Path) -> None:
    """Raises a CheckpointError unless ``path`` is free, an empty folder, or one that :func:`save` has written."""
    there = {one.name for one in path.iterdir()} if path.is_dir() else {"no folder"} if path.exists() else set()
    if there not in (set(), {CONFIG, WEIGHTS, MANIFEST}):
        raise CheckpointError(f"{path} is there already and would be lost: name another folder to write to.")


def _check_network(model: "Classifier") -> None:
    """Raises a ValueError unless the model's config describes its network."""
    import torch

    training = TrainingConfig.from_dict(_config_of(model)["training"])
    try:
        with torch.device("meta"):  # where a network takes no memory
            described = training.new_model(model.num_classes)
        described.load_state_dict(model.state_dict(), assign=True)
    except RuntimeError as error:
        raise ValueError(
            "the config of this model does not describe its network: wrap a flow of your own by ibinn_core.wrap_flow, "
            "and register what builds it by ibinn_core.register_flow"
        ) from error


def check_storable(model: "Classifier") -> None:
    """Raises a ValueError unless all that a model stores are finite numbers, which need no pickle."""
    import torch

    for name, value in model.state_dict().items():
        if not isinstance(value, torch.Tensor) or value.is_complex() or value.layout != torch.strided:
            raise ValueError(f"{name} of the model is no tensor of numbers: others cannot be stored without a pickle")
        if value.is_floating_point() and not value.isfinite().all():
            raise ValueError(f"{name} of the model holds numbers that are not finite: train it again")


def write_checkpoint(
    path: Path,
    model: "Classifier",
    config: dict,
    card: dict,
    history: list[dict],
    latent: dict[str, np.ndarray],
    style: dict[str, np.ndarray] | None = None,
) -> Checkpoint:
    """Writes a measured checkpoint beside ``path`` and renames it into place; an older one there is replaced.

    Arguments:
        path: the folder of the checkpoint.
        model: whose weights are stored.
        config: ``training`` (see ``TrainingConfig.to_dict``), ``num_classes``, ``budget``, ``ancestry``, ``data``.
        card: measured numbers.
        history: of the training, a row for each epoch.
        latent: arrays of ``latent.npz`` (:mod:`.latent_format`).
        style: arrays of ``style.npz`` (:mod:`.style_format`), of a model with a likelihood.

    Raises:
        CheckpointError: if something at ``path`` would be lost that is no checkpoint, or what is saved could not be
            read again; what was at ``path`` is there still.
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
    """Replaces the card of a checkpoint, and what its manifest says of it; raises as :func:`.renew_entry` does."""
    write_json(checkpoint.path / CARD, card)
    renew_entry(checkpoint.path, CARD)


def check_target(path: Path) -> None:
    """Raises a CheckpointError unless ``path`` is free, an empty folder, or a checkpoint."""
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

    def stored(name: str, value: "Tensor") -> "Tensor":
        if name.startswith(OWN_NET):
            return value
        return value.half() if ".subnetwork." in name and value.ndim > 1 else value

    values = model.state_dict()
    if ALIGNED in values:
        del values[MEANS]
    return _serialised({name: stored(name, value) for name, value in values.items()})


def _serialised(values: "dict[str, Tensor]") -> bytes:
    from safetensors.torch import save as serialise

    return serialise({name: value.clone().contiguous() for name, value in values.items()})


def write_history(path: Path, history: list[dict]) -> None:
    """Writes the training curve as CSV, one row for each epoch."""
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, list(history[0]) if history else ["epoch"], lineterminator="\n")
        writer.writeheader()
        writer.writerows(history)
