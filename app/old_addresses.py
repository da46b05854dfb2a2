"""Redirects addresses of earlier releases to the same views."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import streamlit as st
from streamlit.navigation.page import StreamlitPage

import ibinn_core as ib
from app import state
from app.images.handwriting import DRAWINGS, to_text

Query = Mapping[str, str]

_PARTS = {"Calibration": "calibration", "Detection": "detection", "Disagreement": "disagreement"}


def _tab(tab: str, **names: str) -> Callable[[Query], dict[str, str]]:
    """Redirects to a tab; ``names`` maps old names of parameters to new names."""
    return lambda query: {names.get(name, name): value for name, value in query.items()} | {"tab": tab}


def _trade_off(query: Query) -> dict[str, str]:
    tab = _PARTS.get(query.get("part", ""))
    return {name: value for name, value in query.items() if name != "part"} | ({"tab": tab} if tab else {})


def _sample(query: Query) -> dict[str, str]:
    center = {"center": "mean"} if query.get("source", "").startswith("From") else {}
    return {name: value for name, value in query.items() if name != "source"} | center | {"tab": "sample"}


def _write(query: Query) -> dict[str, str]:
    """Redirects the page Write: a letter in ``start`` becomes strokes, and a digit opens the tab Judge."""
    start = query.get("start", "")
    known = {{"writer": "model"}.get(name, name): value for name, value in query.items() if name != "start"}
    if start in set("0123456789"):
        number = (ib.data.embedded("mnist")[1] == int(start)).argmax()
        return {"tab": "judge", "data": "mnist", "image": f"sample-{number}", **known}
    letter = DRAWINGS.get(f"the letter {start.upper()}")
    return ({"strokes": to_text(letter)} if letter else {}) | known


def _corrupt(query: Query) -> dict[str, str]:
    said = {name: value.removesuffix("°").removesuffix("/256") for name, value in query.items()}
    return _tab("corrupt", turn="angle")(said)


_PLANES = {"Principal components": "pca", "Linear discriminants": "lda", "UMAP": "umap"}


def _latent(query: Query) -> dict[str, str]:
    kept = {name: value for name, value in query.items() if name not in ("show", "view")}
    view, color = _PLANES.get(query.get("view", "")), query.get("color", "").lower()
    return kept | ({"view": view} if view else {}) | ({"color": color} if color else {}) | {"tab": "look"}


#: The lessons by their former numbers.
NUMBERED = ("there-and-back", "bayes", "gamma", "calibration", "unknown", "class-nll", "style")


def name_lesson() -> None:
    """Replaces a lesson's number in an old link by the lesson's name; drops the step ``prediction``, which is gone."""
    said = state.in_url(state.LESSON) or ""
    if said in map(str, range(1, len(NUMBERED) + 1)):
        state.link(state.LESSON, NUMBERED[int(said) - 1])
    if state.in_url(state.STEP) == "prediction":
        state.link(state.STEP, state.STEP.default)


#: The page and the new query for each old address.
OLD: dict[str, tuple[str, Callable[[Query], dict[str, str]]]] = {
    "trade-off": ("results", _trade_off),
    "table-1": ("results", _tab("tables")),
    "latent": ("explore", _latent),
    "move": ("explore", _tab("move")),
    "interpolate": ("explore", _tab("walk", **{"from": "first", "to": "second"})),
    "sample": ("explore", _sample),
    "inspect": ("test-an-image", _tab("judge")),
    "out-of-distribution": ("test-an-image", _corrupt),
    "draw": ("test-an-image", _write),
}


def old_pages(pages: Sequence[StreamlitPage]) -> list[StreamlitPage]:
    """Returns hidden pages that redirect to some of the ``pages``."""
    by_url = {page.url_path: page for page in pages}

    def lead_on(target: str, query: Callable[[Query], dict[str, str]]) -> None:
        said = {name: texts[-1] for name, texts in state.whole_url().items()}
        st.switch_page(by_url[target], query_params=query(said))

    return [
        st.Page(partial(lead_on, target, query), title=url, url_path=url, visibility="hidden")
        for url, (target, query) in OLD.items()
    ]
