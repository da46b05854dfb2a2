"""The test images that a person lassoed: they stay chosen while models, views, modes and pages change."""

import numpy as np
import streamlit as st

from app.latent_space.lasso_text import from_text, to_text
from app.models import registry
from app.widgets.url import came_by_history, put_into_url

PARAMETER = "lasso"
_NONE = np.zeros(0, np.uint64)


def chart_key(name: str) -> str:
    """The key of a chart that may be lassoed; another one after :func:`forget`, or Plotly would keep its own lasso."""
    forgotten = st.session_state.get("lasso-forgotten", 0)
    return f"{name}-{forgotten}" if forgotten else name


def lassoed(hashes: np.ndarray, chart: str, selected: list[int]) -> np.ndarray:
    """Rows of the test images that a person lassoed last, in any chart, ``(n,)``; empty if there are none.

    A click on a single image ends the lasso. That nothing is selected does not: Streamlit takes a chart for a new one,
    and its selection for empty, as soon as it draws anything else.

    Arguments:
        hashes: of the test images of the model that is shown.
        chart: key of the chart that is shown.
        selected: the rows that are selected there.
    """
    if selected and (chart, selected) != st.session_state.get("lasso-seen"):
        _remember(hashes[selected] if len(selected) > 1 else _NONE)
    st.session_state["lasso-seen"] = (chart, selected)
    return kept(hashes)


def kept(hashes: np.ndarray) -> np.ndarray:
    """Rows of the lassoed test images among those with these hashes, ``(n,)``; ``?lasso=`` in the URL."""
    if "lasso" not in st.session_state or came_by_history():
        text = st.query_params.get(PARAMETER, "")
        _remember(from_text(text, *_test_set()) if text else _NONE)
    put_into_url(PARAMETER, st.session_state["lasso-text"], "")
    return np.flatnonzero(np.isin(hashes, st.session_state["lasso"]))


def _remember(chosen: np.ndarray) -> None:
    st.session_state["lasso"] = chosen
    st.session_state["lasso-text"] = to_text(chosen, *_test_set()) if len(chosen) else ""


def _test_set() -> tuple[np.ndarray, np.ndarray]:
    """Hashes and classes of the test images, the same whichever model is shown: one between two knows fewer."""
    latent = registry.with_likelihood()[0].latent
    return latent["hashes"], latent["labels"]


def forget() -> None:
    """Ends the lasso."""
    _remember(_NONE)
    st.session_state["lasso-forgotten"] = st.session_state.get("lasso-forgotten", 0) + 1


def offer_to_forget() -> None:
    """A button that ends the lasso."""
    st.button("Clear the selection", icon=":material/lasso_select:", on_click=forget, key="forget-lasso")


def some_rows(total: int, count: int, lasso: np.ndarray) -> np.ndarray:
    """Rows to be drawn of ``total``: ``count`` at random, and as many of the lassoed ones; ascending."""
    random = np.random.default_rng(0)
    return np.union1d(random.permutation(total)[:count], random.permutation(lasso)[:count])
