"""The test image that was clicked last in a point cloud."""

import numpy as np
import streamlit as st

from app.widgets.url import put_into_url, take_from_url


def chosen_point(latent: dict[str, np.ndarray], chart: str, clicked: int | None) -> int | None:
    """The row of the test image that a person clicked last, in any chart; kept in the URL as ``?point=``.

    Arguments:
        latent: the arrays of the model that is shown.
        chart: key of the chart that is shown; it remembers its own last click, which may be an old one.
        clicked: the row that is selected there.
    """
    take_from_url("point", str, "")
    if clicked is not None and st.session_state.get(f"{chart}-seen") != clicked:
        st.session_state["point"] = f"{latent['hashes'][clicked]:016x}"
    st.session_state[f"{chart}-seen"] = clicked  # also None, so that a second click on the same image counts
    put_into_url("point", st.session_state["point"], "")
    try:
        rows = np.flatnonzero(latent["hashes"] == np.uint64(int(st.session_state["point"], 16)))
    except (ValueError, OverflowError):
        return None
    return int(rows[0]) if len(rows) else None
