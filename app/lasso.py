"""The test images that a person lassoed: they stay chosen while models, views and modes change."""

import numpy as np
import streamlit as st

from app import clouds
from ibinn_core.checkpoint import Checkpoint

_NONE = np.zeros(0, np.uint64)


def selected_rows(event: dict | None) -> list[int]:
    """The rows of the clicked or lassoed test images, from Plotly's selection; those of means do not count."""
    points = ((event or {}).get("selection") or {}).get("points") or []
    rows = [point["customdata"] for point in points if "customdata" in point]
    return [int(row[0] if isinstance(row, (list, tuple)) else row) for row in rows]


def chart_key(name: str) -> str:
    """The key of a chart that may be lassoed: another one after :func:`let_go`, since Plotly would keep its lasso."""
    let_go_before = st.session_state.get("lasso-let-go", 0)
    return f"{name}-{let_go_before}" if let_go_before else name


def lassoed(hashes: np.ndarray, chart: str, selected: list[int]) -> np.ndarray:
    """Rows of the test images that a person lassoed last, in whatever chart, ``(n,)``; empty if there are none.

    A click on a single image lifts the lasso, and so does a selection of nothing on the chart where it was drawn.

    Arguments:
        hashes: of the test images of the model that is shown.
        chart: key of the chart that is shown.
        selected: the rows that are selected there.
    """
    chart_before, before = st.session_state.get("lasso-seen", (chart, []))
    if selected != (before if chart_before == chart else []):
        st.session_state["lasso"] = hashes[selected] if len(selected) > 1 else _NONE
    st.session_state["lasso-seen"] = (chart, selected)
    return kept(hashes)


def kept(hashes: np.ndarray) -> np.ndarray:
    """Rows of the lassoed test images among those with these hashes, ``(n,)``."""
    return np.flatnonzero(np.isin(hashes, st.session_state.get("lasso", _NONE)))


def kept_under(checkpoint: Checkpoint, reference: Checkpoint, rows: np.ndarray) -> np.ndarray:
    """The same test images as in ``rows`` of the reference's latent file, in another model's."""
    found = clouds.rows_of(checkpoint.latent["hashes"], reference.latent["hashes"][rows])
    return found[found >= 0]


def let_go() -> None:
    """Forgets the lasso."""
    st.session_state["lasso"] = _NONE
    st.session_state["lasso-let-go"] = st.session_state.get("lasso-let-go", 0) + 1


def offer_to_let_go() -> None:
    """A button that forgets the lasso."""
    st.button("Lift the lasso", icon=":material/lasso_select:", on_click=let_go, key="let-go")


def some_rows(total: int, count: int, lasso: np.ndarray) -> np.ndarray:
    """Rows to be drawn of ``total``: ``count`` at random, and as many of the lassoed ones; ascending."""
    random = np.random.default_rng(0)
    return np.union1d(random.permutation(total)[:count], random.permutation(lasso)[:count])
