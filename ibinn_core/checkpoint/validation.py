"""The checks of a checkpoint's ``config.json`` and ``card.json``, and the errors for those that fail."""

import json
import os
import sys
from pathlib import Path
from typing import Any, NoReturn

from pydantic import BaseModel, ValidationError

from ..data.datasets import MOST_CLASSES
from ..files import OLD, PARTIAL
from ..models.config import TrainingConfig
from ..models.kinds import DEFAULT, KINDS, OBJECTIVES, OWN, WITH_GAMMA
from ..models.preprocessing import check_noise
from ..models.schema import Problem, first_problem, shown
from .names import CARD, CONFIG, FORMAT, card_numbers
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


def is_number(value: object) -> bool:
    """Whether a JSON value is a finite number."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < sys.float_info.max


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
    if objective not in (*KINDS[model].objectives, OWN):
        raise refusal(path, f"its objective '{objective}' is none of {KINDS[model].name}")
    return objective, gamma if gamma is None else float(gamma)


def check_config(path: Path, config: dict) -> TrainingConfig:
    """Checks all values of a config but its format, and returns its training.

    Raises:
        CheckpointError: for a value that is missing, of another type or out of its range.
    """
    noise = lookup(config, "training.noise")
    try:
        check_noise(noise)
    except ValueError as error:
        raise refusal(path, f"its training noise {shown(noise)} is neither 'uniform' nor a positive sigma") from error
    problem = _problem(Config, config)
    if problem is not None:
        raise refusal(path, _of_config(problem, config))
    classes = config["data"].get("classes")
    if classes is not None and not len(set(classes)) == len(classes) == config["num_classes"]:
        raise refusal(path, _other_names(config))
    try:
        return TrainingConfig.from_dict(config["training"])
    except Exception as error:  # what a stranger's values do to the checks of a config is anyone's guess
        raise refusal(path, f"its {CONFIG} does not describe a model ({brief(error)})") from error


def _of_config(problem: Problem, config: dict) -> str:
    """What does not fit, in words to follow "is refused:"."""
    if problem.name in ("data", "data.name"):
        return f"its {CONFIG} does not name its data set"
    if problem.name.startswith("data.classes"):
        return _other_names(config)
    if problem.name in ("data.title", "data.fingerprint"):
        return f"its {CONFIG} gives its data set a {problem.name.removeprefix('data.')} that is no text of its kind"
    if problem.name == "num_classes":
        return f"its number of classes {shown(problem.value)} is no whole number from 1 to {MOST_CLASSES}"
    return f"its {CONFIG} is not valid: {problem.text}"


def _other_names(config: dict) -> str:
    return f"its {CONFIG} gives its data set other than {config['num_classes']} names of classes"


def check_card(path: Path, card: dict, model: str) -> None:
    """Raises a CheckpointError unless the card has the numbers that a model of this kind must have, in their ranges."""
    problem = _problem(card_of(model), card)
    if problem is None:
        return
    missing = [name for name in card_numbers(model) if f"{name}.".startswith(f"{problem.name}.")]
    if missing and not problem.is_range:
        raise refusal(path, f"its {CARD} has no number '{missing[0]}'")
    raise refusal(path, f"its {CARD} is not valid: {problem.text}")


def _problem(schema: type[BaseModel], values: dict) -> Problem | None:
    try:
        schema.model_validate(values)
    except ValidationError as error:
        return first_problem(error)
    return None


def lookup(values: object, name: str) -> Any:  # a value of JSON, which callers check
    """The value at a path like ``"training.noise"``; ``None`` if there is none."""
    for key in name.split("."):
        values = values.get(key) if isinstance(values, dict) else None
    return values
