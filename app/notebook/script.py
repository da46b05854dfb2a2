"""The widget's front end: our modules as one, their styles, and Plotly out of the installed package."""

import functools
import gzip
from importlib.util import find_spec
from pathlib import Path

from .bundle import bundle_module

STATIC = Path(__file__).resolve().parent.parent / "static"
ROOT = "ibinn-explorer"  # class of the widget's element


@functools.cache
def module() -> str:
    """A module with ``render({ model, el })``, as anywidget wants it."""
    return bundle_module(STATIC / "notebook" / "widget.js", STATIC)


@functools.cache
def style() -> str:
    """Style sheets, of nothing but the widget: a notebook has classes of the same names."""
    sheets = ("figure/figure.css", "notebook/hand.css", "notebook/widget.css")
    return f".{ROOT} {{\n" + "\n".join((STATIC / name).read_text("utf-8") for name in sheets) + "}\n"


def slider() -> dict[str, str]:
    """HTML and style sheet of the slider of γ."""
    stem = STATIC / "slider" / "gamma_slider"
    return {kind: stem.with_suffix(f".{kind}").read_text("utf-8") for kind in ("html", "css")}


@functools.cache
def plotly() -> bytes:
    """Plotly's script, compressed by gzip.

    It travels with a widget: a kernel that runs a cell would not answer one that asks for it.
    """
    spec = find_spec("plotly")
    assert spec is not None and spec.origin is not None, "requirements.txt names plotly"
    return gzip.compress((Path(spec.origin).parent / "package_data" / "plotly.min.js").read_bytes(), mtime=0)
