"""Custom components: elements that Streamlit lacks, drawn by our scripts."""

import json
from functools import cache
from pathlib import Path

import streamlit as st
from streamlit.components.v2 import component
from streamlit.components.v2.types import ComponentRenderer

from app.vendor import published_modules
from app.widgets.selectors import with_selectors

STATIC = Path(__file__).resolve().parent.parent / "static"
CONTROLS = STATIC / "figure" / "controls.css"  # of the modules in ``app/static``
#: The look of Streamlit's own buttons.
BUTTON = Path(__file__).with_name("button.css")
SLIDER = STATIC / "slider" / "gamma_slider"  # and what it ends in


@cache
def custom_component(name: str, stem: Path, html: str | None = None, css: Path | None = None) -> ComponentRenderer:
    """The component of some files, registered once a process, when it is first shown.

    The files have the name of ``stem``. The ending is ``.js``, ``.css`` if the component shows something, and ``.html``
    unless ``html`` is given. ``css`` is a style sheet that several components share; it comes before the component's.
    """
    sheets = (css and CONTROLS, css, stem.with_suffix(".css"))
    return component(
        name,
        html=stem.with_suffix(".html").read_text("utf-8") if html is None else html,
        js=with_selectors(stem.with_suffix(".js").read_text("utf-8")),
        css=with_selectors("\n".join(sheet.read_text("utf-8") for sheet in sheets if sheet and sheet.exists())) or None,
    )


@cache
def custom_module(
    name: str, file: str, function: str = "default", html: str = "<span></span>", css: str | None = None
) -> ComponentRenderer:
    """The component of a ``function`` in a module of ``app/static``; its styles apply to the whole document."""
    css = css and CONTROLS.read_text("utf-8") + css
    url = json.dumps(static_url(f"vendor/{published_modules()}/{file}"))
    # It needs several lines: Streamlit reads one line as a file name. The element may be gone by then.
    js = f"""export default async (given) => {{
        const module = await import(window.location.origin + {url});
        if (given.parentElement.isConnected) return module.{function}(given);
    }}"""
    return component(name, html=html, css=css, js=js, isolate_styles=False)


def static_url(file: str) -> str:
    """The path under which this server answers with a file of ``app/static``."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"{f'/{base}' if base else ''}/app/static/{file}"
