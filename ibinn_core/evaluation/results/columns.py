"""The columns of Tables 1 and 2."""

from dataclasses import replace
from typing import TYPE_CHECKING

from ...data import ood
from ...data.datasets import DATASETS, DEFAULT
from ...measures import BY_KEY, Measure, on

if TYPE_CHECKING:
    from ...checkpoint import Checkpoint

#: Most percentage points by which a card's error may differ from the table's for both to be of the same weights; the
#: test sets at hand on two machines may differ by a few images.
SAME_ERROR = 0.25
#: Headings and titles of the out-of-distribution sets, and of the average over them.
SET_TITLES = {"average": "Average"} | {name: described.short for name, described in ood.EVERY.items()}
SET_NAMES = {"average": "average"} | {name: described.title for name, described in ood.EVERY.items()}


def _of_sets(key: str, names: tuple[str, ...]) -> tuple[Measure, ...]:
    """The columns of a measure: the average, and one for each of the sets with these names."""
    measure = BY_KEY[key]
    return tuple(replace(measure, key=f"{key}.{name}", heading=SET_TITLES[name]) for name in ("average", *names))


QUALITY = on("table")
#: Of the sets of both tables.
ENTROPY, DETECTION = (_of_sets(key, (*DATASETS[DEFAULT].outliers, DEFAULT)) for key in ("entropy", "detection"))


def groups_of(dataset: str) -> tuple[tuple[Measure, ...], ...]:
    """The columns of the table of a data set: quality, entropy and detection, each with its data set's sets."""
    names = ood.sets_of(DATASETS[dataset])
    return QUALITY, *(_of_sets(key, names) for key in ("entropy", "detection"))


def columns_of(dataset: str) -> tuple[Measure, ...]:
    """All columns of the table of a data set, in its order."""
    return sum(groups_of(dataset), ())


def is_of_same_weights(checkpoint: "Checkpoint", row: dict) -> bool:
    """Whether a row of the table was measured with the weights that a checkpoint has now, by the error of both."""
    error = row["cells"]["error"]["ours"]
    return error is not None and abs(error - 100 * checkpoint.card["error"]) <= SAME_ERROR
