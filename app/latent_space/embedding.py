"""A person's image among the latents of the test set."""

import threading
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import streamlit as st

import ibinn_core as ib
from app.latent_space import clouds
from app.latent_space.clouds import Cloud
from app.models.predictions import predict_with_likelihood
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.checkpoint.latent_format import view as view_basis

if TYPE_CHECKING:  # its import takes seconds
    from umap import UMAP

SECONDS = "about half a minute on two cores"
LOCK = threading.Lock()  # numba aborts the process if two threads run UMAP at once


class Placed(NamedTuple):
    """The cloud, and where the image is in it.

    Attributes:
        cloud: the test set.
        place: ``(2,)``.
    """

    cloud: Cloud
    place: np.ndarray


def embed_own(checkpoint: Checkpoint, view: str, pixels: np.ndarray) -> Placed | None:
    """Places an image, uint8 ``(H, W, C)``; in the UMAP view only after a button, since that takes its time."""
    z = predict_with_likelihood(checkpoint.id, pixels[None]).latents
    if view != "umap":
        return Placed(
            clouds.cloud(checkpoint, view), ib.exploration.project(z, view_basis(checkpoint.latent, view))[0, :2]
        )
    key = f"umap-{checkpoint.id}"
    if st.button("Place it with UMAP", key=f"{key}-button", help=f"Computes the map anew with room for it: {SECONDS}."):
        st.session_state[key] = True
    if not st.session_state.get(key):
        return None
    with st.spinner(f"UMAP of the test set: {SECONDS} …", show_time=True):
        return _with_umap(checkpoint, z)


def _with_umap(checkpoint: Checkpoint, z: np.ndarray) -> Placed:
    reducer, points = _umap(checkpoint.id, checkpoint.latent["pca_coordinates"])
    components = ib.exploration.project(z, view_basis(checkpoint.latent, "pca"))
    with LOCK:
        place = np.asarray(reducer.transform(components), np.float32)[0]
    return Placed(Cloud(points, None), place)


@st.cache_resource(show_spinner=False, max_entries=3)
def _umap(checkpoint_id: str, coordinates: np.ndarray) -> "tuple[UMAP, np.ndarray]":
    """UMAP of the test set's principal components: what places new images, and the map ``(N, 2)``."""
    from umap import UMAP

    with LOCK:
        reducer = UMAP(random_state=0, n_jobs=1).fit(coordinates.astype(np.float32))
    return reducer, np.asarray(reducer.embedding_, np.float32)
