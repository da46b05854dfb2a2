"""Kinds of arguments that commands share."""

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..checkpoint import Checkpoint

Commands = argparse._SubParsersAction  # which a command adds itself to


def gamma(text: str) -> float:
    """γ on the command line: 0, a positive number, or ``inf``."""
    value = float(text)
    if not value >= 0:
        raise argparse.ArgumentTypeError(f"gamma must be 0, positive or inf, not {text}")
    return value


def noise(text: str) -> str | float:
    """Training noise on the command line: ``uniform`` or σ."""
    from ..models.preprocessing import check_noise

    try:
        return check_noise(text if text == "uniform" else float(text))
    except ValueError as error:
        message = f"noise must be 'uniform' or a positive sigma in units of [0, 1], not {text!r}"
        raise argparse.ArgumentTypeError(message) from error


def checkpoints(names: list[str]) -> list["Checkpoint"]:
    """The checkpoints of these ids or folders; all that are listed if none is named.

    Raises:
        ValueError: if there is none.
    """
    from .. import checkpoint as registry

    found = [registry.find(name) for name in names] or registry.checkpoints()
    if not found:
        raise ValueError(f"there is no checkpoint in {' or '.join(map(str, registry.folders()))}")
    return found
