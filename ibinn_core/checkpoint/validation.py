"""The checks of a checkpoint's ``config.json`` and ``card.json``, and the errors for those that fail."""

import json
import os
import sys
from pathlib import Path
from typing import Any, NoReturn

from ..files import OLD
from ..models.kinds import DEFAULT, KINDS, OBJECTIVES, WITH_GAMMA
from ..models.preprocessing import check_noise
from .names import CARD, CONFIG, FORMAT, card_numbers


class CheckpointError(ValueError):
    """Raised for a checkpoint that cannot be used; the message says which one, why, and what to do.

    Example:
        >>> ib.load("gamma-one")
        Traceback (most recent call last):
        ibinn_core.checkpoint.validation.CheckpointError: There is no checkpoint 'gamma-one'; known ones: only-lx, ...
    """


def id_of(path: Path) -> str:
    """The id of the checkpoint in the folder ``path``: the folder's name."""
    return Path(os.path.abspath(path)).name.removesuffix(OLD)


def refusal(path: Path, reason: str, remedy: str = "fetch or export it again") -> CheckpointError:
    """The error that says why the checkpoint in the folder ``path`` is refused, and what to do."""
    return CheckpointError(f"Checkpoint '{id_of(path)}' is refused: {reason}; {remedy}.")


def brief(error: Exception) -> str:
    """The message of an error in one line of at most 200 characters."""
    return " ".join(str(error).split())[:200].rstrip(".") or type(error).__name__


def shown(value: object) -> str:
    """A value for a message, without the middle if it is long."""
    text = repr(value)
    return text if len(text) <= 80 else text[:38] + "..." + text[-38:]


def is_number(value: object) -> bool:
    """Whether a JSON value is a finite number."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < sys.float_info.max


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")  # which Python's parser takes for a number


def read_json(path: Path, name: str) -> dict:
    """The JSON object in the file ``name`` of a checkpoint; a CheckpointError if it is missing or damaged."""
    try:
        values = json.loads((path / name).read_text(encoding="utf-8"), parse_constant=_no_constant)
    except FileNotFoundError as error:
        raise refusal(path, f"it has no {name}") from error
    except (ValueError, OSError, RecursionError) as error:
        raise refusal(path, f"its {name} is damaged") from error
    if not isinstance(values, dict):
        raise refusal(path, f"its {name} is not a JSON object")
    return values


def check_format(path: Path, config: dict) -> None:
    """Raises a CheckpointError unless this version can read the format that the config names."""
    version = config.get("format")
    if not isinstance(version, int) or version is True or version < 1:
        raise refusal(path, f"its {CONFIG} names no format, so it is not a checkpoint of this program")
    if version > FORMAT:
        raise refusal(
            path, f"its format {version} is newer than {FORMAT}, the newest known here", "update this program"
        )


def model_of(config: dict) -> Any:  # noqa: ANN401  # a value of JSON, which callers check
    """The kind of model that a config names; older checkpoints name none and are IB-INNs."""
    training = config["training"]
    return training.get("model", DEFAULT) if isinstance(training, dict) else DEFAULT


def objective_of(path: Path, config: dict) -> tuple[str, float | None]:
    """The objective and γ; a CheckpointError unless they fit each other and the kind of model."""
    objective, gamma = lookup(config, "training.objective.kind"), lookup(config, "training.objective.gamma")
    if objective not in OBJECTIVES:
        raise refusal(path, f"its objective {shown(objective)} is unknown", "update this program")
    valid = gamma == "inf" or (is_number(gamma) and gamma >= 0) if objective in WITH_GAMMA else gamma is None
    if not valid:
        raise refusal(path, f"its gamma {shown(gamma)} makes no sense for the objective '{objective}'")
    model = model_of(config)
    if not isinstance(model, str) or model not in KINDS:
        raise refusal(path, f"its kind of model {shown(model)} is unknown", "update this program")
    if objective not in KINDS[model].objectives:
        raise refusal(path, f"its objective '{objective}' is none of {KINDS[model].name}")
    return objective, gamma if gamma is None else float(gamma)


def check_description(path: Path, config: dict) -> None:
    """Checks what is read from a config without building its model; raises a CheckpointError."""
    noise, classes, name = (lookup(config, key) for key in ("training.noise", "num_classes", "data.name"))
    try:
        check_noise(noise)
    except ValueError as error:
        raise refusal(path, f"its training noise {shown(noise)} is neither 'uniform' nor a positive sigma") from error
    if not isinstance(classes, int) or isinstance(classes, bool) or classes < 1:
        raise refusal(path, f"its number of classes {shown(classes)} is no positive integer")
    if not isinstance(name, str):
        raise refusal(path, f"its {CONFIG} does not name its data set")
    for key, is_right, what in (
        ("title", _is_text, "a title that is no text"),
        ("fingerprint", _is_text, "a fingerprint that is no text"),
        ("classes", lambda names: _are_names(names, classes), f"other than {classes} names of classes"),
    ):
        value = config["data"].get(key)
        if value is not None and not is_right(value):
            raise refusal(path, f"its {CONFIG} gives its data set {what}")


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value.isprintable() and value.strip() == value != ""


def _are_names(values: object, count: int) -> bool:
    """Whether a JSON value is as many different names as there are classes."""
    return isinstance(values, list) and all(map(_is_text, values)) and len(set(values)) == len(values) == count


def check_card(path: Path, card: dict, model: str) -> None:
    """Raises a CheckpointError unless the card has the numbers that a model of this kind must have."""
    for name in card_numbers(model):
        if not is_number(lookup(card, name)):
            raise refusal(path, f"its {CARD} has no number '{name}'")


def lookup(values: object, name: str) -> Any:  # noqa: ANN401  # a value of JSON, which callers check
    """The value at a path like ``"training.noise"``; ``None`` if there is none."""
    for key in name.split("."):
        values = values.get(key) if isinstance(values, dict) else None
    return values
