"""Writes the measured numbers into README.md and docs/models.md: python tools/models_table.py

It replaces each passage between ``<!-- generated: NAME -->`` and ``<!-- end -->``. ``cards`` lists all
models, ``short`` CIFAR-10's IB-INNs and ResNet. ``table1`` and ``table2`` are those of ``python -m ibinn_core table``.
"""

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import ibinn_core as ib  # noqa: E402
from app.widgets.markdown import markdown_text  # noqa: E402
from ibinn_core.evaluation.results.markdown import render  # noqa: E402

FILES = (ROOT / "README.md", ROOT / "docs" / "models.md")
REGION = re.compile(r"(?<=<!-- generated: )(\w+)( -->\n).*?(?=<!-- end -->)", re.S)
COLUMNS = ("model", "test error", "bits/dim", "top label", "separation")


def filled(text: str) -> str:
    """Fills in a document's numbers from the files in the repository."""
    return REGION.sub(lambda found: f"{found[1]}{found[2]}\n{_passage(found[1])}\n\n", text)


def _passage(name: str) -> str:
    if name.startswith("table"):
        table = json.loads((ROOT / "docs" / f"{name}.json").read_text("utf-8"))
        rows = [{**row, "title": markdown_text(row["title"])} for row in table["rows"]]
        return render({**table, "rows": rows})
    models = ib.checkpoints()
    if name == "short":
        models = [
            one for one in models if one.dataset.name == "cifar10" and (one.objective == "ib" or one.id == "resnet")
        ]
    rows = [COLUMNS, ("---",) * len(COLUMNS), *map(_cells, models)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _cells(checkpoint: ib.Checkpoint) -> tuple[str, ...]:
    """Returns the cells of a row, with dashes for values that this kind of model lacks."""
    card = checkpoint.card
    bits, separation = card.get("bits_per_dim", {}).get("mean"), card.get("separation")
    numbers = ("–" if number is None else f"{number:.2f}" for number in (bits, separation))
    error, ece = (f"{100 * card[key]:.1f} %" for key in ("error", "calibration_top_label"))
    return markdown_text(checkpoint.id), error, next(numbers), ece, next(numbers)


def main() -> None:
    """Updates the documents."""
    for file in FILES:
        file.write_text(filled(file.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
