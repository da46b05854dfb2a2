"""The columns of Tables 1 and 2."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ...data import ood
from ...data.datasets import DATASETS
from ...measures import Measure, on

if TYPE_CHECKING:
    from ...checkpoint import Checkpoint

#: Largest difference in error, in percentage points, between a card and a table with the same weights. Test sets of two
#: machines may differ by a few images.
SAME_ERROR = 0.25
#: Headings of the out-of-distribution sets, and of the average over them.
SET_TITLES = {"average": "Average"} | {name: described.short for name, described in ood.EVERY.items()}
SET_NAMES = {"average": "average"} | {name: described.title for name, described in ood.EVERY.items()}


def columns_of(dataset: str) -> tuple[Measure, ...]:
    """Returns the columns of a table: test-set measures, then outlier measures on average and per set."""
    names = ("average", *ood.sets_of(DATASETS[dataset]))
    of_sets = [replace(one, key=f"{one.key}.{name}", heading=SET_TITLES[name]) for one in on("sets") for name in names]
    return (*on("table"), *of_sets)


def in_groups(columns: Sequence[dict]) -> list[list[dict]]:
    """Groups the columns of a stored table: test set, entropy, detection."""
    of_sets = [[one for one in columns if one["key"].startswith(f"{measure.key}.")] for measure in on("sets")]
    return [[one for one in columns if not any(one in group for group in of_sets)], *of_sets]


def is_of_same_weights(checkpoint: "Checkpoint", row: dict) -> bool:
    """Compares errors to check that a row was measured with the checkpoint's weights."""
    error = row["cells"]["error"]["ours"]
    return error is not None and abs(error - 100 * checkpoint.card["error"]) <= SAME_ERROR
