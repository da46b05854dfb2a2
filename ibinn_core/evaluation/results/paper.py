"""Tables 1 and 2 as printed in the paper."""

import math
from dataclasses import dataclass

from ...data import ood
from ...data.datasets import DATASETS, DEFAULT

# Numbers in the order of _COLUMNS.
_PRINTED_1 = """
    ib-1                  10.27 5.25  1.26  0.54 3.25  1.13   0.38 0.43 0.40 0.10 0.61   68.76 78.80 67.30 77.19 54.59
    ib-0                  -     4.80  -     -    -     -      -    -    -    -    -      74.51 70.68 85.74 91.14 55.82
    ib-inf                8.72  17.27 3.98  0.81 13.94 5.57   0.28 0.23 0.40 0.00 0.49   61.25 57.04 90.29 50.24 54.40
    class-nll             61.75 4.81  12.61 4.17 30.58 15.70  0.03 0.02 -0.06 0.02 0.12  73.92 70.65 83.31 90.97 55.76
    class-nll-regularized 40.04 4.83  24.75 7.13 70.63 30.11  0.01 0.00 -0.01 0.01 0.02  74.02 69.33 85.13 91.04 55.88
    vib-1                 6.83  -     6.66  0.81 26.56 13.75  0.17 0.14 0.23 0.00 0.32   -     -     -     -     -
    resnet                6.51  -     6.23  0.76 29.29 10.92  0.18 0.16 0.20 0.00 0.34   -     -     -     -     -
    i-revnet              9.22  -     4.19  0.79 16.68 5.54   0.24 0.09 0.38 0.00 0.51   -     -     -     -     -
"""
_PRINTED_2 = """
    ib-0                  -     4.82  -     -    -     -      -     -     -     -     -      70.03 63.35 87.45 85.12 50.99
    ib-0.1                42.57 4.94  2.60  0.58 7.04  4.28   0.50  0.66  0.28  0.35  0.69   68.31 66.53 78.91 81.70 50.75
    ib-inf                33.78 18.44 4.49  0.62 16.76 8.72   0.58  0.52  1.04  0.00  0.77   58.29 47.95 99.37 49.23 49.23
    class-nll             97.92 4.82  16.20 1.02 95.63 43.53  -0.04 -0.14 0.55  -0.53 -0.03  70.26 64.68 86.54 85.19 51.09
    class-nll-regularized 69.28 5.07  13.94 0.75 89.74 40.15  0.00  -0.00 -0.01 0.01  0.01   68.83 64.96 82.19 83.32 50.44
    resnet                29.27 -     5.13  0.65 20.57 10.16  0.60  0.68  0.97  -0.00 0.74   -     -     -     -     -
    i-revnet              37.54 -     5.18  0.63 19.85 11.09  0.51  0.32  1.00  -0.00 0.75   -     -     -     -     -
"""  # noqa: E501


_SETS = ("average", *ood.PAPER_SETS)
_COLUMNS = (
    *("error", "bits_per_dim.mean"),
    *(f"calibration_paper.{name}" for name in ("geometric_mean", "ece", "mce", "ice")),
    *(f"entropy_increase.{name}" for name in _SETS),
    *(f"detection.{name}" for name in _SETS),
)


def _parsed(text: str) -> dict[str, dict[str, float | None]]:
    rows = {}
    for name, *cells in map(str.split, text.strip().splitlines()):
        numbers = [None if cell == "-" else float(cell) for cell in cells]
        rows[name] = dict(zip(_COLUMNS, numbers, strict=True))
    return rows


@dataclass(frozen=True)
class Table:
    """A table of the paper.

    Attributes:
        number, dataset: number of the table, and name of its data set.
        rows: numbers by row and column; ``None`` where the paper prints a dash. Errors, calibration errors and
            detection scores are in percent, entropies in nats.
    """

    number: int
    dataset: str
    rows: dict[str, dict[str, float | None]]

    @property
    def source(self) -> str:
        """Returns the table's source in the paper."""
        title = DATASETS[self.dataset].title
        return f"Ardizzone, Mackowiak, Rother, Köthe (2020), arXiv:2001.06448, Table {self.number} ({title})"

    @property
    def command(self) -> str:
        """Returns the command that measures our models for the table."""
        return "python -m ibinn_core table" + ("" if self.dataset == DEFAULT else f" --data {self.dataset}")

    @property
    def files(self) -> tuple[str, str]:
        """Returns the files of our numbers: the table, and the curves behind its detection scores."""
        curves = "curves.json" if self.dataset == DEFAULT else f"curves{self.number}.json"
        return f"table{self.number}.json", curves


#: Tables by data set.
TABLES = {
    DEFAULT: Table(1, DEFAULT, _parsed(_PRINTED_1)),
    "cifar100": Table(2, "cifar100", _parsed(_PRINTED_2)),
}

TITLES = {
    "ib-1": "IB-INN, γ = 1",
    "ib-0.1": "IB-INN, γ = 0.1",
    "ib-0": "IB-INN, only L_X (γ = 0)",
    "ib-inf": "IB-INN, only L_Y (γ → ∞)",
    "class-nll": "Class-NLL",
    "class-nll-regularized": "Class-NLL, fixed μ",
    "vib-1": "VIB (γ = 1)",
    "resnet": "ResNet",
    "i-revnet": "i-RevNet",
}

#: By the common definition, the paper's bits/dim are 0.65 too low. The correction adds log2 2π, since a constant has
#: the wrong sign in the paper. It subtracts the log-determinant of the division by CIFAR-10's deviations.
BITS_CORRECTION = round(math.log2(2 * math.pi) + sum(map(math.log2, DATASETS[DEFAULT].std)) / 3, 2)


def printed(row: str | None, key: str, dataset: str = DEFAULT) -> float | None:
    """Returns the number that the paper prints; ``None`` for a dash or an unknown cell."""
    return TABLES[dataset].rows[row].get(key) if row else None


def comparable(row: str | None, key: str, dataset: str = DEFAULT) -> float | None:
    """Returns the paper's number by our definition: only bits/dim differ from :func:`printed`."""
    value = printed(row, key, dataset)
    return round(value + BITS_CORRECTION, 2) if value is not None and key == "bits_per_dim.mean" else value


def row_name(objective: str, gamma: float | None, model: str | None = None, dataset: str = DEFAULT) -> str | None:
    """Returns the name of a model's row in the data set's table, or ``None``; ``model`` is its kind."""
    name = model if objective == "cross-entropy" else objective
    if gamma is not None:
        name = f"{name}-{gamma:g}"
    return name if name in TABLES[dataset].rows else None
