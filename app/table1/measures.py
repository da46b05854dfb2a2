"""The measures of the paper's Tables 1 and 2 as the Trade-off page draws them: of each model here, and as printed.

Numbers in, numbers out: nothing here knows of Streamlit or of files.
"""

import math
from collections.abc import Sequence

from app.figures.metrics import Line
from ibinn_core.checkpoint import LATENT, Checkpoint
from ibinn_core.data.datasets import DEFAULT
from ibinn_core.evaluation.results import paper
from ibinn_core.evaluation.results.columns import (
    BY_KEY,
    DETECTION,
    ENTROPY,
    EVERY,
    QUALITY,
    Measure,
    is_of_same_weights,
    numbers_of,
)
from ibinn_core.measures.scores import SURE, SurePredictions, sure_predictions

NAN = math.nan

_CALIBRATION = tuple(m for m in QUALITY if m.key == "overconfidence" or m.key.startswith("calibration."))
_OF_ALL = ("calibration.geometric_mean", "entropy.average", "detection.average")
#: What the page offers, by what a person calls it; the first is in the spirit of Fig. 6, all together are Fig. 11.
GROUPS = {
    "Overview": (*(m for m in QUALITY if m not in _CALIBRATION), *(BY_KEY[key] for key in _OF_ALL)),
    "Calibration": _CALIBRATION,
    "Entropy out of distribution": ENTROPY,
    "Detection out of distribution": DETECTION,
}


def outdated(checkpoints: Sequence[Checkpoint], rows: dict[str, dict]) -> list[str]:
    """Ids of the models that the table measured with other weights."""
    return [c.id for c in checkpoints if c.id in rows and not is_of_same_weights(c, rows[c.id])]


def our_lines(checkpoints: Sequence[Checkpoint], names: Sequence[str], rows: dict[str, dict]) -> list[Line]:
    """The models here, in the order of γ within a family, in lines; ``rows`` are those of the table, by id."""
    groups: dict[str, list[int]] = {}
    for index, checkpoint in enumerate(checkpoints):
        groups.setdefault(family_of(checkpoint), []).append(index)
    lines = []
    for family, members in groups.items():
        every = [numbers_of(checkpoints[i], rows.get(checkpoints[i].id)) for i in members]
        lines.append(
            Line(
                name=FAMILIES.get(family, names[members[0]]),
                family=family,
                ids=[checkpoints[i].id for i in members],
                names=[names[i] for i in members],
                gammas=[NAN if (g := checkpoints[i].gamma) is None else g for i in members],
                values={m.key: [values[m.key] for values in every] for m in EVERY},
                notes={m.key: [""] * len(members) for m in EVERY}
                | {"overconfidence": [rests_on(sure_of(checkpoints[i])) for i in members]},
            )
        )
    return lines


#: What was counted where a card does not say it, by the digest of the file: to read the arrays of every model takes
#: longer than the rest of a page.
_SURE: dict[str, SurePredictions] = {}


def sure_of(checkpoint: Checkpoint) -> SurePredictions:
    """How many test images a model is surer of than :data:`SURE`, and of how many of these wrongly."""
    if counts := checkpoint.card.get("sure_predictions"):  # on all of them
        return SurePredictions(counts["all"], counts["wrong"])
    digest = checkpoint.manifest.get(LATENT)
    if digest in _SURE:
        return _SURE[digest]
    found = sure_predictions(checkpoint.latent["posterior"], checkpoint.latent["labels"])
    if digest is not None:  # by which the arrays have just been checked
        _SURE[digest] = found
    return found


def counted_of(checkpoint: Checkpoint) -> int:
    """Of how many test images :func:`sure_of` speaks."""
    has_counts = "sure_predictions" in checkpoint.card
    return checkpoint.card["measured"]["images"] if has_counts else len(checkpoint.latent["labels"])


def rests_on(sure: SurePredictions) -> str:
    """The same in words."""
    return f"{sure.wrong:,} of {sure.all:,} predictions above {100 * SURE:.1f} % are wrong"


def paper_lines(table: paper.Table = paper.TABLES[DEFAULT]) -> list[Line]:
    """The rows of a table of the paper, in lines; bits/dim by the common definition, which ours follow."""
    groups: dict[str, list[str]] = {}
    for name in table.rows:
        groups.setdefault(name.partition("-")[0] if name in _PAPER_GAMMAS else name, []).append(name)
    lines = []
    for family, members in groups.items():
        members.sort(key=lambda name: _PAPER_GAMMAS.get(name, NAN))
        lines.append(
            Line(
                name=FAMILIES.get(family, paper.TITLES[members[0]]),
                family=family,
                ids=[None] * len(members),
                names=[paper.TITLES[name] for name in members],
                gammas=[_PAPER_GAMMAS.get(name, NAN) for name in members],
                values={m.key: [_printed(name, m.key, table.dataset) for name in members] for m in EVERY},
                notes={m.key: [_correction(name, m.key, table.dataset) for name in members] for m in EVERY},
                is_paper=True,
            )
        )
    return lines


def measured(lines: Sequence[Line], measures: Sequence[Measure]) -> list[Measure]:
    """The measures that at least one model here has a number for."""
    ours = [line for line in lines if not line.is_paper]
    return [m for m in measures if any(not math.isnan(value) for line in ours for value in line.values[m.key])]


#: What the families are called.
FAMILIES = {
    "ib": "IB-INN",
    "ib-scratch": "only classes, from scratch",
    "class-nll": "class-NLL",
    "class-nll-regularized": "class-NLL, fixed μ",
    "own": "flows of one's own",
    "vib": "VIB",
    "resnet": "ResNet",
    "i-revnet": "i-RevNet",
}
_PAPER_GAMMAS = {"ib-0": 0.0, "ib-0.1": 0.1, "ib-1": 1.0, "ib-inf": math.inf, "vib-1": 1.0}


def family_of(checkpoint: Checkpoint) -> str:
    """The family that a model belongs to, as :attr:`Line.family` has it."""
    if checkpoint.learned_only_classes:
        return "ib-scratch"
    if checkpoint.gamma is not None:
        return checkpoint.objective
    return checkpoint.model if checkpoint.objective == "cross-entropy" else checkpoint.objective


def _printed(name: str, key: str, dataset: str) -> float:
    value = paper.comparable(name, key, dataset)
    return NAN if value is None else value


def _correction(name: str, key: str, dataset: str) -> str:
    printed = paper.printed(name, key, dataset)
    if printed == paper.comparable(name, key, dataset):
        return ""
    return f"printed as {printed:.2f}, by another definition"
