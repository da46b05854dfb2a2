"""The numbers of a model in the columns of Tables 1 and 2: from its card, else from a table measured before."""

import math
from typing import TYPE_CHECKING

from ..measure import stored_cross_entropy
from .columns import BY_KEY

if TYPE_CHECKING:
    from ...checkpoint import Checkpoint

#: Most percentage points by which a card's error may differ from the table's for both to be of the same weights; the
#: test sets at hand on two machines may differ by a few images.
SAME_ERROR = 0.25


def numbers_of(checkpoint: "Checkpoint", row: dict | None = None) -> dict[str, float]:
    """All that is measured of a model, by the columns' keys and in their units; NaN for the rest.

    A model that never saw a label has a posterior by chance: as in the paper, that is left out. A row of
    ``table1.json`` that is of other weights (:func:`is_of_same_weights`) counts as none.

    Raises:
        CheckpointError: if its ``latent.npz`` is needed and cannot be read.

    Example:
        >>> from ibinn_core.evaluation.table1.numbers import numbers_of
        >>> numbers = numbers_of(next(c for c in ib.checkpoints() if c.id == "gamma-1"))
        >>> 5 < numbers["error"] < 20, numbers["detection.noise"]  # per cent; not on a card
        (True, nan)
    """
    cells = row["cells"] if row is not None and is_of_same_weights(checkpoint, row) else {}
    numbers = {}
    for column in BY_KEY.values():
        value = None
        if column.needs_likelihood or checkpoint.gamma != 0:
            value = column.of_card(checkpoint.card)
            value = (cells.get(column.key) or {}).get("ours") if value is None else value
            if value is None and column.key == "cross_entropy":
                value = stored_cross_entropy(checkpoint)
        numbers[column.key] = math.nan if value is None else float(value)
    return numbers


def is_of_same_weights(checkpoint: "Checkpoint", row: dict) -> bool:
    """Whether a row of the table was measured with the weights that a checkpoint has now, by the error of both."""
    error = row["cells"]["error"]["ours"]
    return error is not None and abs(error - 100 * checkpoint.card["error"]) <= SAME_ERROR
