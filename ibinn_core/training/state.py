"""The state of a training: one safetensors file, replaced atomically."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from filelock import FileLock, Timeout
from pydantic import ConfigDict, TypeAdapter
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as serialise
from torch import Tensor, nn

from ..files import write_bytes, writing
from ..models.fields import Flag, NonNegative, Whole, checked

FILE = "state.safetensors"
LOCK = ".lock"


@dataclass
class Progress:
    """The progress of a training."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    step: Whole = 0  # number of optimiser steps, including skipped ones
    skipped: Whole = 0  # number of steps without an update, because loss or gradient were unusable
    seconds: NonNegative = 0.0  # wall-clock time spent
    finished: Flag = False  # whether the schedule has ended
    sums: dict[str, float] = field(default_factory=dict)  # sums of the current epoch's training metrics
    history: list[dict] = field(default_factory=list)  # one row of metrics for each epoch


_PROGRESS_SCHEMA = TypeAdapter(Progress)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Locks ``folder`` against other trainings; raises a RuntimeError if another one runs there, or a WriteError."""
    lock = FileLock(folder / LOCK)
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise RuntimeError(f"another process is training in {folder}: wait for it, or stop it first") from error
    try:
        yield
    finally:
        lock.release()


def save_state(
    folder: Path,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    progress: Progress,
    config: dict,
    average: dict[str, Tensor] | None = None,
) -> None:
    """Writes ``folder/state.safetensors`` whole, or raises a WriteError."""
    tensors = {f"model.{name}": value.contiguous() for name, value in model.state_dict().items()}
    tensors |= {f"average.{name}": value.contiguous() for name, value in (average or {}).items()}
    for name, parameter in model.named_parameters():
        for key, value in optimizer.state.get(parameter, {}).items():
            tensors[f"optimizer.{key}.{name}"] = value.contiguous()
    texts = {"progress": json.dumps(asdict(progress)), "config": json.dumps(config)}
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    write_bytes(folder / FILE, serialise(tensors, texts))


def read_state(folder: Path) -> tuple[dict[str, Tensor], Progress, dict]:
    """Reads the tensors, progress and config of the state in ``folder``.

    Raises:
        FileNotFoundError: there is no state.
        ValueError: the file is damaged, or is not the state of a training.
    """
    path = Path(folder) / FILE
    if not path.is_file():
        raise FileNotFoundError(f"there is no training state at {path}")
    try:
        with safe_open(path, "pt") as file:
            names = file.keys()
            tensors = {name: file.get_tensor(name) for name in names}
            progress, config = (json.loads(file.metadata()[name]) for name in ("progress", "config"))
        return tensors, checked(_PROGRESS_SCHEMA, progress), config
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"the training state at {path} is damaged or of another kind ({error}): train again, or copy it again"
        ) from error


def model_weights(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Returns the weights under the model's names, averaged if the training averages."""
    return _under("model.", tensors) | _under("average.", tensors)


def _under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}


def restore(model: nn.Module, optimizer: torch.optim.Optimizer, tensors: dict[str, Tensor]) -> None:
    """Loads a state's tensors; raises a RuntimeError if they belong to another model."""
    model.load_state_dict(_under("model.", tensors))
    for name, parameter in model.named_parameters():
        state = {}
        for key in ("step", "exp_avg", "exp_avg_sq"):
            if (value := tensors.get(f"optimizer.{key}.{name}")) is not None:
                # Copied into the parameter's memory order, which the file does not store.
                state[key] = value if key == "step" else torch.empty_like(parameter).copy_(value)
        if state:
            optimizer.state[parameter] = state
