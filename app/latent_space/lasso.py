"""The test images that a person lassoed: they stay chosen while models, views, modes and pages change."""

import numpy as np
import streamlit as st

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
        st.session_state["lasso"] = hashes[selected] if len(selected) > 1 else _NONE
    st.session_state["lasso-seen"] = (chart, selected)
    return kept(hashes)


def kept(hashes: np.ndarray) -> np.ndarray:
    """Rows of the lassoed test images among those with these hashes, ``(n,)``."""
    return np.flatnonzero(np.isin(hashes, st.session_state.get("lasso", _NONE)))


def forget() -> None:
    """Ends the lasso."""
    st.session_state["lasso"] = _NONE
    st.session_state["lasso-forgotten"] = st.session_state.get("lasso-forgotten", 0) + 1


def offer_to_forget() -> None:
    """A button that ends the lasso."""
    st.button("Clear the selection", icon=":material/lasso_select:", on_click=forget, key="forget-lasso")


def some_rows(total: int, count: int, lasso: np.ndarray) -> np.ndarray:
    """Rows to be drawn of ``total``: ``count`` at random, and as many of the lassoed ones; ascending."""
    random = np.random.default_rng(0)
    return np.union1d(random.permutation(total)[:count], random.permutation(lasso)[:count])
