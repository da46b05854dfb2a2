"""Whether the file of the weights is whole, found out without reading the weights."""

import json
from pathlib import Path

from .names import WEIGHTS
from .validation import refusal

_MAX_HEADER = 100_000_000  # bytes; the format's own limit


def check_weights(path: Path) -> None:
    """Reads the header of the weights: its length, its JSON, and that the file is as long as it says."""
    weights = path / WEIGHTS
    try:
        size = weights.stat().st_size
        with open(weights, "rb") as file:
            length = int.from_bytes(file.read(8), "little")
            header = json.loads(file.read(length)) if length < min(size, _MAX_HEADER) else None
        ends = [int(entry["data_offsets"][1]) for name, entry in header.items() if name != "__metadata__"]
    except FileNotFoundError as error:
        raise refusal(path, f"it has no {WEIGHTS}") from error
    except (ValueError, LookupError, TypeError, AttributeError, OSError, OverflowError, RecursionError) as error:
        raise refusal(path, f"its {WEIGHTS} is damaged or no safetensors file") from error
    if size != 8 + length + max(ends, default=0):
        raise refusal(path, f"its {WEIGHTS} is cut short or has something appended")
