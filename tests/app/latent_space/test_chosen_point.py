"""The test image that was clicked last."""

import numpy as np
import pytest
import streamlit as st

from app.latent_space.chosen import chosen_point


@pytest.fixture
def session(monkeypatch):
    """The session's state, without a session."""
    kept: dict = {}
    monkeypatch.setattr(st, "session_state", kept)
    monkeypatch.setattr(st, "query_params", {})
    return kept


def test_the_last_click_counts_wherever_it_was(session):
    latent = {"hashes": np.arange(10, 20, dtype=np.uint64)}
    assert chosen_point(latent, []) is None
    assert chosen_point(latent, [3]) == 3
    session["point"] = f"{latent['hashes'][5]:016x}"  # as a click on a neighbour does
    assert chosen_point(latent, []) == 5
    assert chosen_point(latent, [1, 2, 4]) == 5  # a lasso chooses none
    assert chosen_point(latent, [3]) == 3  # and there it is clicked again
