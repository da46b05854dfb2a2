"""Classifiers without a likelihood: the choice of those to compare with, and their answers on an image."""

import numpy as np
import streamlit as st

from app import state
from app.models import registry
from app.models.names import name_of, unique_names
from app.models.predictions import predict
from app.widgets.choice import choose_several
from app.widgets.markdown import markdown_text
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.data.images import rows_of


def pick_posterior_only() -> list[Checkpoint]:
    """The classifiers without a likelihood that a page compares; shared by all pages through ``?beside=``."""
    named = unique_names(registry.without_likelihood())
    if not named:
        return []
    default = registry.first_beside_of(named)
    explanation = "Classifiers that give a posterior, but no likelihood: no Bayes' rule."
    picked = choose_several("Beside them, purely discriminative", named, state.BESIDE, default, explanation)
    picked = [i for i in named if i in picked]
    state.link(state.BESIDE, picked, default)
    return [registry.by_id(i) for i in picked]


def chosen_posterior_only() -> list[Checkpoint]:
    """What :func:`pick_posterior_only` would give, on a page that does not show it."""
    those = {c.id: c for c in registry.without_likelihood()}
    chosen = state.get(state.BESIDE) if state.has(state.BESIDE) else registry.first_beside_of(those)
    return [those[i] for i in chosen if i in those]


def show_answers(pixel_hash: np.uint64, pixels: np.ndarray | None = None) -> None:
    """A line with the answer of each classifier without a likelihood that is chosen for comparison.

    What is known of a test image stands in a latent file, by its hash; another image is answered for by its ``pixels``.
    """
    found = [(c, _posterior(c, pixel_hash, pixels)) for c in chosen_posterior_only()]
    texts = [
        f"{name_of(c)} says {markdown_text(c.classes[p.argmax()])} ({p.max():.0%})" for c, p in found if p is not None
    ]
    if texts:
        st.caption(f"Without a likelihood: {'; '.join(texts)}.")


def _posterior(checkpoint: Checkpoint, pixel_hash: np.uint64, pixels: np.ndarray | None) -> np.ndarray | None:
    row = rows_of(checkpoint.latent["hashes"], np.array([pixel_hash]))[0]
    if row >= 0:
        return checkpoint.latent["posterior"][row]
    return None if pixels is None else predict(checkpoint.id, pixels[None]).posterior[0]
