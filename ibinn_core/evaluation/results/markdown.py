"""The paper's Table 1 or 2 with our own models, as Markdown: our number above the paper's in each cell.

What a reader should learn from it is written by hand, in a section of its own that a new table leaves alone.
"""

import json
from pathlib import Path

from ...data import ood
from ...data.datasets import DATASETS, DEFAULT
from ...files import write_json, write_text
from .cells import OTHER_CIFAR
from .columns import QUALITY, SET_TITLES, Measure, groups_of
from .paper import TABLES

TITLES = (
    "Errors, likelihood and calibration on the test set",
    "Increase of the predictive entropy on out-of-distribution sets (nats)",
    "Out-of-distribution detection by the typicality test (ROC-AUC in %)",
)
LESSONS = "## What to learn from it"
ELSEWHERE = "†"  # behind the title of a model whose weights are not in the repository

_HEAD = """# The paper's Table {number}, with the models here

Written by `{command}`, with all numbers in `table{number}.json` too. In each cell **our number stands above**
*the paper's*, which is from
{source}.
A cell that could not be measured says why; none is filled from the paper. A dash is one that the paper prints."""


def write_table(table: dict, folder: Path) -> list[Path]:
    """Writes the files of the paper's table (:class:`.paper.Table`); the same table gives the same bytes.

    The section :data:`LESSONS` of a page that is there already is kept.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / name for name in TABLES[_dataset(table)].files]
    write_text(files[0], render(table, read_lessons(files[0])))
    write_json(files[1], {key: value for key, value in table.items() if key != "curves"})
    write_curves(table["curves"], files[2])
    return files


def write_curves(curves: dict, path: Path) -> None:
    """Writes ``curves.json`` whole or not at all, a line a curve; the same curves give the same bytes."""
    models = []
    for model, sets in curves["models"].items():
        lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(values)}" for name, values in sets.items())
        models.append(f"{json.dumps(model)}: {{\n{lines}\n}}")
    grid, body = json.dumps(curves["false_alarms"]), ",\n".join(models)
    write_text(path, f'{{"false_alarms": {grid},\n"models": {{\n{body}\n}}}}\n')


def title_of(row: dict) -> str:
    """What a row of a table is called, with the mark :data:`ELSEWHERE` if its weights are not in the repository."""
    return row["title"] + (f" {ELSEWHERE}" if row.get("elsewhere") else "")


def read_lessons(path: Path) -> str:
    """The section :data:`LESSONS` of a table, its heading included; empty if there is none."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    begin = text.find(LESSONS + "\n")
    if begin < 0:
        return ""
    end = text.find("\n## ", begin)
    return text[begin : end if end >= 0 else None].strip()


def render(table: dict, lessons: str = "") -> str:
    """The Markdown of what :func:`.table.build_table` returns, with a section of ``lessons``."""
    printed = TABLES[_dataset(table)]
    parts = [_HEAD.format(source=table["source"], number=printed.number, command=printed.command)]
    for title, columns in zip(TITLES, groups_of(printed.dataset), strict=True):
        head = "| model | " + " | ".join(map(_heading, columns)) + " |"
        rows = [_line(row, columns) for row in table["rows"]]
        parts.append("\n".join([f"## {title}", "", head, "| --- " * (len(columns) + 1) + "|", *rows]))
    parts += [lessons] if lessons else []
    parts.append("\n".join(["## How it was measured", "", *(f"- {note}" for note in _notes(table))]))
    return "\n\n".join(parts) + "\n"


def _dataset(table: dict) -> str:
    """The name of the data set that a table is of, which the first ones did not say."""
    return table.get("data_set", DEFAULT)


def _notes(table: dict) -> list[str]:
    """One item each; what depends on the table first."""
    dataset = _dataset(table)
    title, split = DATASETS[dataset].title, table.get("own_split")
    other = next((SET_TITLES[name] for name in OTHER_CIFAR if name in table["averaged"]), None)
    absent = [SET_TITLES[name] for name in ood.PAPER_SETS if table["sets"][name]["images"] is None]
    counts = [f"{SET_TITLES[name]} {entry['images']:,}" for name, entry in table["sets"].items() if entry["images"]]
    averaged = ", ".join(SET_TITLES[name] for name in table["averaged"]) or "no set"
    instead = f" ({other} in ImageNet's place)" if other else ""
    return [
        f"All {table['test_set']['images']:,} {title} test images at hand, in float32, from the weights as they are"
        f" stored. Images of the other sets: {', '.join(counts) or 'none'}.",
        *([_SPLIT.format(*split, title=title)] if split else []),
        *([f"Not on the machine that measured: {', '.join(absent)}."] if absent else []),
        f"Our averages are over {averaged}{instead}, the paper's over its four sets: arithmetic for entropies,"
        " geometric for detection scores, as the paper's numbers are.",
        "The paper's bits/dim are as printed and, after the arrow, corrected by"
        f" +{table['bits_correction']:.2f} to the common definition, which ours follow: its authors' code leaves out"
        " the log-determinant of the normalisation and takes ½ log 2π with the wrong sign. It also tests images without"
        " dequantisation noise, which is not corrected for: that would add some 0.02 (only L_Y) to 0.11 (only L_X)"
        " to CIFAR-10's.",
        *(_NOTES_ON_TABLE_1 if dataset == DEFAULT else _NOTES_ON_TABLE_2),
        *_tempered(table),
        *_elsewhere(table),
        *_FIXED_NOTES,
    ]


def _tempered(table: dict) -> list[str]:
    """One note that posteriors were raised to a power after the training, if any was."""
    powers = ", ".join(f"{row['power']:.3g} for `{row['id']}`" for row in table["rows"] if "power" in row)
    if not powers:
        return []
    return [
        "After their training, the posteriors of some models were raised to a power and normalised again (temperature"
        f" scaling), each to the one that predicts held-out training images best: {powers}. That changes no error, but"
        " the calibration, the entropies and the cross-entropy; the paper has no such step."
    ]


def _elsewhere(table: dict) -> list[str]:
    """One note on models whose weights are not in the repository, if there are any."""
    ids, dataset = " ".join(row["id"] for row in table["rows"] if row.get("elsewhere")), _dataset(table)
    if not ids:
        return []
    return [
        f"{ELSEWHERE} The weights of this model are not in the repository. `python -m ibinn_core family {ids} --data"
        f" {dataset} --trunks trunks --to runs/checkpoints` trains what the recipe has of these, and"
        f" `IBINN_CHECKPOINTS=:runs/checkpoints {TABLES[dataset].command}` measures it with the others."
    ]


_SPLIT = (
    "**The split is not the official one**: the copy of {title} here was divided anew, into {:,} training and {:,} test"
    " images. Hold our numbers against the paper's only roughly."
)
_NOTES_ON_TABLE_2 = (
    "That is the correction of Table 1, where images are divided by CIFAR-10's deviations; if the authors divided by"
    " CIFAR-100's, it would be +0.74.",
)
_NOTES_ON_TABLE_1 = (
    "The numbers are of one draw of the dequantisation noise.",
    "The models here were trained with label smoothing of 0.05, which keeps probabilities from 1: of the IB-INNs"
    " that learned classes all are seldom surer than 99.7 %, but for γ = 1, whose posterior was raised to a power."
    " Where calibration differs from the paper's, that may be a part of the reason.",
)
_FIXED_NOTES = (
    "After its training, one affine map of an IB-INN's latents is fitted by maximum likelihood on 10,000 training "
    "images (the alignment). It leaves every posterior as it is, and lowers bits/dim, not at γ = 0, and the more "
    "the larger γ is; the paper has no such step.",
    "ECE, MCE and ICE follow the paper's Appendix C; its authors' code (`evaluation/calibration.py`) takes 17 bins, "
    "leaves out those with 20 probabilities or fewer, and integrates by trapezoids.",
    "ECE, MCE and ICE pool the probabilities of all classes in the 19 bins of Appendix C, which stand for their"
    " centres, so that a classifier that is always sure and right has an ECE of 0.5 %; the geometric mean is of these"
    " three. Top-label ECE is the usual one, of the most probable class in 15 equal bins.",
    "Cross-entropy is the mean of -log q(y | x) of the true classes, in nats; elsewhere it is called the classifier's"
    " NLL.",
    "Overconfidence is the error rate among predictions above 99.7 %, divided by 0.3 %: 1 is what such a confidence"
    " allows. The caption of the paper's table names it, its columns do not.",
    "A model's increase of entropy is its mean predictive entropy on the set less that on the test set.",
    "The typicality test takes single images, with the score |NLL - mean NLL of held-out training images|; chance is"
    " 50 %.",
    f"RGB-rot turns colours by 0.3 π about mid-grey and the axis {ood.ROTATION_AXIS}, that of the authors' code."
    f" Noise is uniform up to ±{ood.UNIFORM_AMPLITUDE:.4f} of the pixels' range (the paper does not say how small; this"
    f" has the deviation of the next), Gauss. noise the authors' code's, of deviation {ood.GAUSSIAN_SIGMA}. All sets"
    " are 8-bit images again.",
)


def _heading(column: Measure) -> str:
    unit = f" ({column.unit})" if column in QUALITY and column.unit in ("%", "nats", "times") else ""
    return f"{column.heading}{unit} {'↓' if column.better == 'lower' else '↑'}"


def _line(row: dict, columns: tuple[Measure, ...]) -> str:
    name = f"{title_of(row)}<br>`{row['id']}`" if row["id"] else title_of(row)
    return "| " + " | ".join([name, *(_shown(row["cells"][column.key]) for column in columns)]) + " |"


def _shown(cell: dict) -> str:
    ours = cell["why"] if cell["ours"] is None else f"{cell['ours']:.2f}"
    if not cell["in_paper"]:
        return ours
    printed = "–" if cell["paper"] is None else f"{cell['paper']:.2f}"
    if cell.get("paper_corrected") is not None:
        printed += f" → {cell['paper_corrected']:.2f}"
    return f"{ours}<br>*{printed}*"
