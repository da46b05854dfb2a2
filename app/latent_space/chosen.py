"""The test images that a person clicked or lassoed last: they stay chosen while models, views and pages change."""

from collections.abc import Callable

import numpy as np
import streamlit as st

from app import state
from app.latent_space.lasso_text import from_text, to_text
from app.models import registry

_NONE = np.zeros(0, np.uint64)


def lassoed(hashes: np.ndarray, picked: list[int]) -> np.ndarray:
    """Rows of the test images with these hashes that a person lassoed last, in any chart, ``(n,)``.

    ``picked`` are the rows that have just been picked in the chart; a single one ends the lasso.
    """
    if picked:
        _remember(hashes[picked] if len(picked) > 1 else _NONE)
    return kept(hashes)


def kept(hashes: np.ndarray) -> np.ndarray:
    """Rows of the lassoed test images among those with these hashes, ``(n,)``; ``?lasso=`` in the URL."""
    if not state.has(state.LASSOED) or state.came_by_history():
        text = state.in_url(state.LASSO)
        _remember(from_text(text, *_test_set()) if text else _NONE)
    state.link(state.LASSO, state.get(state.LASSO))
    return np.flatnonzero(np.isin(hashes, state.get(state.LASSOED)))


def _remember(chosen: np.ndarray) -> None:
    state.put(state.LASSOED, chosen)
    state.put(state.LASSO, to_text(chosen, *_test_set()) if len(chosen) else "")


def _test_set() -> tuple[np.ndarray, np.ndarray]:
    """Hashes and classes of the test images, the same whichever model is shown: one between two knows fewer."""
    latent = registry.with_likelihood()[0].latent
    return latent["hashes"], latent["labels"]


def forget() -> None:
    """Ends the lasso."""
    _remember(_NONE)


def offer_to_forget() -> None:
    """A button that ends the lasso."""
    st.button("Clear the selection", icon=":material/lasso_select:", on_click=forget, key="forget-lasso")


def some_rows(total: int, count: int, lasso: np.ndarray) -> np.ndarray:
    """Rows to be drawn of ``total``: ``count`` at random, and as many of the lassoed ones; ascending."""
    random = np.random.default_rng(0)
    return np.union1d(random.permutation(total)[:count], random.permutation(lasso)[:count])


def chosen_point(latent: dict[str, np.ndarray], picked: list[int]) -> int | None:
    """The row of the test image that a person clicked last, in any chart; kept in the URL as ``?point=``.

    ``picked`` are the rows that have just been picked in its chart; of several, none is the chosen one.
    """
    point = state.begin(state.POINT)
    if len(picked) == 1:
        state.put(state.POINT, point := f"{latent['hashes'][picked[0]]:016x}")
    state.link(state.POINT, point)
    return _row_of(latent, point)


def _row_of(latent: dict[str, np.ndarray], point: str) -> int | None:
    try:
        rows = np.flatnonzero(latent["hashes"] == np.uint64(int(point, 16)))
    except (ValueError, OverflowError):
        return None
    return int(rows[0]) if len(rows) else None


def choose_point(latent: dict[str, np.ndarray]) -> Callable[[int], None]:
    """What makes the test image in a row of the arrays of a model the chosen one."""

    def choose(row: int) -> None:
        if row < len(latent["hashes"]):
            forget()
            state.put(state.POINT, f"{latent['hashes'][row]:016x}")

    return choose
