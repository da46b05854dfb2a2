"""The measures over γ, a panel each, from which a model is picked."""

import math
from collections.abc import Sequence

import streamlit as st

from app import state
from app.figures.layout import STILL, config
from app.figures.metrics import Line, legend_of, panel_figure
from app.figures.text import character, symbols_html
from app.models import registry
from app.table1.measures import GROUPS, measured
from app.table1.same_in_python import measures_program
from app.table1.shown import Shown, show_gaps
from app.tradeoff.choice import colors_by_id, offer_stage, ringed, row_on_stage
from app.widgets.choice import choose_one
from app.widgets.export_menu import csv_bytes, offer
from app.widgets.figure import show_figure
from app.widgets.markdown import show_what_to_look_for
from app.widgets.selectors import show_style
from app.widgets.stage import FIGURE, is_on_stage, staged
from ibinn_core.measures import UNITS, Measure
from ibinn_core.measures.scores import SURE

# Below the heading every part fits on a projector's 720 pixels; panels stand side by side as far as there is room.
GRID = """
.st-key-panels {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, {width}px), 1fr)); gap: 0; }}
.st-key-panels > * {{ width: 100% !important; min-width: 0; }}
"""
ABOVE_ON_STAGE = 146  # CSS pixels that a room needs above the panels
TEXT_ON_STAGE = 18  # CSS pixels: three panels share a row
#: On stage the rows of panels share the window.
ON_STAGE = """
.st-key-panels .figure {{ --height: calc((var(--screen, 100vh) - var(--above)) / {rows}); }}
.st-key-stage-figure .symbols {{ font-size: 20px !important; }}
"""
#: Of up to so many panels, each is at least so many pixels wide: two rows on a projector.
WIDTHS = ((4, 480), (6, 340), (8, 262))


def show_measures(shown: Shown) -> None:
    """The part of the page."""
    lines = shown.lines
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        measures = _pick_measures(lines)
        symbols, table = legend_of(measures, lines), shown.printed if shown.results.table else None
        offer(
            "trade-off",
            python=measures_program(registry.dataset().name, [m.key for m in measures], table),
            chart="panel-",
            title=registry.dataset().title,
            legend=[(character(symbol), color, name) for name, color, symbol in symbols],
            csv=lambda: csv_bytes(*(_rows_of(line, m) for m in measures for line in lines)),
        )
        offer_stage()
    _show_panels(shown, measures)
    papers = ""
    if shown.printed:
        papers = f"Open: the paper's Table {shown.printed.number}, with bits/dim as defined here. "
    st.caption(
        f"Filled: the models here. The ring marks the chosen one; click another to choose it. {papers}Horizontal "
        "lines: models without γ. Dotted: a break in the axis. At γ = 0 the model learned only the likelihood, "
        "without labels, and guesses the class; at γ = ∞ it learned only the classes."
    )
    show_gaps(shown, [m.key for m in measures])
    _explain(measures)
    show_what_to_look_for(
        "Read a panel from left to right (the paper's Figs. 6 and 11): the same network, with more and more weight on "
        "the classes. Which measures get better with γ, and which get worse?",
        f"Overconfidence counts the mistakes among the predictions above {100 * SURE:.1f} %. There may be so few that "
        "one or two decide; hovering over a dot tells how many there are.",
    )


def _explain(measures: Sequence[Measure]) -> None:
    with st.expander("What the measures are"):
        st.markdown("\n".join(f"- **{m.name}**: {m.explanation}." for m in measures))


def show_measures_on_stage(shown: Shown) -> None:
    """The panels of a group alone."""
    with st.container(key=FIGURE):
        with row_on_stage("What γ gives, and what it takes", ABOVE_ON_STAGE):
            measures = _pick_measures(shown.lines)
        _show_panels(shown, measures)


def _pick_measures(lines: Sequence[Line]) -> list[Measure]:
    """The measures of the chosen group that any model has."""
    offered = [name for name, group in GROUPS.items() if measured(lines, group)]
    group = choose_one("Measures", offered, state.MEASURES, wrap=True, is_labelled=False)
    return measured(lines, GROUPS[group])


def _show_panels(shown: Shown, measures: Sequence[Measure]) -> None:
    lines = shown.lines
    st.html(symbols_html(legend_of(measures, lines)))
    colors = colors_by_id([c for c in shown.models if c.objective == "ib"])
    show_style(GRID.format(width=next((width for most, width in WIDTHS if len(measures) <= most), WIDTHS[-1][1])))
    if is_on_stage():
        rows = 1 if len(measures) <= 2 else 2
        show_style(ON_STAGE.format(rows=rows))
    with st.container(key="panels"):
        for measure in measures:
            show_figure(
                staged(panel_figure(measure, lines, ringed(), colors), TEXT_ON_STAGE),
                f"panel-{measure.key}",
                selects=("points",),
                config=config(STILL),
                alt=f"{measure.name} over γ: {_in_words(measure, lines)}.",
            )


def _in_words(measure: Measure, lines: Sequence[Line]) -> str:
    """The models here with their values."""
    here = [zip(line.names, line.values[measure.key], strict=True) for line in lines if not line.is_paper]
    return ", ".join(f"{name} {measure.text(value)}" for some in here for name, value in some if not math.isnan(value))


def _rows_of(line: Line, measure: Measure) -> dict[str, object]:
    """Of a table with a row for each model, the paper's too."""
    values = line.values[measure.key]
    known = [i for i, value in enumerate(values) if not math.isnan(value)]
    return {
        "id": [line.ids[i] or "" for i in known],
        "model": [line.names[i] for i in known],
        "source": "paper" if line.is_paper else "here",
        "gamma": ["" if math.isnan(line.gammas[i]) else line.gammas[i] for i in known],
        "measure": measure.key,
        "unit": UNITS[measure.unit].strip(),
        "value": [values[i] for i in known],
        "data_set": registry.dataset().name,
    }
