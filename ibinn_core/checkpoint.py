"""What a checkpoint folder is: list, load and save them.

========================  ============================================================================
``config.json``           format, architecture, objective, γ, training, budget, ancestry, data
``weights.safetensors``   parameters and buffers; the sub-networks' matrices in half precision
``card.json``             the measured numbers, and how they were measured
``history.csv``           the training curve, one row an epoch
``latent.npz``            the test set in latent space without its images (:mod:`ibinn_core.latent`)
========================  ============================================================================

Nothing in it is a pickle: a checkpoint may come from a stranger. Listing reads JSON and the weights'
header only, and imports no torch.
"""

import csv
import json
import math
import os
import shutil
import warnings
import zipfile
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from .classifier import GenerativeClassifier

FORMAT = 1
CONFIG, WEIGHTS, CARD, HISTORY, LATENT = (
    "config.json",
    "weights.safetensors",
    "card.json",
    "history.csv",
    "latent.npz",
)
#: Numbers that every card has, by the path to them.
CARD_NUMBERS = ("error", "bits_per_dim.mean", "bits_per_dim.median", "bits_per_dim.worst", "calibration_top_label")
_KINDS = ("ib", "class-nll", "class-nll-regularized")


class CheckpointError(ValueError):
    """A checkpoint that cannot be used; the message says which one, why, and what to do."""


class Refusal(NamedTuple):
    """A folder that looks like a checkpoint but is none, and why."""

    id: str
    reason: str


@dataclass(frozen=True)
class Checkpoint:
    """A readable checkpoint. Its weights are not loaded; :func:`load` does that.

    Attributes:
        id: the folder's name.
        path: the folder.
        objective: ``"ib"``, ``"class-nll"`` or ``"class-nll-regularized"``.
        gamma: γ; 0.0 for only L_X, ``math.inf`` for only L_Y, ``None`` where there is no γ.
        card: the measured numbers.
        config: all that is known of the training.
    """

    id: str
    path: Path
    objective: str
    gamma: float | None
    card: dict = field(repr=False)
    config: dict = field(repr=False)

    @property
    def noise(self) -> str | float:
        """The noise of its training: ``"uniform"`` or σ."""
        return self.config["training"]["noise"]

    @cached_property
    def latent(self) -> dict[str, np.ndarray]:
        """The arrays of ``latent.npz`` (see :mod:`ibinn_core.latent`); a CheckpointError if damaged."""
        return _read_latent(self.path / LATENT)

    @cached_property
    def history(self) -> list[dict[str, float]]:
        """The training curve, one row an epoch."""
        with open(self.path / HISTORY, newline="") as file:
            return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]


def default_folder() -> Path:
    """Where checkpoints are looked for: ``IBINN_CHECKPOINTS``, else ``checkpoints/`` of the repository."""
    return Path(os.environ.get("IBINN_CHECKPOINTS") or Path(__file__).resolve().parent.parent / "checkpoints")


def scan(folder: str | Path | None = None) -> tuple[list[Checkpoint], list[Refusal]]:
    """The readable checkpoints in ``folder``, by objective and γ, and those that are refused."""
    folder = Path(folder) if folder is not None else default_folder()
    readable, refused = [], []
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if not path.is_dir() or path.name.startswith(".") or path.name.endswith(".partial"):
            continue
        try:
            readable.append(read(path))
        except CheckpointError as error:
            refused.append(Refusal(path.name, str(error)))
    return sorted(readable, key=_order), refused


def checkpoints(folder: str | Path | None = None) -> list[Checkpoint]:
    """The readable checkpoints in ``folder`` (:func:`default_folder` if ``None``), by objective and γ.

    Warns of each folder that is refused; :func:`scan` returns the reasons instead.
    """
    readable, refused = scan(folder)
    for refusal in refused:
        warnings.warn(refusal.reason, stacklevel=2)
    return readable


def read(path: str | Path) -> Checkpoint:
    """The checkpoint in the folder ``path``, validated as far as that goes without loading the weights.

    Raises:
        CheckpointError: if it is damaged, foreign, or of a newer format.
    """
    path = Path(path)
    config = _read_json(path, CONFIG)
    _check_format(path, config)
    objective, gamma = _objective(path, config)
    card = _read_json(path, CARD)
    for name in CARD_NUMBERS:
        if not isinstance(_lookup(card, name), (int, float)):
            raise _refusal(path, f"its {CARD} has no number '{name}'", "measure it with python -m ibinn_core evaluate")
    _check_weights(path)
    return Checkpoint(path.name, path, objective, gamma, card, config)


def find(id_or_path: str | Path) -> Checkpoint:
    """The checkpoint with this id in :func:`default_folder`, or in the folder of this path."""
    path = Path(id_or_path)
    if not path.is_dir():
        path = default_folder() / id_or_path
    if not path.is_dir():
        known = ", ".join(c.id for c in scan()[0]) or "none"
        raise CheckpointError(f"There is no checkpoint '{id_or_path}'; known ones: {known}.")
    return read(path)


def load(id_or_path: "str | Path | Checkpoint") -> "GenerativeClassifier":
    """The model of a checkpoint: evaluation mode, float32, on the CPU, no gradients for its parameters.

    Arguments:
        id_or_path: an id like ``"gamma-1"``, a path to a folder, or a :class:`Checkpoint`.

    Raises:
        CheckpointError: if there is none, or it cannot be used.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    from .classifier import GenerativeClassifier
    from .training.config import TrainingConfig

    checkpoint = id_or_path if isinstance(id_or_path, Checkpoint) else find(id_or_path)
    try:
        training = TrainingConfig.from_dict(checkpoint.config["training"])
        model = GenerativeClassifier(training.architecture, num_classes=checkpoint.config["num_classes"])
    except (KeyError, TypeError, ValueError) as error:
        raise _refusal(checkpoint.path, f"its {CONFIG} does not describe a model ({error})") from error
    try:
        weights = load_file(checkpoint.path / WEIGHTS)
        model.load_state_dict({k: v.float() if v.is_floating_point() else v for k, v in weights.items()})
    except (SafetensorError, RuntimeError, ValueError, OSError) as error:
        raise _refusal(checkpoint.path, f"its {WEIGHTS} does not fit its {CONFIG}") from error
    if not all(value.isfinite().all() for value in model.state_dict().values()):
        raise _refusal(checkpoint.path, "its weights are not finite", "train it again")
    model.noise = training.noise
    if (checkpoint.path / LATENT).exists():
        model.empirical_class_means = _tensor(checkpoint.latent["empirical_means"])
        model.latent_spread = float(checkpoint.latent["spread"])
    return model.requires_grad_(False).eval()


def save(
    path: Path,
    model: "GenerativeClassifier",
    config: dict,
    card: dict,
    history: list[dict],
    latent: dict[str, np.ndarray],
) -> Checkpoint:
    """Writes a checkpoint beside ``path`` and renames it into place; an older one there is replaced.

    Arguments:
        config: ``training`` (see ``TrainingConfig.to_dict``), ``num_classes``, ``budget``, ``ancestry``, ``data``.
        card, history, latent: as in :class:`Checkpoint`.
    """
    partial, old = path.with_name(path.name + ".partial"), path.with_name(path.name + ".old.partial")
    for leftover in (partial, old):
        shutil.rmtree(leftover, ignore_errors=True)
    partial.mkdir(parents=True)
    write_weights(model, partial / WEIGHTS)
    write_json(partial / CONFIG, {"format": FORMAT, **config})
    write_json(partial / CARD, card)
    with open(partial / HISTORY, "w", newline="") as file:
        writer = csv.DictWriter(file, list(history[0]) if history else ["epoch"], lineterminator="\n")
        writer.writeheader()
        writer.writerows(history)
    np.savez_compressed(partial / LATENT, **latent)
    if path.exists():
        path.rename(old)
    partial.rename(path)
    shutil.rmtree(old, ignore_errors=True)
    return read(path)


def write_weights(model: "GenerativeClassifier", path: Path) -> None:
    """All parameters and buffers; the matrices and kernels of the sub-networks as float16, the rest as it is."""
    from safetensors.torch import save_file

    def stored(name: str, value):
        return value.half() if ".subnetwork." in name and value.ndim > 1 else value

    save_file({name: stored(name, value).contiguous() for name, value in model.state_dict().items()}, path)


def write_json(path: Path, values: dict) -> None:
    """Writes JSON whole or not at all."""
    partial = path.with_name(path.name + ".partial")
    partial.write_text(json.dumps(values, indent=2, allow_nan=False) + "\n")
    partial.replace(path)


def _order(checkpoint: Checkpoint) -> tuple:
    gamma = checkpoint.gamma if checkpoint.gamma is not None else math.inf
    return _KINDS.index(checkpoint.objective), gamma, checkpoint.id


def _refusal(path: Path, reason: str, remedy: str = "fetch or export it again") -> CheckpointError:
    return CheckpointError(f"Checkpoint '{path.name}' is refused: {reason}; {remedy}.")


def _read_json(path: Path, name: str) -> dict:
    try:
        values = json.loads((path / name).read_text())
    except FileNotFoundError as error:
        raise _refusal(path, f"it has no {name}") from error
    except (ValueError, OSError) as error:
        raise _refusal(path, f"its {name} is damaged") from error
    if not isinstance(values, dict):
        raise _refusal(path, f"its {name} is not a JSON object")
    return values


def _check_format(path: Path, config: dict) -> None:
    version = config.get("format")
    if not isinstance(version, int):
        raise _refusal(path, f"its {CONFIG} names no format, so it is not a checkpoint of this program")
    if version > FORMAT:
        raise _refusal(
            path, f"its format {version} is newer than {FORMAT}, the newest known here", "update this program"
        )


def _objective(path: Path, config: dict) -> tuple[str, float | None]:
    kind, gamma = _lookup(config, "training.objective.kind"), _lookup(config, "training.objective.gamma")
    if kind not in _KINDS:
        raise _refusal(path, f"its objective {kind!r} is unknown", "update this program")
    gamma = math.inf if gamma == "inf" else gamma
    valid = isinstance(gamma, (int, float)) and gamma >= 0 if kind == "ib" else gamma is None
    if not valid:
        raise _refusal(path, f"its gamma {gamma!r} makes no sense for the objective '{kind}'")
    return kind, gamma if gamma is None else float(gamma)


def _check_weights(path: Path) -> None:
    """Reads the header of the weights: its length, its JSON, and that the file is as long as it says."""
    weights = path / WEIGHTS
    try:
        size = weights.stat().st_size
        with open(weights, "rb") as file:
            length = int.from_bytes(file.read(8), "little")
            header = json.loads(file.read(length)) if length < size else None
        ends = [entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"]
    except FileNotFoundError as error:
        raise _refusal(path, f"it has no {WEIGHTS}") from error
    except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
        raise _refusal(path, f"its {WEIGHTS} is damaged or no safetensors file") from error
    if size != 8 + length + max(ends, default=0):
        raise _refusal(path, f"its {WEIGHTS} is cut short or has something appended")


def _read_latent(path: Path) -> dict[str, np.ndarray]:
    from .latent import LATENT_ARRAYS

    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except FileNotFoundError as error:
        raise _refusal(path.parent, f"it has no {LATENT}") from error
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zipfile.zlib.error) as error:
        raise _refusal(path.parent, f"its {LATENT} is damaged") from error
    missing = [name for name in LATENT_ARRAYS if name not in arrays]
    rows = {len(arrays[name]) for name in ("labels", "hashes", "log_prob", "posterior") if name in arrays}
    if missing or len(rows) != 1:
        raise _refusal(path.parent, f"its {LATENT} lacks {', '.join(missing) or 'rows in some of its arrays'}")
    return arrays


def _lookup(values, name: str):
    for key in name.split("."):
        values = values.get(key) if isinstance(values, dict) else None
    return values


def _tensor(array: np.ndarray):
    import torch

    return torch.from_numpy(array)
