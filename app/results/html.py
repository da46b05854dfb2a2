"""The paper's Table 1 or 2 as HTML, with our numbers above the paper's in each cell."""

from collections.abc import Mapping, Sequence
from html import escape

from app.figures.layout import with_subscripts
from ibinn_core.evaluation.results.columns import in_groups
from ibinn_core.evaluation.results.markdown import ELSEWHERE, title_of

# A box that scrolls sideways if the table is wider than the page, with the column of models fixed.
STYLE = """<style>
.table1 { overflow-x: auto; color-scheme: inherit; }
.table1 table { border-collapse: separate; border-spacing: 0; font-size: 0.9rem; width: 100%;
    font-variant-numeric: tabular-nums; }
.table1 th, .table1 td { padding: 0.2rem 0.45rem; text-align: right; line-height: 1.4;
    border-bottom: 1px solid rgba(138,147,160,0.35); vertical-align: top; white-space: nowrap; }
.table1 thead th { vertical-align: bottom; }
/* Numbers in italics are wider than their cells. */
.table1 th:first-child { text-align: left; position: sticky; left: 0; z-index: 1; background: var(--ground); }
.table1 tbody th:first-child { box-shadow: 0.25rem 0 0 var(--ground); }
.table1 .paper, .table1 .why { opacity: 0.8; }
.table1 .paper { font-style: italic; }
.table1 caption { caption-side: bottom; text-align: left; opacity: 0.8; padding-top: 0.4rem; }
/* The caption stays visible too, left of the fading edge; on a phone, there is room for more columns. */
.table1 caption span { position: sticky; left: 0; display: inline-block; max-width: min(100%, 100vw - 4rem); }
@media (max-width: 640px) {
    .table1 table { font-size: 0.8rem; }
    .table1 th, .table1 td { padding: 0.25rem 0.3rem; }
    .table1 th { white-space: normal; }
    .table1 th:first-child { min-width: 5.5rem; max-width: 7rem; }
}
</style>"""


#: On stage, a row per model, with our number and the paper's side by side.
STAGE_STYLE = """<style>
.table1 table { font-size: 1.25rem; line-height: 1.2; }
.table1 :is(th, td) { padding: 0.3rem 0.2rem; vertical-align: middle; line-height: 1.1; }
.table1 th { white-space: normal; }
.table1 td { box-shadow: inset 1px 0 rgba(138,147,160,0.35); }
.table1 td br { display: none; }
.table1 caption span { max-width: none; }
.table1 .paper { margin-left: 0.2em; }
</style>"""


#: The groups of columns; the page shows one at a time.
GROUPS = ("Errors, likelihood, calibration", "Entropy out of distribution", "Detection out of distribution")


def table_html(table: dict, group: str) -> str:
    """Renders one of the :data:`GROUPS` of a table (:mod:`ibinn_core.evaluation.results.table`)."""
    columns = in_groups(table["columns"])[GROUPS.index(group)]
    head = "".join(f'<th scope="col">{_heading(column)}</th>' for column in columns)
    best = {column["key"]: _best(table["rows"], column) for column in columns}
    rows = "".join(_row(row, columns, best) for row in table["rows"])
    key = "our number with <i>the paper's</i>; ↓ lower and ↑ higher is better; <b>bold</b>: the best of ours"
    caption = f"{escape(group)}: {key}. {_footnote(table, columns)}"
    return (
        f'{STYLE}<div class="table1" tabindex="0" role="region" aria-label="{escape(group)}"><table>'
        f'<caption><span>{caption}</span></caption><thead><tr><th scope="col">model</th>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _heading(column: dict) -> str:
    arrow = "↓" if column["better"] == "lower" else "↑"
    return f"{escape(column['title'])}&nbsp;{arrow}<br><span class='why'>{escape(column['unit'])}</span>"


def _best(rows: Sequence[dict], column: dict) -> float | None:
    """Returns our best number in a column, rounded as in the table."""
    ours = [row["cells"][column["key"]]["ours"] for row in rows]
    known = [round(value, 2) for value in ours if value is not None]
    return (min if column["better"] == "lower" else max)(known, default=None)


def _row(row: dict, columns: Sequence[dict], best: Mapping[str, float | None]) -> str:
    cells = "".join(f"<td>{_cell(row['cells'][column['key']], best[column['key']])}</td>" for column in columns)
    name = with_subscripts(escape(title_of(row))).replace(" = ", "&nbsp;=&nbsp;").replace(" → ", "&nbsp;→&nbsp;")
    return f'<tr><th scope="row">{name}</th>{cells}</tr>'


def _cell(cell: dict, best: float | None) -> str:
    ours = f'<span class="why">{escape(cell["why"] or "")}</span>'
    if cell["ours"] is not None:
        tag = "b" if round(cell["ours"], 2) == best else "span"
        ours = f"<{tag}>{_number(cell['ours'])}</{tag}>"
    if not cell["in_paper"]:
        return ours
    printed = "–" if cell["paper"] is None else _number(cell["paper"])
    if cell.get("paper_corrected") is not None:
        printed += f" → {_number(cell['paper_corrected'])}"
    return f'{ours}<br><span class="paper">{printed}</span>'


def _number(value: float) -> str:
    """Formats a number with a true minus sign."""
    return f"{value:.2f}".replace("-", "−")


def _footnote(table: dict, columns: Sequence[dict]) -> str:
    notes = [f"Measured on {table['test_set']['images']:,} test images."]
    if table.get("custom_split"):
        notes.append("The split into training and test images is ours, and not the official one.")
    if any(column["key"] == "bits_per_dim.mean" for column in columns):
        notes.append(
            f"The number after the arrow is the paper's, by the common definition (+{table['bits_correction']:.2f})."
        )
    if any(row.get("elsewhere") for row in table["rows"]):
        notes.append(f"{ELSEWHERE} The weights of this model are not in the repository.")
    scaled = [row["title"] for row in table["rows"] if "power" in row]
    if scaled and any(column["key"].startswith("calibration") for column in columns):
        notes.append(
            f"Recalibrated after training (a factor on the scores): {with_subscripts(escape(', '.join(scaled)))}."
        )
    if any(column["key"].endswith(".average") for column in columns):
        sets = ", ".join(table["sets"][name]["title"] for name in table["averaged"])
        notes.append(f"Our averages run over {escape(sets)}, the paper's over its four sets.")
    return " ".join(notes)
