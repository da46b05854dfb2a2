"""The catalogue of Tables 1 and 2: what each column is, which models can have it, and where a card holds it."""

from dataclasses import dataclass

from ...checkpoint.validation import lookup
from ...data import ood
from ...data.datasets import DATASETS, DEFAULT


@dataclass(frozen=True)
class Column:
    """A column of either table. What the paper prints in it is in :mod:`.paper`."""

    key: str  # its name in table1.json
    title: str  # its heading
    unit: str  # of its numbers: "%", "bits/dim", "nats" or "times"
    better: str  # "lower" or "higher"
    in_paper: bool = True  # whether the paper's table has it
    # Whether a model needs a likelihood to have it; for the others a posterior is enough
    needs_likelihood: bool = False
    # Where a card holds the number, such as "bits_per_dim.mean"; None if no card does
    card_path: str | None = None
    # What a guess scores, in the unit of the column; None where that depends on the data
    chance: float | None = None

    def of_card(self, card: dict) -> float | None:
        """The number that a card holds, in the unit of the column; ``None`` where it holds none.

        Cards hold shares from 0 to 1 where the table has percent.
        """
        value = None if self.card_path is None else lookup(card, self.card_path)
        if value is None:
            return None
        return (100 if self.unit == "%" else 1) * float(value)

    def description(self) -> dict[str, str]:
        """What ``table1.json`` says of the column: key, title, unit, and which values are better."""
        return {"key": self.key, "title": self.title, "unit": self.unit, "better": self.better}


#: Titles of the out-of-distribution sets, and of the average over them.
SET_TITLES = {"average": "Average"} | {name: described.short for name, described in ood.EVERY.items()}


def _of_sets(measure: str, unit: str, needs_likelihood: bool, chance: float, dataset: str) -> tuple[Column, ...]:
    """A column for each out-of-distribution set of a data set, and one for the average over them."""
    names = ("average", *ood.sets_of(DATASETS[dataset]))
    return tuple(
        Column(
            f"{measure}.{name}",
            SET_TITLES[name],
            unit,
            "higher",
            in_paper=name == "average" or name in ood.PAPER_SETS,
            needs_likelihood=needs_likelihood,
            chance=chance,
        )
        for name in names
    )


QUALITY = (
    Column("error", "Classif. err.", "%", "lower", card_path="error"),
    Column("bits_per_dim", "Bits/dim", "bits/dim", "lower", needs_likelihood=True, card_path="bits_per_dim.mean"),
    Column("cross_entropy", "Cross-entropy", "nats", "lower", in_paper=False, card_path="cross_entropy"),
    Column(
        "calibration.geometric_mean", "Calib. geo. mean", "%", "lower", card_path="calibration_paper.geometric_mean"
    ),
    Column("calibration.ece", "ECE", "%", "lower", card_path="calibration_paper.ece"),
    Column("calibration.mce", "MCE", "%", "lower", card_path="calibration_paper.mce"),
    Column("calibration.ice", "ICE", "%", "lower", card_path="calibration_paper.ice"),
    Column("calibration.top_label", "Top-label ECE", "%", "lower", in_paper=False, card_path="calibration_top_label"),
    Column("overconfidence", "Overconfidence", "times", "lower", in_paper=False, card_path="overconfidence"),
)


def entropy_of(dataset: str) -> tuple[Column, ...]:
    """The increase of the predictive entropy on the out-of-distribution sets of a data set, by its name."""
    return _of_sets("entropy", "nats", needs_likelihood=False, chance=0, dataset=dataset)


def detection_of(dataset: str) -> tuple[Column, ...]:
    """The detection of the same sets."""
    return _of_sets("detection", "%", needs_likelihood=True, chance=50, dataset=dataset)


def columns_of(dataset: str) -> tuple[Column, ...]:
    """All columns of the table of a data set, in its order."""
    return QUALITY + entropy_of(dataset) + detection_of(dataset)


ENTROPY, DETECTION, COLUMNS = entropy_of(DEFAULT), detection_of(DEFAULT), columns_of(DEFAULT)  # of Table 1
#: Those of both tables.
BY_KEY = {column.key: column for name in (DEFAULT, "cifar100") for column in columns_of(name)}
