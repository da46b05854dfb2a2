"""Exports: what a figure shows, as a file. The bytes are made when they are asked for."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

import ibinn_core as ib
from app.vendor import published_modules
from app.widgets.component import BUTTON, custom_component, static_url
from app.widgets.markdown import markdown_text
from app.widgets.share import reserve_link

LIBRARY = f"ibinn_core {ib.__version__}"
_BUTTONS = "".join(f'<button data-kind="{kind}" type="button"></button>' for kind in ("png", "svg", "gif"))


def export_menu(
    name: str,
    python: str | None = None,
    chart: str = "",
    title: str = "",
    csv: Callable[[], bytes] | None = None,
    *,
    moving: str = "",
) -> None:
    """A small menu with the link of the page, ``name`` as PNG, SVG, GIF and CSV, and how to make it in Python.

    Arguments:
        name: of the file, without its ending; no two menus of a page share it.
        python: a program that makes it from the library.
        chart: key of the container of the charts, which are saved together.
        title: information that the charts lack, such as the model; it stands above them.
        csv: makes the data as a table.
        moving: key of the chart that moves, if one does. Or the name under which a custom element keeps changing images
            (``strips`` in ``app/static/figure/recorder.js``).
    """
    kinds = ["png", "svg", *(["gif"] if moving else [])]
    about = "Save what this page shows, or share its link."
    with st.popover("Export", icon=":material/download:", help=about, key=f"export-{name}"):
        reserve_link()
        if chart:
            custom_component("export_menu", Path(__file__).with_name("export_menu"), _BUTTONS, BUTTON)(
                key=f"export-{name}-figure",
                data={
                    "name": name,
                    "kinds": kinds,
                    "chart": chart,
                    "title": title,
                    "moving": moving,
                    "modules": static_url(f"vendor/{published_modules()}/figure/"),
                },
            )
        if csv:
            label, file = f"CSV: {markdown_text(name)}.csv", f"{name}.csv"
            key = f"export-{name}-csv"
            st.download_button(label, csv, file, "text/csv", on_click="ignore", key=key, width="stretch")
        if python:
            st.caption("The same in Python:")
            st.code(python, language="python", width=560)


def csv_bytes(*parts: Mapping[str, object]) -> bytes:
    """A table with a header, whose last column names the library that made it.

    The parts stand one below the other. Each maps the same names to columns of equal length, or to one value for the
    whole part.
    """
    import pandas as pd  # no page needs it before a person exports something

    table = pd.concat([pd.DataFrame({**part, "library": LIBRARY}) for part in parts])
    table = table.map(_as_text).rename(columns=_as_text)
    return table.to_csv(index=False, na_rep="nan", lineterminator="\n").encode()


def _as_text(cell: Any) -> Any:
    """A cell that no spreadsheet takes for a formula: a text that begins as one gets an apostrophe before it."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@")) else cell
