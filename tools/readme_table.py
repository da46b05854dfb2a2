"""The table of the models in the README, from their cards: python tools/readme_table.py"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import ibinn_core as ib  # noqa: E402

COLUMNS = (
    "model",
    "test error",
    "bits/dim",
    "median",
    "worst image",
    "calibration error, paper's bins",
    "top label",
    "separation",
    "latent spread",
    "reconstruction",
)


def rows() -> list[str]:
    """A row a model of the γ family, in Markdown, in the order in which the library lists them."""
    return [_row(checkpoint) for checkpoint in ib.checkpoints() if checkpoint.has_likelihood]


def _row(checkpoint: ib.Checkpoint) -> str:
    card, bits = checkpoint.card, checkpoint.card["bits_per_dim"]
    cells = (
        checkpoint.id,
        _percent(card["error"]),
        f"{bits['mean']:.2f}",
        f"{bits['median']:.2f}",
        f"{bits['worst']:.2f}",
        _percent(card["calibration_paper"]["ece"]),
        _percent(card["calibration_top_label"]),
        f"{card['separation']:.2f}",
        f"{card['latent_spread']:.2f}",
        f"{card['reconstruction']:.0e}",
    )
    return f"| {' | '.join(cells)} |"


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %"


if __name__ == "__main__":
    print("\n".join((f"| {' | '.join(COLUMNS)} |", f"|{' --- |' * len(COLUMNS)}", *rows())))
