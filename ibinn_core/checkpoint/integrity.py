"""Whether the file of the weights is complete, without reading the weights."""

from pathlib import Path

from safetensors import SafetensorError, safe_open

from .names import WEIGHTS
from .validation import refusal


def check_weights(path: Path) -> None:
    """Checks that the header of the weights is valid and describes the file to its last byte; reads no tensor.

    Raises:
        CheckpointError: if the file is missing or damaged.
    """
    try:
        with safe_open(path / WEIGHTS, "np"):
            pass
    except FileNotFoundError as error:
        raise refusal(path, f"it has no {WEIGHTS}") from error
    except (SafetensorError, OSError) as error:
        raise refusal(path, f"its {WEIGHTS} is damaged, cut short or has something appended") from error
