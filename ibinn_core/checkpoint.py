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
import sys
import warnings
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .kinds import DEFAULT, KINDS, OBJECTIVES, WITH_GAMMA
from .preprocessing import Noise, check_noise

if TYPE_CHECKING:
    from .classifier import Classifier

FORMAT = 1
CONFIG, WEIGHTS, CARD, HISTORY, LATENT = (
    "config.json",
    "weights.safetensors",
    "card.json",
    "history.csv",
    "latent.npz",
)
#: Numbers that every card has, by the path to them.
COMMON_NUMBERS = ("error", "calibration_top_label", "calibration_paper.ece", "confidence")
#: Numbers that the card of a model with a likelihood, and so with a mixture, has besides.
LIKELIHOOD_NUMBERS = (
    *("bits_per_dim.mean", "bits_per_dim.median", "bits_per_dim.worst"),
    *("separation", "mean_distance", "latent_spread", "mean_offset"),
)
#: Numbers that the card of an invertible model has besides.
INVERSE_NUMBERS = ("reconstruction",)
#: All of them, which an IB-INN's card has.
CARD_NUMBERS = COMMON_NUMBERS + LIKELIHOOD_NUMBERS + INVERSE_NUMBERS
_PARTIAL, _OLD = ".partial", ".old.partial"  # a save's new folder, and where it moves the one it replaces
_MAX_HEADER = 100_000_000  # bytes; the format's own limit


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
        objective: ``"ib"``, ``"class-nll"`` or ``"class-nll-regularized"``; of a model without a likelihood
            ``"vib"`` or ``"cross-entropy"``.
        gamma: γ; 0.0 for only L_X, ``math.inf`` for only L_Y, ``None`` where there is no γ.
        card: the measured numbers; those that the kind of model has not are absent.
        config: all that is known of the training.
    """

    id: str
    path: Path
    objective: str
    gamma: float | None
    card: dict = field(repr=False)
    config: dict = field(repr=False)

    @property
    def model(self) -> str:
        """The kind of model, one of :data:`ibinn_core.kinds.KINDS`: ``"ib-inn"``, ``"vib"``, ``"resnet"``, ..."""
        return _model(self.config)

    @property
    def has_latents(self) -> bool:
        """Whether the model encodes, so that ``latent`` has coordinates and neighbours."""
        return KINDS[self.model].has_latents

    @property
    def is_invertible(self) -> bool:
        """Whether the model decodes latents into images."""
        return KINDS[self.model].is_invertible

    @property
    def has_likelihood(self) -> bool:
        """Whether the model has log q(x) and a mixture in latent space, and can sample."""
        return KINDS[self.model].has_likelihood

    @property
    def noise(self) -> Noise:
        """The noise of its training: ``"uniform"`` or σ."""
        return self.config["training"]["noise"]

    @cached_property
    def latent(self) -> dict[str, np.ndarray]:
        """The arrays of ``latent.npz`` (see :mod:`ibinn_core.latent`); a CheckpointError if damaged."""
        return _read_latent(self.path / LATENT, self.config["num_classes"], self.model)

    @cached_property
    def history(self) -> list[dict[str, float]]:
        """The training curve, one row an epoch; a CheckpointError if damaged."""
        try:
            with open(self.path / HISTORY, newline="") as file:
                return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
        except FileNotFoundError as error:
            raise _refusal(self.path, f"it has no {HISTORY}") from error
        except (OSError, ValueError, TypeError, csv.Error) as error:  # TypeError: a row too short or too long
            raise _refusal(self.path, f"its {HISTORY} is damaged") from error


def default_folder() -> Path:
    """Where checkpoints are looked for: ``IBINN_CHECKPOINTS``, else ``checkpoints/`` of the repository."""
    return Path(os.environ.get("IBINN_CHECKPOINTS") or Path(__file__).resolve().parent.parent / "checkpoints")


def scan(folder: str | Path | None = None) -> tuple[list[Checkpoint], list[Refusal]]:
    """The readable checkpoints in ``folder``, by kind, objective and γ, and those that are refused."""
    folder = Path(folder) if folder is not None else default_folder()
    readable, refused = [], []
    names = {p.name for p in folder.iterdir() if os.path.isdir(p) and p.name[0] != "."} if folder.is_dir() else set()
    # Killed between its two renames, a save leaves the older checkpoint moved aside: it is listed still.
    for name in sorted({n.removesuffix(_OLD) for n in names if n.endswith(_OLD) or not n.endswith(_PARTIAL)}):
        try:
            readable.append(read(folder / (name if name in names else name + _OLD)))
        except CheckpointError as error:
            refused.append(Refusal(name, str(error)))
    return sorted(readable, key=_order), refused


def checkpoints(folder: str | Path | None = None) -> list[Checkpoint]:
    """The readable checkpoints in ``folder`` (:func:`default_folder` if ``None``).

    The IB family comes first, by γ, then class-NLL, then the models without a likelihood.

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
    _check_description(path, config)
    card = _read_json(path, CARD)
    for name in card_numbers(_model(config)):
        if not _is_number(_lookup(card, name)):
            raise _refusal(path, f"its {CARD} has no number '{name}'")
    _check_weights(path)
    return Checkpoint(_id(path), path, objective, gamma, card, config)


def card_numbers(model: str) -> tuple[str, ...]:
    """The numbers that the card of a model of this kind must have."""
    kind = KINDS[model]
    likelihood = LIKELIHOOD_NUMBERS if kind.has_likelihood else ()
    return COMMON_NUMBERS + likelihood + (INVERSE_NUMBERS if kind.is_invertible else ())


def find(id_or_path: str | Path) -> Checkpoint:
    """The checkpoint with this id in :func:`default_folder`, or in the folder of this path.

    An id goes before a folder of the same name that happens to lie in the working directory.
    """
    name, listed = str(id_or_path), default_folder()
    places = [Path(name), listed / name]
    if name == Path(name).name != "..":  # a plain name: an id
        places = [listed / name, Path(name), listed / (name + _OLD)]
    for path in places if name else []:
        if os.path.isdir(path):  # False, where Path.is_dir raises, for names that no file can have
            return read(path)
    known = ", ".join(c.id for c in scan()[0]) or "none"
    raise CheckpointError(f"There is no checkpoint {_shown(name)}; known ones: {known}.")


def load(id_or_path: "str | Path | Checkpoint") -> "Classifier":
    """The model of a checkpoint: evaluation mode, float32, on the CPU, no gradients for its parameters.

    Arguments:
        id_or_path: an id like ``"gamma-1"``, a path to a folder, or a :class:`Checkpoint`.

    Raises:
        CheckpointError: if there is none, or it cannot be used.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    from .training.config import TrainingConfig

    checkpoint = id_or_path if isinstance(id_or_path, Checkpoint) else find(id_or_path)
    try:
        training = TrainingConfig.from_dict(checkpoint.config["training"])
        model = training.new_model(checkpoint.config["num_classes"])
    except Exception as error:  # what a stranger's sizes do to PyTorch's layers is anyone's guess
        raise _refusal(checkpoint.path, f"its {CONFIG} does not describe a model ({_brief(error)})") from error
    try:
        weights = load_file(checkpoint.path / WEIGHTS)
    except (SafetensorError, ValueError, OSError) as error:
        raise _refusal(checkpoint.path, f"its {WEIGHTS} is damaged or no safetensors file") from error
    weights = {k: v.float() if v.is_floating_point() else v for k, v in weights.items()}
    if not all(value.isfinite().all() for value in weights.values()):
        raise _refusal(checkpoint.path, "its weights are not finite", "train it again")
    try:
        model.load_state_dict(weights)
    except (RuntimeError, ValueError) as error:
        raise _refusal(checkpoint.path, f"its {WEIGHTS} does not fit its {CONFIG}") from error
    model.noise = training.noise
    if model.has_latents and (checkpoint.path / LATENT).exists():
        model.empirical_class_means = _tensor(checkpoint.latent["empirical_means"])
        model.latent_spread = float(checkpoint.latent["spread"])
    return model.requires_grad_(False).eval()


def save(
    path: Path,
    model: "Classifier",
    config: dict,
    card: dict,
    history: list[dict],
    latent: dict[str, np.ndarray],
) -> Checkpoint:
    """Writes a checkpoint beside ``path`` and renames it into place; an older one there is replaced.

    Arguments:
        config: ``training`` (see ``TrainingConfig.to_dict``), ``num_classes``, ``budget``, ``ancestry``, ``data``.
        card, history, latent: as in :class:`Checkpoint`.

    Raises:
        CheckpointError: if what is at ``path`` is no checkpoint and would be lost.
    """
    check_target(path)
    partial = begin_folder(path)
    write_json(partial / CONFIG, {"format": FORMAT, **config})
    write_weights(model, partial / WEIGHTS)
    shutil.copymode(partial / CONFIG, partial / WEIGHTS)  # safetensors lets nobody else read its files
    write_json(partial / CARD, card)
    write_history(partial / HISTORY, history)
    np.savez_compressed(partial / LATENT, **latent)
    end_folder(path)
    return read(path)


def begin_folder(path: Path) -> Path:
    """An empty folder beside ``path`` to write into; :func:`end_folder` then puts it in the place of ``path``."""
    partial, old = _beside(path)
    if old.exists() and not path.exists():  # an earlier save was killed between its two renames
        old.rename(path)
    for leftover in (partial, old):
        shutil.rmtree(leftover, ignore_errors=True)
    partial.mkdir(parents=True)
    return partial


def end_folder(path: Path) -> None:
    """Renames what :func:`begin_folder` gave to ``path``; an older folder there is moved aside first, then removed."""
    partial, old = _beside(path)
    if path.exists():
        path.rename(old)
    partial.rename(path)
    shutil.rmtree(old, ignore_errors=True)


def _beside(path: Path) -> tuple[Path, Path]:
    """Where a save writes its new folder, and where it moves the one it replaces."""
    return path.with_name(path.name + _PARTIAL), path.with_name(path.name + _OLD)


def check_target(path: Path) -> None:
    """Raises a CheckpointError unless ``path`` is free, an empty folder, or a checkpoint to replace."""
    # A training and a trunk have a config.json too, but no card.
    is_checkpoint = (path / CONFIG).is_file() and (path / CARD).is_file()
    if path.exists() and not is_checkpoint and not (path.is_dir() and not any(path.iterdir())):
        raise CheckpointError(f"{path} is there already and is no checkpoint: name another folder to write to.")


def write_weights(model: "Classifier", path: Path) -> None:
    """All parameters and buffers; the matrices and kernels of the sub-networks as float16, the rest as it is."""
    from safetensors.torch import save_file

    def stored(name: str, value):
        return value.half() if ".subnetwork." in name and value.ndim > 1 else value

    save_file({name: stored(name, value).contiguous() for name, value in model.state_dict().items()}, path)


def write_history(path: Path, history: list[dict]) -> None:
    """The training curve as CSV, one row an epoch."""
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, list(history[0]) if history else ["epoch"], lineterminator="\n")
        writer.writeheader()
        writer.writerows(history)


def write_json(path: Path, values: dict) -> None:
    """Writes JSON whole or not at all."""
    write_text(path, json.dumps(values, indent=2, allow_nan=False) + "\n")


def write_text(path: Path, text: str) -> None:
    """Writes UTF-8 with the line ends of ``text``, whole or not at all."""
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text, encoding="utf-8", newline="")
    partial.replace(path)


def _order(checkpoint: Checkpoint) -> tuple:
    gamma = checkpoint.gamma if checkpoint.gamma is not None else math.inf
    return list(KINDS).index(checkpoint.model), OBJECTIVES.index(checkpoint.objective), gamma, checkpoint.id


def _id(path: Path) -> str:
    return Path(os.path.abspath(path)).name.removesuffix(_OLD)


def _refusal(path: Path, reason: str, remedy: str = "fetch or export it again") -> CheckpointError:
    return CheckpointError(f"Checkpoint '{_id(path)}' is refused: {reason}; {remedy}.")


def _brief(error: Exception) -> str:
    return " ".join(str(error).split())[:200].rstrip(".") or type(error).__name__


def _is_number(value) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < sys.float_info.max


def _no_constant(name: str):
    raise ValueError(f"{name} is no JSON")  # which Python's parser takes for a number


def _read_json(path: Path, name: str) -> dict:
    try:
        values = json.loads((path / name).read_text(encoding="utf-8"), parse_constant=_no_constant)
    except FileNotFoundError as error:
        raise _refusal(path, f"it has no {name}") from error
    except (ValueError, OSError, RecursionError) as error:
        raise _refusal(path, f"its {name} is damaged") from error
    if not isinstance(values, dict):
        raise _refusal(path, f"its {name} is not a JSON object")
    return values


def _check_format(path: Path, config: dict) -> None:
    version = config.get("format")
    if not isinstance(version, int) or version is True or version < 1:
        raise _refusal(path, f"its {CONFIG} names no format, so it is not a checkpoint of this program")
    if version > FORMAT:
        raise _refusal(
            path, f"its format {version} is newer than {FORMAT}, the newest known here", "update this program"
        )


def _model(config: dict):
    """The kind of model that a config names; checkpoints from before there were others name none."""
    training = config["training"]
    return training.get("model", DEFAULT) if isinstance(training, dict) else DEFAULT


def _objective(path: Path, config: dict) -> tuple[str, float | None]:
    objective, gamma = _lookup(config, "training.objective.kind"), _lookup(config, "training.objective.gamma")
    if objective not in OBJECTIVES:
        raise _refusal(path, f"its objective {_shown(objective)} is unknown", "update this program")
    valid = gamma == "inf" or (_is_number(gamma) and gamma >= 0) if objective in WITH_GAMMA else gamma is None
    if not valid:
        raise _refusal(path, f"its gamma {_shown(gamma)} makes no sense for the objective '{objective}'")
    model = _model(config)
    if not isinstance(model, str) or model not in KINDS:
        raise _refusal(path, f"its kind of model {_shown(model)} is unknown", "update this program")
    if objective not in KINDS[model].objectives:
        raise _refusal(path, f"its objective '{objective}' is none of {KINDS[model].name}")
    return objective, gamma if gamma is None else float(gamma)


def _check_description(path: Path, config: dict) -> None:
    """What the listing, the app and the commands read of a config without building its model."""
    noise, classes, name = (_lookup(config, key) for key in ("training.noise", "num_classes", "data.name"))
    try:
        check_noise(noise)
    except ValueError as error:
        raise _refusal(path, f"its training noise {_shown(noise)} is neither 'uniform' nor a positive sigma") from error
    if not isinstance(classes, int) or isinstance(classes, bool) or classes < 1:
        raise _refusal(path, f"its number of classes {_shown(classes)} is no positive integer")
    if not isinstance(name, str):
        raise _refusal(path, f"its {CONFIG} does not name its data set")


def _shown(value) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:38] + "..." + text[-38:]


def _check_weights(path: Path) -> None:
    """Reads the header of the weights: its length, its JSON, and that the file is as long as it says."""
    weights = path / WEIGHTS
    try:
        size = weights.stat().st_size
        with open(weights, "rb") as file:
            length = int.from_bytes(file.read(8), "little")
            header = json.loads(file.read(length)) if length < min(size, _MAX_HEADER) else None
        ends = [int(entry["data_offsets"][1]) for name, entry in header.items() if name != "__metadata__"]
    except FileNotFoundError as error:
        raise _refusal(path, f"it has no {WEIGHTS}") from error
    except (ValueError, LookupError, TypeError, AttributeError, OSError, OverflowError, RecursionError) as error:
        raise _refusal(path, f"its {WEIGHTS} is damaged or no safetensors file") from error
    if size != 8 + length + max(ends, default=0):
        raise _refusal(path, f"its {WEIGHTS} is cut short or has something appended")


def _read_latent(path: Path, num_classes: int, model: str) -> dict[str, np.ndarray]:
    from .latent import problem_of

    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except FileNotFoundError as error:
        raise _refusal(path.parent, f"it has no {LATENT}") from error
    except Exception as error:  # numpy and zipfile raise nearly anything on damaged files
        raise _refusal(path.parent, f"its {LATENT} is damaged") from error
    problem = problem_of(arrays, num_classes, model)
    if problem:
        raise _refusal(path.parent, f"its {LATENT} {problem}")
    return arrays


def _lookup(values, name: str):
    for key in name.split("."):
        values = values.get(key) if isinstance(values, dict) else None
    return values


def _tensor(array: np.ndarray):
    import torch

    return torch.from_numpy(array)
