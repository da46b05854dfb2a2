"""Tables 1 and 2: the paper's tables, with the numbers of the models here above the printed ones."""

import streamlit as st

from app import state
from app.glossary import explained
from app.models import registry
from app.table1.html import GROUPS, table_html
from app.table1.measures import sure_of
from app.table1.same_in_python import table_program
from app.table1.shown import Shown, show_gaps, what_is_shown
from app.widgets.choice import choose_one
from app.widgets.export_menu import csv_bytes, offer
from app.widgets.markdown import markdown_text, show_what_to_look_for
from app.widgets.stage import FIGURE, is_on_stage, show_stage_button
from ibinn_core.data.datasets import DEFAULT
from ibinn_core.evaluation.results.markdown import ELSEWHERE
from ibinn_core.evaluation.results.paper import Table
from ibinn_core.measures.scores import SURE

#: On stage: a line for each model, our number and the paper's beside one another, as large as fits the window.
STAGE_STYLE = """<style>
.table1 table { font-size: 1.0625rem; line-height: 1.3; }
.table1 :is(th, td) { padding: 0.3rem 0.4rem; vertical-align: middle; }
.table1 th { white-space: normal; line-height: 1.1; }
.table1 th:first-child { min-width: 11.5rem; }
.table1 td br { display: none; }
.table1 .paper { margin-left: 0.4em; }
.table1 caption { display: none; }
</style>"""


def pick_part() -> str:
    """Which columns of the table are shown: all of them would not fit on any screen."""
    return choose_one("Columns", list(GROUPS), state.COLUMNS, wrap=True, is_labelled=False)


def point_to_cifar10() -> None:
    """Says that the table is of another data set, and leads there."""
    st.info(
        "The paper's Table 1 is of CIFAR-10, and its Table 2 of CIFAR-100, so there is no such table of "
        f"{markdown_text(registry.dataset().title)}.",
        icon=":material/table_chart:",
    )
    if DEFAULT in registry.families():
        st.button(
            "Show CIFAR-10's",
            icon=":material/arrow_forward:",
            on_click=lambda: state.put(state.DATA, DEFAULT),
        )


def show_table(shown: Shown, printed: Table) -> None:
    """The chosen columns, and what is missing in them."""
    table = shown.results.table
    if table is None:
        st.info(
            f"`{printed.command}` measures the models here; then the table is shown.", icon=":material/table_chart:"
        )
        show_gaps(shown, ())
    else:
        with st.container(key=FIGURE):
            with st.container(horizontal=True, horizontal_alignment="distribute"):
                part = pick_part()
                with st.container(horizontal=True, width="content"):
                    name, python = f"table-{printed.number}", table_program(printed)
                    offer(name, python=python, csv=lambda: table_csv(table, printed))
                    with st.container(width=110):
                        show_stage_button(clicker="")
            st.html(table_html(table, part) + (STAGE_STYLE if is_on_stage() else ""))
            if is_on_stage():
                corrected = ", after an arrow by the definition of ours" if "bits_per_dim" in GROUPS[part] else ""
                marked = any(row.get("elsewhere") for row in table["rows"])
                elsewhere = f" {ELSEWHERE}: its weights are not in the repository." if marked else ""
                key = f"**Bold**: measured here. *Italic*: the paper's{corrected}. ↓ lower is better, ↑ higher."
                st.caption(key + elsewhere)
        if "overconfidence" in GROUPS[part]:
            every = [(markdown_text(shown.names[c.id]), sure_of(c)) for c in shown.models]
            counts = ", ".join(f"{sure.wrong:,} of {sure.all:,} ({name})" for name, sure in every if sure.all)
            st.caption(
                f"Overconfidence counts the mistakes among the predictions above {100 * SURE:.1f} %, which may be "
                f"too few to compare by. Wrong: {counts or 'none, since no model is so sure'}."
            )
        show_gaps(shown, GROUPS[part])


def table_csv(table: dict, printed: Table) -> bytes:
    """A row for each model and column, those too of the paper's models that are not here.

    ``weights`` says where those of a model are: in the repository, elsewhere, or, of the paper's, nowhere.
    """
    cells = [(row, column, row["cells"][column["key"]]) for row in table["rows"] for column in table["columns"]]
    return csv_bytes(
        {
            "id": [row["id"] or "" for row, _, _ in cells],
            "model": [row["title"] for row, _, _ in cells],
            "weights": [_place_of_weights(row) for row, _, _ in cells],
            "column": [column["key"] for _, column, _ in cells],
            "unit": [column["unit"] for _, column, _ in cells],
            "here": ["" if cell["ours"] is None else cell["ours"] for _, _, cell in cells],
            "paper": ["" if cell.get("paper") is None else cell["paper"] for _, _, cell in cells],
            "data_set": printed.dataset,
        }
    )


def _place_of_weights(row: dict) -> str:
    if not row["id"]:
        return ""
    return "elsewhere" if row.get("elsewhere") else "repository"


def main() -> None:
    """The page."""
    place = st.empty()  # of the heading: it says which table
    shown = what_is_shown()
    printed = shown.printed
    title = f"Table {printed.number}" if printed else "Tables"
    place.markdown(
        f"#### {title} of the paper, with the models here",
        help=explained("test error", "bits/dim", "calibration", "MCE, ICE", "VIB", "ResNet"),
    )
    if not printed:
        point_to_cifar10()
        return
    show_table(shown, printed)
    if printed.dataset != DEFAULT:
        show_what_to_look_for(
            "Compare a column from top to bottom, not our number with the paper's below it: the paper's networks are "
            "larger and trained longer. Look for the error and the calibration of γ = 0.1 first: is it the best at "
            "everything?",
            "In the paper it is not: ResNet errs least, and only $L_X$ and class-NLL know best what images look like. "
            "But of all models that have a likelihood *and* know the classes it is the surest guide: the best "
            "calibrated of Table 2, and at detecting outliers almost as good as only $L_X$. There the best trade-off "
            "on a hundred classes lies at a smaller γ than on ten: $L_Y$ is larger, and weighs more at the same γ "
            "(Appendix D.2). Of the models here it is γ = 1, with fewer errors than γ = 0.1.",
        )
        return
    show_what_to_look_for(
        "Compare a column from top to bottom, not our number with the paper's below it: the paper's networks are "
        "larger and trained for 450 epochs. Which model is best at everything?",
        "None is: ResNet and the VIB make the fewest errors, but without a likelihood they cannot say that an image "
        "is unlike those that they know; as γ grows, the IB-INNs get better at the classes and worse at the "
        "likelihood. The page Trade-off draws each column over γ.",
    )


main()
