"""The columns of Tables 1 and 2, and the numbers of a model in them."""

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from ...data import ood
from ...data.datasets import DATASETS, DEFAULT
from ...measures import Measure, on

if TYPE_CHECKING:
    from ...checkpoint import Checkpoint

#: Most percentage points by which a card's error may differ from the table's for both to be of the same weights; the
#: test sets at hand on two machines may differ by a few images.
SAME_ERROR = 0.25
#: Headings and titles of the out-of-distribution sets, and of the average over them.
SET_TITLES = {"average": "Average"} | {name: described.short for name, described in ood.EVERY.items()}
SET_NAMES = {"average": "average"} | {name: described.title for name, described in ood.EVERY.items()}


def _of_sets(key: str) -> tuple[Measure, ...]:
    """The columns of a measure, one for each set of both tables."""
    (measure,) = [one for one in on("sets") if one.key == key]
    return tuple(
        replace(measure, key=f"{key}.{name}", heading=SET_TITLES[name], name=f"{measure.name}: {SET_NAMES[name]}")
        for name in ("average", *DATASETS[DEFAULT].outliers, DEFAULT)
    )


QUALITY = on("table")
ENTROPY, DETECTION = _of_sets("entropy"), _of_sets("detection")
#: Those of both tables, and of each by its data set, as they stand together.
EVERY = QUALITY + ENTROPY + DETECTION
BY_KEY = {measure.key: measure for measure in EVERY}


def groups_of(dataset: str) -> tuple[tuple[Measure, ...], ...]:
    """The columns of the table of a data set: quality, entropy and detection, each with its data set's sets."""
    names = ("average", *ood.sets_of(DATASETS[dataset]))
    return QUALITY, *(tuple(BY_KEY[f"{of}.{name}"] for name in names) for of in ("entropy", "detection"))


def columns_of(dataset: str) -> tuple[Measure, ...]:
    """All columns of the table of a data set, in its order."""
    return sum(groups_of(dataset), ())


COLUMNS = columns_of(DEFAULT)  # of Table 1


def numbers_of(checkpoint: "Checkpoint", row: dict | None = None) -> dict[str, float]:
    """All that is measured of a model, by the measures' keys and in their units; NaN for the rest.

    A card comes before the table. A row of ``table1.json`` that is of other weights (:func:`is_of_same_weights`) counts
    as none.

    Raises:
        CheckpointError: if its ``latent.npz`` is needed and cannot be read.
    """
    cells = row["cells"] if row is not None and is_of_same_weights(checkpoint, row) else {}
    numbers = {}
    for measure in EVERY:
        value = measure.of_card(checkpoint.card) if measure in QUALITY else None
        value = (cells.get(measure.key) or {}).get("ours") if value is None else value
        value = measure.of_checkpoint(checkpoint) if value is None and measure in QUALITY else value
        numbers[measure.key] = math.nan if value is None else float(value)
    return numbers


def is_of_same_weights(checkpoint: "Checkpoint", row: dict) -> bool:
    """Whether a row of the table was measured with the weights that a checkpoint has now, by the error of both."""
    error = row["cells"]["error"]["ours"]
    return error is not None and abs(error - 100 * checkpoint.card["error"]) <= SAME_ERROR
