"""The test images in the plane of the class means, and a point that moves among them.

The picture of the test images is sent once, as a style; what changes with each stroke is two numbers.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import streamlit as st

from app.figures.cloud_picture import cloud_picture, frame, within
from app.figures.layout import png_uri
from app.latent_space.clouds import cloud, place
from app.models import asking, registry
from app.palette import ACCENT, CLASS_COLORS
from app.widgets.component import own_component
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.exploration.geometry import class_centers

SIDE = 720  # of the picture in pixels
MOST = 5000  # test images that are drawn; more would hide each other

_HTML = """
<div class="plane"><svg viewBox="0 0 100 100" role="img">
  <polyline data-trail></polyline><g data-means></g><g data-point hidden><circle r="2.4"></circle></g>
</svg></div>
"""


def show_cloud(checkpoint: Checkpoint) -> None:
    """Sends the picture of the test images, which :func:`moving_point` draws on."""
    st.html(f"<style>:root {{ --latent-cloud: url({_picture(checkpoint.id)}) }}</style>")


def moving_point(checkpoint: Checkpoint, latents: np.ndarray | None, alt: str, key: str) -> None:
    """The plane of the class means, and in it the image that a page talks about, by its latents ``(1, D)``."""
    corner, side, centres = _plane(checkpoint.id)
    spot = None
    if latents is not None:
        found = within(place(checkpoint, "means", latents), corner, side)[0]
        spot = np.round(100 * found, 2).tolist()
    own_component("moving_point", Path(__file__), _HTML)(
        key=key,
        data={
            "place": spot,
            "means": [
                [*np.round(100 * centre, 2).tolist(), *look]
                for centre, look in zip(centres, _looks(checkpoint.classes), strict=True)
            ],
            "accent": ACCENT,
            "model": checkpoint.id,
            "alt": alt,
        },
    )


def _looks(classes: Sequence[str]) -> list[tuple[str, str]]:
    """Name and colour of each class."""
    return list(zip(classes, CLASS_COLORS, strict=False))


@asking.kept
def _plane(checkpoint_id: str) -> tuple[np.ndarray, float, np.ndarray]:
    """The frame, and in it the centres of the test images of each class, ``(K, 2)``."""
    checkpoint = registry.by_id(checkpoint_id)
    points, labels = cloud(checkpoint, "means").points, checkpoint.latent["labels"]
    centres = class_centers(points, labels)
    corner, side = frame(points, centres)
    return corner, side, within(centres, corner, side)


@asking.kept
def _picture(checkpoint_id: str) -> str:
    checkpoint = registry.by_id(checkpoint_id)
    corner, side, _ = _plane(checkpoint_id)
    places = within(cloud(checkpoint, "means").points[:MOST], corner, side)
    return png_uri(cloud_picture(places, checkpoint.latent["labels"][:MOST], SIDE))
