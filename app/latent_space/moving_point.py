"""The test images in the plane of the class means, and a point that moves among them.

The picture of the test images is sent once, as a style; with each stroke comes a small figure that lies on it.
"""

import numpy as np
import streamlit as st

from app import state
from app.figures.cloud_picture import cloud_picture, frame, plane_figure, within
from app.figures.layout import png_uri
from app.latent_space.clouds import cloud, place
from app.models import asking, registry
from app.widgets.figure import show_figure
from app.widgets.stage import staged
from ibinn_core.checkpoint import Checkpoint

SIDE = 720  # of the picture in pixels
MOST = 5000  # test images that are drawn; more would hide each other
LONGEST = 60  # places that the way remembers
KEY = "moving-point"
STYLE = f"""<style>
:root {{ --latent-cloud: url(PICTURE); }}
.st-key-{KEY} .figure-box {{
    height: auto; max-width: 30rem; aspect-ratio: 1; box-sizing: border-box;
    border: 1px solid var(--st-border-color, #888); border-radius: var(--st-base-radius, 0.5rem);
    background: var(--latent-cloud) center / 100% 100% no-repeat;
}}
</style>"""


def show_cloud(checkpoint: Checkpoint) -> None:
    """Sends the picture of the test images, which :func:`moving_point` draws on."""
    st.html(STYLE.replace("PICTURE", _picture(checkpoint.id)))


def moving_point(checkpoint: Checkpoint, latents: np.ndarray | None, alt: str) -> None:
    """The plane of the class means, and in it the image that a page talks about, by its latents ``(1, D)``."""
    corner, side, centres = _plane(checkpoint.id)
    way = _way(checkpoint, None if latents is None else within(place(checkpoint, "means", latents), corner, side)[0])
    figure = plane_figure(centres, np.array(way).reshape(-1, 2), classes=checkpoint.classes)
    show_figure(staged(figure), KEY, alt=alt, config={"displayModeBar": False, "staticPlot": True})


def _way(checkpoint: Checkpoint, spot: np.ndarray | None) -> list[list[float]]:
    """The places that the point has come by, the last one its own; none without a point, or of another model."""
    model, before = state.get(state.DRAW_WAY)
    way = [] if spot is None or model != checkpoint.id else before
    here = [] if spot is None else [np.round(spot, 4).tolist()]
    way = way if way[-1:] == here else [*way, *here][-LONGEST:]
    state.put(state.DRAW_WAY, (checkpoint.id, way))
    return way


def frame_of_plane(checkpoint_id: str) -> tuple[np.ndarray, float]:
    """The lower left corner of what :func:`moving_point` shows of the plane, ``(2,)``, and its side."""
    corner, side, _ = _plane(checkpoint_id)
    return corner, side


@asking.kept
def _plane(checkpoint_id: str) -> tuple[np.ndarray, float, np.ndarray]:
    """The frame, and in it the centres of the test images of each class, ``(K, 2)``."""
    checkpoint = registry.by_id(checkpoint_id)
    points, labels = cloud(checkpoint, "means").points, checkpoint.latent["labels"]
    centres = np.stack([points[labels == k].mean(0) for k in np.unique(labels)])
    corner, side = frame(points, centres)
    return corner, side, within(centres, corner, side)


@asking.kept
def _picture(checkpoint_id: str) -> str:
    checkpoint = registry.by_id(checkpoint_id)
    corner, side, _ = _plane(checkpoint_id)
    places = within(cloud(checkpoint, "means").points[:MOST], corner, side)
    return png_uri(cloud_picture(places, checkpoint.latent["labels"][:MOST], SIDE))
