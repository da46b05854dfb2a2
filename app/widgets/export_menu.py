"""Exports of figures as files, whose bytes are computed only when somebody downloads them."""

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
    """Shows a menu with the page's link, the figures as PNG, SVG and GIF, the data as CSV, and a Python program.

    Arguments:
        name: file name without its ending; unique among the page's menus.
        python: program that computes the data with the library.
        chart: key of the container of the charts, which are saved as one image.
        title: text that the charts lack, such as the model. Saved images show it above the charts.
        csv: returns the data as a table.
        moving: key of the animated chart, if there is one; or the name of the changing images that a custom
            element records (``strips`` in ``app/static/figure/recorder.js``).
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
    """Returns a CSV table with a header; its last column names the library.

    The parts are stacked. Each part maps the same names to columns of equal length, or to one value for the whole part.
    """
    import pandas as pd  # loaded only when somebody exports a table

    table = pd.concat([pd.DataFrame(part) for part in parts]).assign(library=LIBRARY)
    table = table.map(_as_text).rename(columns=_as_text)
    return table.to_csv(index=False, na_rep="nan", lineterminator="\n").encode()


def _as_text(cell: Any) -> Any:
    """Protects a cell from spreadsheets that would read it as a formula: prefixes an apostrophe."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@")) else cell
