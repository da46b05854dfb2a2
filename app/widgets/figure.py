"""Figures: Python says what they show, an element of ours in the browser draws them and lets them move.

The element (``app/static/figure/``) owns its Plotly. A figure that comes after another in the same place is drawn into
it; what a person's hand has set, a zoom, a frame, is the element's, and stays in the URL.
"""

import base64
import functools
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import plotly.graph_objects as go
from plotly.utils import PlotlyJSONEncoder
from streamlit.components.v2.types import ComponentRenderer

from app import state
from app.figures.layout import PHONE, Frames, OnPhone, Sheets
from app.palette import ACCENT
from app.widgets.component import own_module
from app.widgets.stage import is_on_stage
from ibinn_core.weight_space import plain_gamma

STATIC = Path(__file__).resolve().parent.parent / "static" / "figure"
MOST_ROWS = 10**7
LINE = "<br>"
MANY, MOST_WORDS = 200, 2**16  # texts from which on they are coded; different lines that a code can tell apart
Picking = Literal["points", "box", "lasso"]  # how a person picks points


class Dots(NamedTuple):
    """A figure of dots, among which the arrow keys go, and whose zoom stays in the URL."""

    row: int | None  # customdata of the dot from which the keys start
    choose: Callable[[int], None]  # called before the page runs again, with that of the dot that they have reached


def show_figure(
    figure: go.Figure,
    key: str,
    *,
    alt: str,
    config: dict[str, Any] | None = None,
    selects: Sequence[Picking] = (),
    on_pick: Callable[[list], None] | None = None,
    about: str = "",
    gamma: float | None = None,
    phone: OnPhone | None = None,
    frames: Frames | None = None,
    dots: Dots | None = None,
    pictures: Sheets | None = None,
) -> None:
    """Shows a figure; where the page has shown another with the same key, what differs is drawn into it.

    Arguments:
        figure: what is shown, as high as its layout says, or as :func:`app.figures.layout.height_style`.
        key: of the figure, one for each place on a page.
        alt: what a screen reader says.
        config: Plotly's, of the toolbar.
        selects: how a person can pick points; then the page runs again.
        on_pick: called with their ``customdata`` before the page runs again; without it, that run gets them from
            :func:`take_picked`.
        about: what the figure's axes show. A person's zoom is kept while this text stays, and forgotten with each
            other figure if there is none.
        gamma: at which it is drawn, if it follows γ (:func:`app.widgets.following.follow_gamma`).
        phone: what is different on a phone.
        frames: of a figure that moves, which has a player then.
        dots: if the arrow keys go from dot to dot.
        pictures: of the dots, by their ``customdata``.
    """
    if key in state.NAMES:
        raise ValueError(f"A figure cannot be called {key}: a value of the session is.")

    def pick() -> None:
        picked = state.from_component(key, "picked", _picks, [])
        if on_pick:
            on_pick(picked)
        else:
            state.put(state.PICKED.of(key), picked)

    def reach() -> None:
        row = state.from_component(key, "row", state.whole(0, MOST_ROWS), None)
        if dots and row is not None:
            dots.choose(row)

    data = specification(
        figure, key, alt=alt, config=config, selects=selects, about=about, gamma=gamma, phone=phone, frames=frames
    )
    data |= {"dots": None if dots is None else {"row": dots.row}, "pictures": pictures and _pictures(pictures)}
    _element()(key=key, data=data, on_picked_change=pick, on_row_change=reach)


def specification(
    figure: go.Figure,
    key: str,
    *,
    alt: str,
    config: dict[str, Any] | None = None,
    selects: Sequence[Picking] = (),
    about: str = "",
    gamma: float | None = None,
    phone: OnPhone | None = None,
    frames: Frames | None = None,
) -> dict[str, Any]:
    """What the element gets of a figure, as plain JSON; the arguments are those of :func:`show_figure`."""
    return {
        "key": key,
        "gamma": None if gamma is None else plain_gamma(gamma),
        "figure": as_json(figure),
        "alt": alt,
        "about": about,
        "height": f"{figure.layout.height or 450}px",
        "config": config or {},
        "selects": list(selects),
        "phone": None if phone is None else _on_phone(phone),
        "frames": None if frames is None else {**frames._asdict(), "is_on_stage": is_on_stage()},
        "dots": None,
        "pictures": None,
    }


def take_picked(key: str) -> list:
    """The ``customdata`` of the points just picked in :func:`show_figure`, in Plotly's order; once for each pick."""
    return state.take(state.PICKED.of(key))


def picked_rows(key: str) -> list[int]:
    """The same as numbers, such as the rows of test images; points without any, such as means, do not count."""
    return [int(row) for row in take_picked(key) if not isinstance(row, str)]


def as_json(figure: go.Figure) -> str:
    """The figure as Plotly reads it, without its template: the page has its own, light or dark."""
    parts = figure.to_dict()
    layout = {name: value for name, value in parts["layout"].items() if name != "template"}
    for trace in parts["data"]:
        if isinstance(texts := trace.get("text"), list) and len(texts) >= MANY:
            trace["text"] = _coded(texts)
    # Not by Plotly's own to_json(), which writes each < and > of the texts in six letters.
    return json.dumps({**parts, "layout": layout}, cls=PlotlyJSONEncoder, separators=(",", ":"))


def _coded(texts: list[str]) -> list[str] | dict[str, Any]:
    """Texts of several lines as the browser puts them together: each line's different words, and which a text has.

    Ten thousand dots have some hundred different lines, and their texts would be three quarters of a figure.
    """
    lines = [text.split(LINE) if isinstance(text, str) else [] for text in texts]
    if len(set(map(len, lines))) != 1 or not lines[0]:
        return texts
    columns = []
    for column in zip(*lines, strict=True):
        numbers = {word: number for number, word in enumerate(dict.fromkeys(column))}
        if len(numbers) > MOST_WORDS:
            return texts
        codes = np.fromiter(map(numbers.__getitem__, column), "<u2", len(column))
        columns.append({"words": list(numbers), "codes": _packed(codes)})
    return {"join": LINE, "columns": columns}


@functools.cache
def _element() -> ComponentRenderer:
    html, css = f'<div data-figure style="--accent: {ACCENT}"></div>', (STATIC / "figure.css").read_text("utf-8")
    return own_module("figure", "figure/component.js", html=html, css=css)


def _on_phone(phone: OnPhone) -> dict[str, Any]:
    return {
        "height": phone.height,
        "layout": phone.layout,
        "toolbar": phone.has_toolbar,
        "turned": phone.turned,
        "widest": PHONE,
    }


def _packed(numbers: np.ndarray) -> dict[str, str]:
    """Numbers of 16 bits without a sign, as Plotly's Python library writes arrays."""
    return {"dtype": "u2", "bdata": base64.b64encode(numbers.astype("<u2").tobytes()).decode()}


def _pictures(sheets: Sheets) -> dict[str, Any]:
    return {**sheets._asdict(), "numbers": _packed(sheets.numbers)}


def _picks(said: object) -> list[str | int]:
    """Reads ``customdata`` of points: numbers of rows, or ids."""
    if not isinstance(said, list) or not all(isinstance(one, str) or type(one) is int for one in said):
        raise ValueError("no picked points")
    return said
