"""Custom components: elements that Streamlit lacks, drawn by our own scripts."""

import json
from functools import cache
from pathlib import Path

import streamlit as st
from streamlit.components.v2 import component
from streamlit.components.v2.types import ComponentRenderer

from app.vendor import published_modules
from app.widgets.selectors import with_selectors

STATIC = Path(__file__).resolve().parent.parent / "static"
CONTROLS = STATIC / "figure" / "controls.css"  # shared by the modules in ``app/static``
#: Style sheet that matches Streamlit's own buttons.
BUTTON = Path(__file__).with_name("button.css")
SLIDER = STATIC / "slider" / "gamma_slider"  # without the file's ending


@cache
def custom_component(name: str, stem: Path, html: str | None = None, css: Path | None = None) -> ComponentRenderer:
    """Returns a component made of files; each process registers it once, when it is first shown.

    The script is the file ``stem`` with the ending ``.js``. The HTML is ``html``, or else the file with the ending
    ``.html``. Styles may be in a file with the ending ``.css``, and in ``css``, which several components share.
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
    """Returns a component that calls a ``function`` of a module in ``app/static``; its styles are global."""
    css = css and CONTROLS.read_text("utf-8") + css
    url = json.dumps(static_url(f"vendor/{published_modules()}/{file}"))
    # Several lines, since Streamlit takes one line for a file name. The element may vanish before the module loads.
    js = f"""export default async (given) => {{
        const module = await import(window.location.origin + {url});
        if (given.parentElement.isConnected) return module.{function}(given);
    }}"""
    return component(name, html=html, css=css, js=js, isolate_styles=False)


def static_url(file: str) -> str:
    """Returns the path under which this server serves a file of ``app/static``."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"{f'/{base}' if base else ''}/app/static/{file}"
