"""The widget's front end: our modules as one, and their styles."""

import functools
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
    """Style sheets, limited to the widget, since a notebook has classes of the same names."""
    sheets = ("figure/controls.css", "plane/plane.css", "notebook/widget.css")
    return f".{ROOT} {{\n" + "\n".join((STATIC / name).read_text("utf-8") for name in sheets) + "}\n"


def slider() -> dict[str, str]:
    """HTML and style sheet of the slider of γ."""
    stem = STATIC / "slider" / "gamma_slider"
    return {kind: stem.with_suffix(f".{kind}").read_text("utf-8") for kind in ("html", "css")}
