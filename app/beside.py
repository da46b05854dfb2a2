"""What classifiers without a likelihood say of an image, in a line below another model's posterior."""

import numpy as np
import streamlit as st

import ibinn_core as ib
from app import clouds, state
from app.figures.palette import CLASSES
from ibinn_core.checkpoint import Checkpoint


def show_answers(pixel_hash: np.uint64, pixels: np.ndarray | None = None) -> None:
    """A line with the answer of each classifier that a person has chosen to stand beside the models.

    Arguments:
        pixel_hash: of the image; what is known of a test image stands in a latent file.
        pixels: of the image, uint8 ``(32, 32, 3)``, for one that is none; without them such a one gets no answer.
    """
    found = {state.name_of(c): _posterior(c, pixel_hash, pixels) for c in state.beside()}
    texts = [f"{name} says {CLASSES[p.argmax()]} ({p.max():.0%})" for name, p in found.items() if p is not None]
    if texts:
        st.caption(f"Without a likelihood: {'; '.join(texts)}.")


def hash_of(pixels: np.ndarray) -> np.uint64:
    """The hash of one image, uint8 ``(32, 32, 3)``."""
    return ib.data.pixel_hash(pixels[None])[0]


def _posterior(checkpoint: Checkpoint, pixel_hash: np.uint64, pixels: np.ndarray | None) -> np.ndarray | None:
    row = clouds.rows_of(checkpoint.latent["hashes"], np.array([pixel_hash]))[0]
    if row >= 0:
        return checkpoint.latent["posterior"][row]
    return None if pixels is None else state.opinion(checkpoint.id, pixels[None]).posterior[0]
