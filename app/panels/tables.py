"""The panel Tables: Tables 1 and 2 of the paper, with the models on this machine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.controls import data_set, names_of, one_of
from app.desk import question
from app.inference.tables import results_here
from app.models import registry
from app.models.names import unique_names
from app.panel import Html, Panel, Part, View
from app.results.html import GROUPS, STAGE_STYLE, table_html
from app.results.questions import PaperTable, paper_table
from app.widgets.markdown import listed, markdown_text
from app.widgets.stage import is_on_stage
from ibinn_core.evaluation.results.columns import is_of_same_weights
from ibinn_core.evaluation.results.paper import TABLES, Table


@dataclass(frozen=True)
class State:
    """The group of columns to show, since no screen is wide enough for all."""

    data: str = data_set()
    columns: str = one_of("Columns", names_of(GROUPS))


def views(state: State) -> list[View]:
    """The table, with notes on missing and outdated models."""
    printed = TABLES.get(state.data)
    if printed is None:
        title = markdown_text(registry.dataset().title)
        text = f"The paper has tables of CIFAR-10 and CIFAR-100, and none of {title}. Choose one of the two above."
        return [View([], lambda: text)]

    def draw(_: PaperTable) -> Sequence[Part]:
        results = results_here(printed)
        if results.table is None:
            return [results.problem or f"`{printed.command}` measures the models here; then the table is shown."]
        style = STAGE_STYLE if is_on_stage() else ""
        return [Html(table_html(results.table, state.columns) + style), *_gaps(printed, results.rows, results.problem)]

    return [View([question(paper_table, state.data)], draw)]


def _gaps(printed: Table, rows: Mapping[str, dict], problem: str) -> list[str]:
    """Notes on the models that are missing from the table, or whose weights have changed since the measurement."""
    models = registry.all_checkpoints()
    names = unique_names(models)
    stale = [names[c.id] for c in models if c.id in rows and not is_of_same_weights(c, rows[c.id])]
    absent = [names[c.id] for c in models if c.id not in rows]
    said = [problem] if problem else []
    if stale:
        said.append(f"Weights changed after the table was measured: {listed(stale)}. Run `{printed.command}` again.")
    if absent:
        said.append(f"Not in the table yet: {listed(absent)}. Run `{printed.command}` again.")
    return said


PANEL = Panel(
    "tables",
    "Tables",
    "Compare a column from top to bottom, not our number with the paper's below it: the paper's networks are larger "
    "and were trained longer. Which model is best at everything?",
    State,
    views,
    "None is. ResNet and the VIB make the fewest errors, but without a likelihood they cannot say that an image is "
    "unlike the training images. As γ grows, the IB-INNs get better at the classes and worse at the likelihood. "
    "*Calib. geo. mean* is the geometric mean of ECE, MCE and ICE, which the tab *Calibration* explains. "
    "*Overconfidence*: of the answers with over 99.7 %, at most 0.3 % should be wrong; how many times as many are?",
)
