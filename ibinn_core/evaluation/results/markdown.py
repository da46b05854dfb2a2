"""The paper's Table 1 or 2 as Markdown, with our number above the paper's in each cell."""

import json
from pathlib import Path

from ...data.datasets import DATASETS
from ...files import write_bytes, write_json, writing
from .columns import SET_TITLES, in_groups
from .paper import TABLES

TITLES = (
    "Errors, likelihood and calibration on the test set",
    "Increase of the predictive entropy on out-of-distribution sets",
    "Out-of-distribution detection by the typicality test (ROC-AUC)",
)
ELSEWHERE = "†"  # marks a model whose weights are not in the repository


def write_table(table: dict, folder: Path) -> list[Path]:
    """Writes the files of the paper's table (:class:`.paper.Table`)."""
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    numbers, curves = (folder / name for name in TABLES[table["data_set"]].files)
    write_json(numbers, {key: value for key, value in table.items() if key != "curves"})
    write_bytes(curves, f"{json.dumps(table['curves'])}\n".encode())
    return [numbers, curves]


def title_of(row: dict) -> str:
    """Returns the title of a row, with :data:`ELSEWHERE` if its weights are not in the repository."""
    return row["title"] + (f" {ELSEWHERE}" if row.get("elsewhere") else "")


def render(table: dict) -> str:
    """Renders a table of :func:`.table.build_table` as Markdown, without rows and columns that lack our numbers."""
    parts = []
    for title, group in zip(TITLES, in_groups(table["columns"]), strict=True):
        columns = [one for one in group if any(_is_measured(row, one) for row in table["rows"])]
        rows = [_line(row, columns) for row in table["rows"] if any(_is_measured(row, one) for one in columns)]
        head = "| model | " + " | ".join(map(_heading, columns)) + " |"
        parts.append("\n".join([f"### {title}", "", head, "| --- " * (len(columns) + 1) + "|", *rows]))
    parts.append("\n".join(["### What it was measured on", "", *(f"- {note}" for note in _notes(table))]))
    return "\n\n".join(parts)


def _is_measured(row: dict, column: dict) -> bool:
    return row["cells"][column["key"]]["ours"] is not None


def _notes(table: dict) -> list[str]:
    """Returns the table's notes, one per item."""
    dataset, split, sets = table["data_set"], table.get("custom_split"), table["sets"]
    counts = ", ".join(f"{SET_TITLES[name]} {one['images']:,}" for name, one in sets.items() if one["images"])
    missing = ", ".join(SET_TITLES[name] for name, one in sets.items() if not one["images"])
    notes = [
        f"{table['test_set']['images']:,} {DATASETS[dataset].title} test images, in float32.",
        f"Images of other sets: {counts}." + (f" Missing here: {missing}." if missing else ""),
        f"Averages over: {', '.join(SET_TITLES[name] for name in table['averaged']) or 'no set'}.",
        f"The paper's numbers: {table['source']}. After the arrow, the paper's bits/dim are corrected by "
        f"+{table['bits_correction']:.2f}.",
    ]
    if split:
        notes.append("**The split is ours**: {:,} training and {:,} test images.".format(*split))
    if powers := ", ".join(f"{row['power']:.3g} for `{row['id']}`" for row in table["rows"] if "power" in row):
        notes.append(f"Temperature: scores were multiplied after training by {powers}.")
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
