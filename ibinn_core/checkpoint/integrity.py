"""Whether the file of the weights is whole, found out without reading the weights."""

from pathlib import Path

from safetensors import SafetensorError, safe_open

from .names import WEIGHTS
from .validation import refusal


def check_weights(path: Path) -> None:
    """Opens the weights: their header must be sound, and describe the file to its last byte. No tensor is read."""
    try:
        with safe_open(path / WEIGHTS, "np"):
            pass
    except FileNotFoundError as error:
        raise refusal(path, f"it has no {WEIGHTS}") from error
    except (SafetensorError, OSError) as error:
        raise refusal(path, f"its {WEIGHTS} is damaged, cut short or has something appended") from error
