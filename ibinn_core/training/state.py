"""The state of a training: one safetensors file, replaced atomically."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from filelock import FileLock, Timeout
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

FILE = "state.safetensors"
LOCK = ".lock"


@dataclass
class Progress:
    """How far a training has come.

    Attributes:
        step: number of optimiser steps, including skipped ones.
        skipped: number of steps without an update, because loss or gradient were not finite.
        seconds: wall-clock time spent.
        finished: whether the schedule has ended.
        sums: of the current epoch's training metrics.
        history: one row of metrics for each epoch.
    """

    step: int = 0
    skipped: int = 0
    seconds: float = 0.0
    finished: bool = False
    sums: dict[str, float] = field(default_factory=dict)
    history: list[dict] = field(default_factory=list)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keeps other trainings out of ``folder`` until the context or the process ends.

    Raises:
        RuntimeError: if another process is training in it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / LOCK, timeout=0):
            yield
    except Timeout as error:
        raise RuntimeError(f"another process is training in {folder}: wait for it, or stop it first") from error


def save_state(
    folder: Path,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    progress: Progress,
    config: dict,
    average: dict[str, Tensor] | None = None,
) -> None:
    """Writes ``folder/state.safetensors``: whole or not at all, whenever the process is killed.

    ``average`` holds averaged weights by their names in the model, if the training averages.
    """
    tensors = {f"model.{name}": value.contiguous() for name, value in model.state_dict().items()}
    tensors |= {f"average.{name}": value.contiguous() for name, value in (average or {}).items()}
    for name, parameter in model.named_parameters():
        for key, value in optimizer.state.get(parameter, {}).items():
            tensors[f"optimizer.{key}.{name}"] = value.contiguous()
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / (FILE + ".partial")
    metadata = {"progress": json.dumps(asdict(progress)), "config": json.dumps(config)}
    save_file(tensors, partial, metadata)
    with open(partial, "rb+") as file:
        os.fsync(file.fileno())
    os.replace(partial, folder / FILE)


def read_state(folder: Path) -> tuple[dict[str, Tensor], Progress, dict]:
    """The tensors, progress and config of the state in ``folder``.

    Raises:
        FileNotFoundError: if there is none.
        ValueError: if the file is damaged or of another kind.
    """
    with _opened(folder) as file:
        metadata = file.metadata()
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # safe_open does not iterate
        return tensors, Progress(**json.loads(metadata["progress"])), json.loads(metadata["config"])


def read_progress(folder: Path) -> Progress:
    """Only the progress, without the tensors.

    Raises:
        FileNotFoundError, ValueError: as :func:`read_state` does.
    """
    with _opened(folder) as file:
        return Progress(**json.loads(file.metadata()["progress"]))


@contextmanager
def _opened(folder: Path) -> Iterator[safe_open]:
    """The open file of the state in ``folder``; all errors are a sentence."""
    path = Path(folder) / FILE
    if not path.exists():
        raise FileNotFoundError(f"there is no training state at {path}")
    try:
        with safe_open(path, "pt") as file:
            yield file
    except (SafetensorError, KeyError, TypeError, json.JSONDecodeError) as error:
        raise ValueError(f"the training state at {path} is damaged or of another kind ({error})") from error


def model_weights(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The weights of a training by the model's own names: the averaged weights if there are any."""
    return _under("model.", tensors) | averages(tensors)


def num_classes_of(tensors: dict[str, Tensor]) -> int:
    """K, by a state's tensors: every kind of model has a weight a class."""
    name = next(name for name in ("model.mixture.phi", "model.head.bias") if name in tensors)
    return len(tensors[name])


def averages(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The averages of weights among a state's tensors, by the model's own names; empty without averaging."""
    return _under("average.", tensors)


def _under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}


def restore(model: nn.Module, optimizer: torch.optim.Optimizer | None, tensors: dict[str, Tensor]) -> None:
    """Loads a state's tensors into ``model`` and ``optimizer``, so that the training can continue.

    Without an optimizer the model gets the weights of :func:`model_weights`.

    Raises:
        RuntimeError: if the tensors are those of another model.
    """
    model.load_state_dict(model_weights(tensors) if optimizer is None else _under("model.", tensors))
    if optimizer is None:
        return
    for name, parameter in model.named_parameters():
        state = {
            key: tensors[f"optimizer.{key}.{name}"]
            for key in ("step", "exp_avg", "exp_avg_sq")
            if f"optimizer.{key}.{name}" in tensors
        }
        if state:
            optimizer.state[parameter] = {
                key: value if key == "step" else value.to(parameter).contiguous(memory_format=_format(parameter))
                for key, value in state.items()
            }


def _format(parameter: Tensor) -> torch.memory_format:
    channels_last = parameter.ndim == 4 and parameter.is_contiguous(memory_format=torch.channels_last)
    return torch.channels_last if channels_last else torch.contiguous_format
