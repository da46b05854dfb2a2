"""A person's image among the latents of the test set."""

from importlib.util import find_spec
from typing import NamedTuple, cast

import numpy as np
import streamlit as st

import ibinn_core as ib
from app.inference.results import digest
from app.latent_space import clouds
from app.latent_space.clouds import Cloud
from app.models import long_work
from app.models.predictions import latents_of
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.checkpoint.latent_format import view as view_basis


class Placed(NamedTuple):
    """The cloud, and where the image is in it."""

    cloud: Cloud  # the test set
    place: np.ndarray  # (2,)


def embed_own(checkpoint: Checkpoint, view: str, pixels: np.ndarray) -> Placed | None:
    """Places an image, uint8 ``(H, W, C)``; in the UMAP view only after a button, since that takes its time."""
    z = latents_of(checkpoint.id, pixels[None])
    latent = checkpoint.latent
    if view != "umap":
        return Placed(clouds.cloud(checkpoint, view), clouds.place(checkpoint, view, z)[0])
    if find_spec("umap") is None:
        st.info(
            "To place your image with UMAP needs the package umap-learn, which is not installed: "
            "`pip install umap-learn`.",
            icon=":material/extension_off:",
        )
        return None

    def arguments() -> tuple[np.ndarray, np.ndarray]:
        return latent["pca_coordinates"], ib.exploration.project(z, view_basis(latent, "pca"))

    found = long_work.offer(
        f"umap-{checkpoint.id}",
        "UMAP",
        "Place it with UMAP",
        "about half a minute on two cores",
        ("umap", checkpoint.id, digest(latent["pca_coordinates"], z)),
        "app.latent_space.umap_place:place",
        arguments,
    )
    if found is None:
        return None
    points, place = cast(tuple[np.ndarray, np.ndarray], found)
    points, place = (clouds.turned(checkpoint, view, one.reshape(-1, 2)) for one in (points, place))
    return Placed(Cloud(points, None), place[0])
