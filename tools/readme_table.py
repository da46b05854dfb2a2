"""The tables of the models in the README, one for each data set, from their cards: python tools/readme_table.py"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import ibinn_core as ib  # noqa: E402

COLUMNS = (
    "model",
    "test error",
    "cross-entropy",
    "bits/dim: mean",
    "median",
    "worst",
    "ECE: all classes",
    "top label",
    "separation",
    "latent spread",
    "reconstruction",
)


def table(dataset: str) -> str:
    """A row for each model, in Markdown, in the library's order; a dash is what its kind does not have."""
    rows = [_row(one) for one in ib.checkpoints() if one.dataset.name == dataset]
    return "\n".join((f"| {' | '.join(COLUMNS)} |", f"|{' --- |' * len(COLUMNS)}", *rows))


def _row(checkpoint: ib.Checkpoint) -> str:
    card = checkpoint.card
    bits = card.get("bits_per_dim", {})
    cells = (
        checkpoint.id,
        _percent(card["error"]),
        _number(ib.evaluation.stored_cross_entropy(checkpoint), ".3f"),
        *(_number(bits.get(key), ".2f") for key in ("mean", "median", "worst")),
        _percent(card["calibration_paper"]["ece"]),
        _percent(card["calibration_top_label"]),
        *(_number(card.get(key), ".2f") for key in ("separation", "latent_spread")),
        _number(card.get("reconstruction"), ".0e"),
    )
    return f"| {' | '.join(cells)} |"


def _number(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %"


if __name__ == "__main__":
    print("\n\n".join(table(dataset) for dataset in dict.fromkeys(one.dataset.name for one in ib.checkpoints())))
