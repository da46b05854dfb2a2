"""The checks of a checkpoint's ``config.json`` and ``card.json``, and the errors for those that fail."""

import json
import os
from pathlib import Path
from typing import Any, NoReturn

from pydantic import BaseModel, ValidationError

from ..files import OLD, PARTIAL
from ..models.config import TrainingConfig
from ..models.kinds import DEFAULT
from ..models.schema import first_problem, shown
from .names import CARD, CONFIG, FORMAT
from .schema import Config, card_of

#: What to do where nobody builds a flow of one's own.
HOW_TO_GIVE = (
    "if you have the file that builds it and trust it, name it in IBINN_FLOWS, or register the flow with "
    "ibinn_core.register_flow"
)


class CheckpointError(ValueError):
    """Raised for a checkpoint that cannot be used; the message says which one, why, and what to do.

    Example:
        >>> ib.load("gamma-one")
        Traceback (most recent call last):
        ibinn_core.checkpoint.validation.CheckpointError: There is no checkpoint 'gamma-one'; known ones: only-lx, ...
    """


def id_of(path: Path) -> str:
    """The id of the checkpoint in the folder ``path``: the folder's name; for a repository of the Hub that one's."""
    folder = Path(os.path.abspath(path))
    if folder.parent.name == "snapshots":  # models--OWNER--NAME/snapshots/COMMIT, in the cache of huggingface_hub
        return folder.parent.parent.name.rpartition("--")[2]
    return folder.name.removesuffix(OLD).removesuffix(PARTIAL)


def refusal(path: Path, reason: str, remedy: str = "fetch or export it again") -> CheckpointError:
    """The error that says why the checkpoint in the folder ``path`` is refused, and what to do."""
    return CheckpointError(f"Checkpoint {shown(id_of(path))} is refused: {reason}; {remedy}.")


def brief(error: Exception) -> str:
    """The message of an error in one line of at most 200 characters."""
    return " ".join(str(error).split())[:200].rstrip(".") or type(error).__name__


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")  # which Python's parser takes for a number


def parse_json(path: Path, name: str, data: bytes) -> dict:
    """The JSON object that the file ``name`` of a checkpoint holds; a CheckpointError if it is damaged."""
    try:
        values = json.loads(data.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
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
            path, f"its format {shown(version)} is newer than {FORMAT}, the newest known here", "update this program"
        )


def model_of(config: dict) -> Any:  # a value of JSON, which callers check
    """The kind of model that a config names; older checkpoints name none and are IB-INNs."""
    training = config.get("training")
    return training.get("model", DEFAULT) if isinstance(training, dict) else DEFAULT


def check_config(path: Path, config: dict) -> TrainingConfig:
    """Checks all values of a config but its format, and returns its training.

    Raises:
        CheckpointError: for a value that is missing, of another type or out of its range.
    """
    _check(path, CONFIG, Config, config)
    try:
        return TrainingConfig.from_dict(config["training"])
    except Exception as error:  # what a stranger's values do to the checks of a config is anyone's guess
        raise refusal(path, f"its {CONFIG} does not describe a model ({brief(error)})") from error


def check_card(path: Path, card: dict, model: str) -> None:
    """Raises a CheckpointError unless the card has the numbers that a model of this kind must have, in their ranges."""
    _check(path, CARD, card_of(model), card)


def _check(path: Path, name: str, schema: type[BaseModel], values: dict) -> None:
    try:
        schema.model_validate(values)
    except ValidationError as error:
        raise refusal(path, f"its {name} is not valid: {first_problem(error)}") from error


def lookup(values: object, name: str) -> Any:  # a value of JSON, which callers check
    """The value at a path like ``"training.noise"``; ``None`` if there is none."""
    for key in name.split("."):
        values = values.get(key) if isinstance(values, dict) else None
    return values
