"""The tables of the models from their cards, one for each data set: python tools/models_table.py [--short]

Those of docs/models.md, or with ``--short`` that of the README: fewer columns, of CIFAR-10's γ and a ResNet.
"""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import ibinn_core as ib  # noqa: E402
from ibinn_core.measures import BY_KEY  # noqa: E402

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


#: What tells the models apart at first sight.
SHORT = ("model", "test error", "bits/dim: mean", "top label", "separation")


def table(models: list[ib.Checkpoint], columns: tuple[str, ...] = COLUMNS) -> str:
    """A row for each model, in Markdown; a dash is what its kind does not have."""
    lines = [dict(zip(COLUMNS, COLUMNS, strict=True)), *map(_cells, models)]
    head, *rows = (f"| {' | '.join(line[column] for column in columns)} |" for line in lines)
    return "\n".join((head, f"|{' --- |' * len(columns)}", *rows))


def _cells(checkpoint: ib.Checkpoint) -> dict[str, str]:
    card = checkpoint.card
    bits = card.get("bits_per_dim", {})
    cells = (
        checkpoint.id,
        _percent(card["error"]),
        _number(BY_KEY["cross_entropy"].of_checkpoint(checkpoint), ".3f"),
        *(_number(bits.get(key), ".2f") for key in ("mean", "median", "worst")),
        _percent(card["calibration_paper"]["ece"]),
        _percent(card["calibration_top_label"]),
        *(_number(card.get(key), ".2f") for key in ("separation", "latent_spread")),
        _number(card.get("reconstruction"), ".0e"),
    )
    return dict(zip(COLUMNS, cells, strict=True))


def _number(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %"


def main() -> None:
    """Prints them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="the table of the README")
    every = ib.checkpoints()
    if parser.parse_args().short:
        photographs = [one for one in every if one.dataset.name == "cifar10"]
        print(table([one for one in photographs if one.objective == "ib" or one.id == "resnet"], SHORT))
        return
    names = dict.fromkeys(one.dataset.name for one in every)
    print("\n\n".join(table([one for one in every if one.dataset.name == name]) for name in names))


if __name__ == "__main__":
    main()
