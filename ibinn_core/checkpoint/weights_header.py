"""Whether the file of the weights is complete; its header alone is read."""

from pathlib import Path

from safetensors import SafetensorError, safe_open

from ..files import UnreadableError, check_regular
from .names import LIMITS, LONGEST_HEADER, WEIGHTS
from .validation import refusal


def check_weights(path: Path) -> None:
    """Checks that the header of the weights in the folder ``path`` is valid and describes the file to its last byte.

    Raises:
        CheckpointError: if the file is missing or damaged.
    """
    damaged = f"its {WEIGHTS} is damaged"
    try:
        check_regular(path / WEIGHTS, LIMITS[WEIGHTS])
        with open(path / WEIGHTS, "rb") as file:
            length = int.from_bytes(file.read(8), "little")
        if length > LONGEST_HEADER:
            raise refusal(
                path,
                f"{damaged}: it is no safetensors file, or has a header of more than {LONGEST_HEADER // 2**20} MiB",
            )
        with safe_open(path / WEIGHTS, "np"):
            pass
    except FileNotFoundError as error:
        raise refusal(path, f"it has no {WEIGHTS}") from error
    except UnreadableError as error:
        raise refusal(path, f"{damaged}: it {error}") from error
    except (SafetensorError, OSError) as error:
        raise refusal(path, f"{damaged}, cut short or has something appended") from error
