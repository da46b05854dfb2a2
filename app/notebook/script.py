"""The widget's front end: one bundled JavaScript module and its styles."""

import functools
from pathlib import Path

from .bundle import bundle_module

STATIC = Path(__file__).resolve().parent.parent / "static"
ROOT = "ibinn-explorer"  # class of the widget's HTML element


@functools.cache
def module() -> str:
    """Returns a module with ``render({ model, el })``, as anywidget requires."""
    return bundle_module(STATIC / "notebook" / "widget.js", STATIC)


@functools.cache
def style() -> str:
    """Returns the style sheets, restricted to the widget, since a notebook may use the same class names."""
    sheets = ("figure/controls.css", "plane/plane.css", "notebook/widget.css")
    return f".{ROOT} {{\n" + "\n".join((STATIC / name).read_text("utf-8") for name in sheets) + "}\n"


def slider() -> dict[str, str]:
    """Returns HTML and style sheet of the γ slider."""
    stem = STATIC / "slider" / "gamma_slider"
    return {kind: stem.with_suffix(f".{kind}").read_text("utf-8") for kind in ("html", "css")}
