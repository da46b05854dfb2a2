"""Components of our own: what a page shows that Streamlit has no widget for, drawn by a script of ours."""

from functools import cache
from pathlib import Path

from streamlit.components.v2 import component
from streamlit.components.v2.types import ComponentRenderer

from ibinn_core.site.assets import ASSETS

#: The look of Streamlit's own buttons.
BUTTON = Path(__file__).with_name("button.css")
RANGE = ASSETS / "range.css"
PLOTLY = Path(__file__).with_name("plotly.js")


@cache
def own_component(
    name: str,
    stem: Path,
    html: str | None = None,
    css: Path | None = None,
    *,
    calls_plotly: bool = False,
    has_range: bool = False,
) -> ComponentRenderer:
    """The component of some files, registered once a process, when it is first shown.

    Arguments:
        name: of the component.
        stem: path of its files, whatever it ends in: they end in ``.js``, ``.css`` and, unless ``html`` is given,
            ``.html``. One that shows nothing needs no ``.css``.
        html: what it shows before its script runs.
        css: a style sheet that several components share, before its own.
        calls_plotly: whether its script uses the functions of ``plotly.js``.
        has_range: whether it has a range slider, whose look is that of γ's.
    """
    js = stem.with_suffix(".js")
    sheets = (RANGE if has_range else None, css, stem.with_suffix(".css"))
    return component(
        name,
        html=stem.with_suffix(".html").read_text("utf-8") if html is None else html,
        js=(PLOTLY.read_text("utf-8") if calls_plotly else "") + js.read_text("utf-8"),
        css="\n".join(sheet.read_text("utf-8") for sheet in sheets if sheet and sheet.exists()) or None,
    )
