"""Exports: what a figure shows, as a file. The bytes are made when they are asked for."""

import io
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import streamlit as st
from PIL import Image

from app.widgets.component import BUTTON, own_component
from app.widgets.markdown import markdown_text

MIME = {"csv": "text/csv", "npz": "application/octet-stream", "png": "image/png"}


def offer(
    name: str,
    python: str | None = None,
    chart: str | None = None,
    long: Callable[[], None] | None = None,
    **makers: Callable[[], bytes],
) -> None:
    """A small menu that downloads ``name`` in each of the kinds given, and shows how to make the same in Python.

    Arguments:
        name: of the file, without its ending; no two menus of a page share it.
        python: a program that makes it from the library.
        chart: key of a chart, or how it begins, that can be saved as SVG.
        long: shows what takes long to make (:func:`app.models.long_work.offer_file`).
        makers: from ``csv``, ``npz`` or ``png`` to a function that makes the bytes.
    """
    with st.popover("Export", icon=":material/download:", help="Save what this figure shows.", key=f"export-{name}"):
        for kind, maker in makers.items():
            st.download_button(
                f"{kind.upper()}: {markdown_text(f'{name}.{kind}')}",
                maker,
                f"{name}.{kind}",
                MIME[kind],
                on_click="ignore",
                key=f"export-{name}-{kind}",
                width="stretch",
            )
        if long:
            long()
        if chart:
            own_component("vector_export", Path(__file__).with_name("vector_export"), "<button></button>", BUTTON)(
                key=f"export-{name}-svg", data={"name": name, "chart": chart}
            )
        if python:
            st.caption("The same in Python:")
            st.code(python, language="python", width=560)


def csv_bytes(*parts: Mapping[str, object]) -> bytes:
    """A table with a header.

    Arguments:
        parts: of the table, one below the other; each maps the same names to columns that are equally long, or to a
            single value that holds for the whole part.
    """
    import pandas as pd  # no page needs it before a person exports something

    table = pd.concat([pd.DataFrame(dict(part)) for part in parts])
    return table.to_csv(index=False, na_rep="nan", lineterminator="\n").encode()


def npz_bytes(**arrays: np.ndarray) -> bytes:
    """The arrays as NumPy's compressed archive."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def png_bytes(pixels: np.ndarray, scale: int = 1) -> bytes:
    """An image, uint8 ``(H, W, 3 or 4)``, enlarged ``scale`` times without blurring."""
    buffer = io.BytesIO()
    Image.fromarray(pixels.repeat(scale, 0).repeat(scale, 1)).save(buffer, "PNG")
    return buffer.getvalue()
