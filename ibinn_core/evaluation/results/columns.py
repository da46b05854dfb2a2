"""What is measured of a model: the columns of Tables 1 and 2, where a card holds them, and how a page shows them."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...checkpoint.validation import lookup
from ...data import ood
from ...data.datasets import DATASETS, DEFAULT
from ..measure import stored_cross_entropy

if TYPE_CHECKING:
    from ...checkpoint import Checkpoint

#: The units as they follow a number, with a space before them where one belongs there.
UNITS = {"%": " %", "bits/dim": "", "nats": " nats", "times": " ×"}
#: Most percentage points by which a card's error may differ from the table's for both to be of the same weights; the
#: test sets at hand on two machines may differ by a few images.
SAME_ERROR = 0.25


@dataclass(frozen=True)
class Measure:
    """A number of a model. What the paper prints for it is in :mod:`.paper`, how it is computed in :mod:`.cells`."""

    key: str  # its name in table1.json
    heading: str  # of its column
    title: str  # of its panel
    unit: str  # one of UNITS
    digits: int  # after the point
    explanation: str  # one line
    # Where a card holds the number, such as "bits_per_dim.mean"; None if no card does
    card_path: str | None = None
    better: str = "lower"  # or "higher"
    in_paper: bool = True  # whether the paper's table has it
    # Whether a model needs a likelihood to have it; for the others a posterior is enough
    needs_likelihood: bool = False
    # What a guess scores, in the unit; None where that depends on the data
    chance: float | None = None
    cap: float | None = None  # a value beyond stands at the panel's edge, or None
    is_log: bool = False  # whether a panel has a logarithmic axis, since the families lie decades apart

    def of_card(self, card: dict) -> float | None:
        """The number that a card holds, in the unit of the measure; ``None`` where it holds none.

        Cards hold shares from 0 to 1 where the table has percent.
        """
        value = None if self.card_path is None else lookup(card, self.card_path)
        return None if value is None else (100 if self.unit == "%" else 1) * float(value)

    def description(self) -> dict[str, str]:
        """What ``table1.json`` says of it."""
        return {"key": self.key, "title": self.heading, "unit": self.unit, "better": self.better}

    def text(self, value: float) -> str:
        """The value with its unit, and a real minus sign."""
        return f"{value:.{self.digits}f}{UNITS[self.unit]}".replace("-", "−")


_ERROR = "the share of test images named wrongly"
_BITS = "the mean of −log₂ q(x), for each of the pixel values: how badly the model knows what images look like"
_NLL = (
    "the mean of −ln q(y | x) of the true classes, in nats, also called the classifier's NLL: a mistake counts more, "
    "the surer the model is of it; not in the paper"
)
_POOLED = "the probabilities of all classes pooled in the paper's bins (Appendix C)"
_MEAN = "the geometric mean of the all-classes ECE, MCE and ICE"
_ECE = (
    f"the error of a bin on average over the predictions, {_POOLED}; a bin stands for its centre, so that even a model "
    "that is always sure and right has 0.5 %"
)
_MCE = f"the largest error of a bin, {_POOLED}"
_ICE = f"the error of a bin on average over the confidence from 0 to 1, {_POOLED}"
_TOP = "the usual expected calibration error, of the most probable class, in 15 equal bins; not in the paper"
_SURE = (
    "how many times more often predictions above 99.7 % are wrong than such a confidence allows; 1 would be right, and "
    "a model that is never so sure has none"
)
_ENTROPY = "how much higher the entropy of the posterior is on such images than on the test set, in nats"
_DETECTION = "the area under the ROC curve of the typicality test on single images, where 50 % is a guess"
#: Headings and titles of the out-of-distribution sets, and of the average over them.
SET_TITLES = {"average": "Average"} | {name: described.short for name, described in ood.EVERY.items()}
SET_NAMES = {"average": "average"} | {name: described.title for name, described in ood.EVERY.items()}
_SETS = {name: name in ("average", *ood.PAPER_SETS) for name in ("average", *ood.SETS, DEFAULT)}  # whether in the paper
_OF_3, _BINS, _GUO = "All-classes calibration error, mean of three", "calibration_paper", "calibration_top_label"


def _of_set(key: str, title: str, name: str, unit: str, digits: int, explanation: str, **more: Any) -> Measure:
    """One of an out-of-distribution set, of which higher values are better."""
    titles = SET_TITLES[name], f"{title}: {SET_NAMES[name]}"
    return Measure(f"{key}.{name}", *titles, unit, digits, explanation, better="higher", in_paper=_SETS[name], **more)


QUALITY = (
    Measure("error", "Classif. err.", "Test error", "%", 1, _ERROR, "error", is_log=True),
    Measure(
        "bits_per_dim", "Bits/dim", "Bits/dim", "bits/dim", 2, _BITS, "bits_per_dim.mean", needs_likelihood=True, cap=9
    ),
    Measure(
        "cross_entropy", "Cross-entropy", "Cross-entropy", "nats", 2, _NLL, "cross_entropy", in_paper=False, is_log=True
    ),
    Measure(
        "calibration.geometric_mean", "Calib. geo. mean", _OF_3, "%", 2, _MEAN, f"{_BINS}.geometric_mean", is_log=True
    ),
    Measure("calibration.ece", "ECE", "All-classes ECE", "%", 2, _ECE, f"{_BINS}.ece", is_log=True),
    Measure("calibration.mce", "MCE", "All-classes MCE", "%", 1, _MCE, f"{_BINS}.mce", is_log=True),
    Measure("calibration.ice", "ICE", "All-classes ICE", "%", 1, _ICE, f"{_BINS}.ice", is_log=True),
    Measure("calibration.top_label", "Top-label ECE", "Top-label ECE", "%", 1, _TOP, _GUO, in_paper=False, is_log=True),
    Measure(
        "overconfidence", "Overconfidence", "Overconfidence", "times", 1, _SURE, "overconfidence", in_paper=False, cap=8
    ),
)
ENTROPY = tuple(_of_set("entropy", "Entropy increase", name, "nats", 2, _ENTROPY, chance=0) for name in _SETS)
DETECTION = tuple(
    _of_set("detection", "Detection", name, "%", 1, _DETECTION, needs_likelihood=True, chance=50) for name in _SETS
)
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

    A card comes before the table. A model that never saw a label has a posterior by chance: as in the paper, that is
    left out. A row of ``table1.json`` that is of other weights (:func:`is_of_same_weights`) counts as none.

    Raises:
        CheckpointError: if its ``latent.npz`` is needed and cannot be read.
    """
    cells = row["cells"] if row is not None and is_of_same_weights(checkpoint, row) else {}
    numbers = {}
    for measure in EVERY:
        value = None
        if measure.needs_likelihood or checkpoint.gamma != 0:
            value = measure.of_card(checkpoint.card)
            value = (cells.get(measure.key) or {}).get("ours") if value is None else value
            if value is None and measure.key == "cross_entropy":
                value = stored_cross_entropy(checkpoint)
        numbers[measure.key] = math.nan if value is None else float(value)
    return numbers


def is_of_same_weights(checkpoint: "Checkpoint", row: dict) -> bool:
    """Whether a row of the table was measured with the weights that a checkpoint has now, by the error of both."""
    error = row["cells"]["error"]["ours"]
    return error is not None and abs(error - 100 * checkpoint.card["error"]) <= SAME_ERROR
