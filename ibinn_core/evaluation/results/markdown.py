"""The paper's Table 1 or 2 as Markdown: our number above the paper's in each cell.

What follows :data:`BY_HAND` is kept when the page is written anew.
"""

import json
from pathlib import Path

from ...data.datasets import DATASETS
from ...files import write_bytes, write_json
from .columns import SET_TITLES, in_groups
from .paper import TABLES

TITLES = (
    "Errors, likelihood and calibration on the test set",
    "Increase of the predictive entropy on out-of-distribution sets",
    "Out-of-distribution detection by the typicality test (ROC-AUC)",
)
BY_HAND = "<!-- What follows is written by hand. -->"
ELSEWHERE = "†"  # behind the title of a model whose weights are not in the repository

_HEAD = """# The paper's Table {number}, with the models here

`{command}` writes the tables; `table{number}.json` has all their numbers. In each cell **our number stands above**
*the paper's*, which is from
{source}.
A cell that could not be measured says why; none is filled from the paper. A dash is one that the paper prints."""


def write_table(table: dict, folder: Path) -> list[Path]:
    """Writes the files of the paper's table (:class:`.paper.Table`)."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / name for name in TABLES[table["data_set"]].files]
    earlier = files[0].read_text(encoding="utf-8") if files[0].exists() else ""
    write_bytes(files[0], render(table, earlier).encode())
    write_json(files[1], {key: value for key, value in table.items() if key != "curves"})
    write_bytes(files[2], f"{json.dumps(table['curves'])}\n".encode())
    return files


def title_of(row: dict) -> str:
    """The title of a row, with the mark :data:`ELSEWHERE` if its weights are not in the repository."""
    return row["title"] + (f" {ELSEWHERE}" if row.get("elsewhere") else "")


def render(table: dict, page: str = "") -> str:
    """The Markdown of a table, with what follows :data:`BY_HAND` in an earlier page."""
    printed = TABLES[table["data_set"]]
    parts = [_HEAD.format(source=table["source"], number=printed.number, command=printed.command)]
    for title, columns in zip(TITLES, in_groups(table["columns"]), strict=True):
        head = "| model | " + " | ".join(map(_heading, columns)) + " |"
        rows = [_line(row, columns) for row in table["rows"]]
        parts.append("\n".join([f"## {title}", "", head, "| --- " * (len(columns) + 1) + "|", *rows]))
    parts.append("\n".join(["## What it was measured on", "", *(f"- {note}" for note in _notes(table))]))
    return "\n\n".join(parts) + f"\n\n{BY_HAND}" + (page.partition(BY_HAND)[2] or "\n")


def _notes(table: dict) -> list[str]:
    """One item each."""
    dataset, split = table["data_set"], table.get("own_split")
    sets = {SET_TITLES[name]: entry["images"] for name, entry in table["sets"].items()}
    counts = [f"{title} {count:,}" if count else f"{title} –" for title, count in sets.items()]
    notes = [
        f"{table['test_set']['images']:,} {DATASETS[dataset].title} test images, in float32.",
        f"Images of the other sets, where a dash is a set that was not there: {', '.join(counts)}.",
        f"Averages over: {', '.join(SET_TITLES[name] for name in table['averaged']) or 'no set'}.",
        f"The paper's bits/dim are, after the arrow, corrected by +{table['bits_correction']:.2f}.",
    ]
    if split:
        notes.append("**The split is not the official one**: {:,} training and {:,} test images.".format(*split))
    if powers := ", ".join(f"{row['power']:.3g} for `{row['id']}`" for row in table["rows"] if "power" in row):
        notes.append(f"Posteriors that were raised to a power after the training: {powers}.")
    if ids := " ".join(row["id"] for row in table["rows"] if row.get("elsewhere")):
        notes.append(f"{ELSEWHERE} The weights are not in the repository: {ids}.")
    return notes


def _heading(column: dict) -> str:
    unit = "" if column["unit"] == "bits/dim" else f" ({column['unit']})"
    return f"{column['title']}{unit} {'↓' if column['better'] == 'lower' else '↑'}"


def _line(row: dict, columns: list[dict]) -> str:
    name = f"{title_of(row)}<br>`{row['id']}`" if row["id"] else title_of(row)
    return "| " + " | ".join([name, *(_shown(row["cells"][column["key"]]) for column in columns)]) + " |"


def _shown(cell: dict) -> str:
    ours = cell["why"] if cell["ours"] is None else f"{cell['ours']:.2f}"
    if not cell["in_paper"]:
        return ours
    printed = "–" if cell["paper"] is None else f"{cell['paper']:.2f}"
    if cell.get("paper_corrected") is not None:
        printed += f" → {cell['paper_corrected']:.2f}"
    return f"{ours}<br>*{printed}*"
