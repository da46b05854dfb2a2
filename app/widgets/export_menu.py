"""Exports: what a figure shows, as a file. The bytes are made when they are asked for."""

import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import streamlit as st
from PIL import Image

import ibinn_core as ib
from app.palette import GROUNDS, PALE, TEXT
from app.vendor import published_modules
from app.widgets.component import BUTTON, own_component, static_url
from app.widgets.markdown import markdown_text

MIME = {
    "csv": "text/csv",
    "npz": "application/octet-stream",
    "png": "image/png",
    "gif": "image/gif",
    "pdf": "application/pdf",
}
LIBRARY = f"ibinn_core {ib.__version__}"
DPI = 300  # of pictures for print
ENLARGED = 4  # an image of 32 pixels is 11 mm wide then
_BUTTONS = "".join(f'<button data-kind="{kind}" type="button"></button>' for kind in ("pdf", "svg", "png"))
_LOOK = {"ground": GROUNDS[0], "ink": TEXT, "grid": PALE}


def offer(
    name: str,
    python: str | None = None,
    chart: str | Sequence[str] = (),
    title: str = "",
    legend: Sequence[tuple[str, str, str]] = (),
    pictures: Callable[[], np.ndarray] | None = None,
    long: Callable[[], None] | None = None,
    **makers: Callable[[], bytes],
) -> None:
    """A small menu that downloads ``name`` in each of the kinds given, and shows how to make the same in Python.

    Arguments:
        name: of the file, without its ending; no two menus of a page share it.
        python: a program that makes it from the library.
        chart: keys of charts, or how they begin, that are saved together as PDF, SVG and PNG.
        title: what the charts do not say themselves, such as the model; it is written above them.
        legend: of charts whose legend stands beside them on the page: a character, its colour, what it means.
        pictures: makes the images of the figure alone, uint8 ``(H, W, 3)``, for PNG and PDF without any text.
        long: shows what takes long to make (:func:`app.models.long_work.offer_file`).
        makers: from ``csv``, ``npz``, ``png`` or ``gif`` to a function that makes the bytes.
    """
    with st.popover("Export", icon=":material/download:", help="Save what this figure shows.", key=f"export-{name}"):
        if chart:
            own_component("vector_export", Path(__file__).with_name("vector_export"), _BUTTONS, BUTTON)(
                key=f"export-{name}-print",
                data={
                    "name": name,
                    "charts": [chart] if isinstance(chart, str) else list(chart),
                    "title": title,
                    "legend": [list(entry) for entry in legend],
                    "look": _LOOK,
                    "module": static_url(f"vendor/{published_modules()}/figure/export.js"),
                    "vendor": static_url("vendor/"),
                },
            )
        if pictures:
            _download(f"{name}-images", "pdf", lambda: pdf_bytes(pictures()))
            _download(f"{name}-images", "png", lambda: png_bytes(pictures()))
        for kind, maker in makers.items():
            _download(name, kind, maker)
        if long:
            long()
        if python:
            st.caption("The same in Python:")
            st.code(python, language="python", width=560)


def _download(name: str, kind: str, maker: Callable[[], bytes]) -> None:
    file = f"{name}.{kind}"
    label = f"{kind.upper()}: {markdown_text(file)}"
    st.download_button(label, maker, file, MIME[kind], on_click="ignore", key=f"export-{name}-{kind}", width="stretch")


def csv_bytes(*parts: Mapping[str, object]) -> bytes:
    """A table with a header, whose last column names the library that made it.

    Each of the parts, one below the other, maps the same names to columns that are equally long, or to a single value
    that holds for the whole part.
    """
    import pandas as pd  # no page needs it before a person exports something

    table = pd.concat([pd.DataFrame({**part, "library": LIBRARY}) for part in parts])
    return table.to_csv(index=False, na_rep="nan", lineterminator="\n").encode()


def npz_bytes(**arrays: np.ndarray) -> bytes:
    """The arrays as NumPy's compressed archive, with one that names the library that made it."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, library=np.array(LIBRARY), **arrays)
    return buffer.getvalue()


def png_bytes(pixels: np.ndarray) -> bytes:
    """An image, uint8 ``(H, W, 3 or 4)``, for print: enlarged :data:`ENLARGED` times without blurring, at 300 dpi."""
    buffer = io.BytesIO()
    _enlarged(pixels).save(buffer, "PNG", dpi=(DPI, DPI))
    return buffer.getvalue()


def pdf_bytes(pixels: np.ndarray) -> bytes:
    """The same picture as a page of its size; in it Pillow stores colours as JPEG, here of high quality."""
    buffer = io.BytesIO()
    _enlarged(pixels).save(buffer, "PDF", resolution=DPI, quality=95, subsampling=0)
    return buffer.getvalue()


def _enlarged(pixels: np.ndarray) -> Image.Image:
    return Image.fromarray(pixels.repeat(ENLARGED, 0).repeat(ENLARGED, 1))
