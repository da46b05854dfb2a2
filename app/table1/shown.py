"""What the pages Trade-off and Table 1 show: the models here, what was measured of them, and what is missing."""

from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

import streamlit as st

from app.figures.metrics import Line
from app.models import registry
from app.models.names import unique_names
from app.models.pickers import explain_no_checkpoint
from app.table1 import results as found
from app.table1.measures import measured, our_lines, outdated, paper_lines
from app.widgets.markdown import listed
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.data import ood
from ibinn_core.evaluation.results.columns import BY_KEY, DETECTION, ENTROPY, SET_NAMES
from ibinn_core.evaluation.results.paper import TABLES, Table


class Shown(NamedTuple):
    """What a page shows."""

    models: list[Checkpoint]  # those here
    names: dict[str, str]  # of them, by id
    results: found.Results  # what was measured of them for the paper's table
    lines: list[Line]  # the models here and, where the paper has a table of the data set, its own, family by family
    printed: Table | None  # that table


@st.cache_data(show_spinner=False, max_entries=4)
def read_results(folder: str, data_set: str, stamp: tuple) -> found.Results:
    """The table of a data set and its curves in a folder; read again when a file changes and with it the stamp."""
    return found.read_results(Path(folder), TABLES[data_set])


def results_here(printed: Table) -> found.Results:
    """What ``python -m ibinn_core table`` has written, as far as it is there."""
    folder = found.default_folder()
    files = [folder / name for name in printed.files]
    stamp = tuple((f.stat().st_mtime_ns, f.stat().st_size) if f.exists() else 0 for f in files)
    return read_results(str(folder), printed.dataset, stamp)


def what_is_shown() -> Shown:
    """The models here with what is known of them; without any, the page ends."""
    models = registry.all_checkpoints()
    if not models:
        explain_no_checkpoint()
    printed = TABLES.get(models[0].dataset.name)
    results, names = results_here(printed) if printed else found.Results(), unique_names(models)
    ours = our_lines(models, list(names.values()), results.rows)
    return Shown(models, names, results, ours + (paper_lines(printed) if printed else []), printed)


def show_gaps(shown: Shown, keys: Collection[str]) -> None:
    """What was not measured, or of other weights, where a page shows the measures that have these keys."""
    names, results = shown.names, shown.results
    has_sets = any(measure.key in keys for measure in ENTROPY + DETECTION)
    command = shown.printed.command if shown.printed else ""
    for sentence in (results.problem, _what_is_missing(shown), _sets_that_are_missing(results) if has_sets else ""):
        if sentence:
            st.caption(sentence)
    if stale := outdated(shown.models, results.rows):
        st.caption(
            f"The weights of {', '.join(names[i] for i in stale)} have changed since the table was measured: its "
            f"numbers of them are left out until `{command}` runs again."
        )
    if results.table and (unmeasured := [names[c.id] for c in shown.models if c.id not in results.rows]):
        st.caption(
            f"Not in the table yet: {', '.join(unmeasured)}. Only what is on their cards is shown until "
            f"`{command}` runs again."
        )


def _what_is_missing(shown: Shown) -> str:
    """Which measures no model here has numbers for, and where they would come from; empty if there are all."""
    kinds = {
        "overconfidence": [BY_KEY["overconfidence"]],
        "the entropy increase": ENTROPY,
        "the detection score": DETECTION,
    }
    missing = [name for name, measures in kinds.items() if not measured(shown.lines, measures)]
    if not missing:
        return ""
    text = listed(missing)
    if not shown.printed:
        return (
            f"The paper's tables are of CIFAR-10 and CIFAR-100; for {registry.dataset().title} the page shows what was "
            "measured, without the paper's numbers."
        )
    if shown.results.table:
        return f"Not shown, since the table has no number of any model here: {text}."
    return f"Not measured yet: {text}. `{shown.printed.command}` measures it; then it is shown here."


def _sets_that_are_missing(results: found.Results) -> str:
    """Which sets the table could not measure on; empty if there is none, or no table."""
    entries = (results.table or {"sets": {}})["sets"]
    absent = [str(SET_NAMES.get(name, name)) for name, entry in entries.items() if entry["images"] is None]
    if not absent:
        return ""
    text = f"Not measured, since they were not on the machine: {', '.join(absent)}."
    is_in_paper = any(entries.get(name, {"images": 0})["images"] is None for name in ood.PAPER_SETS)
    return f"{text} The paper's averages, not ours, are over all four of its sets." if is_in_paper else text
