"""A person's image among the latents of the test set."""

import numpy as np
import streamlit as st

from app.latent_space import clouds
from app.models.predictions import latents_of
from ibinn_core.checkpoint import Checkpoint


def embed_own(checkpoint: Checkpoint, view: str, pixels: np.ndarray) -> np.ndarray | None:
    """Where an image, uint8 ``(H, W, C)``, lies in a view, ``(2,)``; ``None`` in that of UMAP, which is no function."""
    if view == "umap":
        st.info("UMAP has places for the test images alone. Choose another view to see your image.")
        return None
    return clouds.place(checkpoint, view, latents_of(checkpoint.id, pixels[None]))[0]
