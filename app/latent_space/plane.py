"""A plane of latent space, with test images as dots, drawn on a canvas by ``app/static/plane``."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

import ibinn_core as ib
from app import state
from app.figures.classes import shown_classes
from app.figures.latent import NINE_TENTHS
from app.images.pictures import Picture
from app.images.sheets import Sheets
from app.latent_space import clouds
from app.models import registry
from app.models.in_browser import addresses_of
from app.models.live import as_picture, packed_array, packed_floats
from app.models.names import name_of
from app.move_text import STILL, as_text, from_browser
from app.palette import ACCENT
from app.reading import whole
from app.widgets.component import custom_module
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.weight_space import plain_gamma

STATIC = Path(__file__).resolve().parent.parent / "static" / "plane"
MAX_ROWS = 10**7


class DotDetails(NamedTuple):
    """The texts for the image under the pointer; each field has N rows."""

    classes: Sequence[str]
    labels: np.ndarray
    predicted: np.ndarray
    confidence: np.ndarray
    bits: np.ndarray  # bits/dim
    pictures: Sheets | None = None


@dataclass(frozen=True)
class Plane:
    """N test images in a plane, and the chosen images.

    Attributes:
        key: unique on the page.
        alt: the text for screen readers.
        model: id of the model that computed the positions.
        places: positions of the images, float32 ``(N, 2)``.
        groups: the group of each image, ``(N,)``; -1 for an image that is not drawn, -2 for a grey dot.
        names: names of the groups.
        colors: colours of the groups.
        frame: lower left and upper right corner of what is visible at first, ``(2, 2)``.
        means: positions of the groups' names, ``(K, 2)``, if the plane shows names.
        named: the groups whose names are shown; all if ``None``.
        circles: whether to draw a circle for each class that contains 90 % of its Gaussian.
        details: the texts for the image under the pointer.
        heading: the heading.
        ring: row of the chosen image.
        lasso: rows of the images in the lasso.
        star: position of an image that is not a test image, ``(2,)``.
        hand: the data for dragging the star or the ringed image, from :func:`hand_of`.
        trails: whether a line shows where the star has been.
        travels: whether a new image flies to its position once.
        track: positions of some images along the family's curve, so that they follow γ's slider.
        on_dot: called with the row of the clicked image.
        on_lasso: called with the rows in a new lasso.
        beside: whether the rest of the page is beside the plane.
        live: as in :class:`app.panel.Plot`.
    """

    key: str
    alt: str
    model: str
    places: np.ndarray
    groups: np.ndarray
    names: Sequence[str]
    colors: Sequence[str]
    frame: np.ndarray
    means: np.ndarray | None = None
    named: Sequence[int] | None = None
    circles: bool = False
    details: DotDetails | None = None
    heading: str = ""
    ring: int | None = None
    lasso: Sequence[int] = ()
    star: np.ndarray | None = None
    hand: dict[str, Any] | None = None
    trails: bool = False
    travels: bool = False
    track: clouds.Track | None = None
    on_dot: Callable[[int], None] | None = None
    on_lasso: Callable[[list[int]], None] | None = None
    beside: bool = True
    live: tuple[str, str, dict[str, Any]] | None = None


def hand_of(
    checkpoint: Checkpoint, picture: Picture, place: np.ndarray, posterior: np.ndarray, bars: str, mark: str = "star"
) -> dict[str, Any] | None:
    """The data for dragging an image in the plane of the class means: ``Data`` of ``app/static/plane/drag.js``.

    The browser decodes the image. The image's latent changes only within the plane.

    Arguments:
        checkpoint: a model with a likelihood.
        picture: the image.
        place: the image's position, ``(2,)``.
        posterior: the image's posterior, ``(K,)``.
        bars: key of the figure from :func:`app.figures.bars.posterior_bars` that shows the posterior.
        mark: ``"star"``, or ``"ring"`` for the chosen test image.

    Returns:
        ``None`` if browsers cannot run the model.
    """
    addresses = addresses_of(checkpoint)
    if addresses is None or checkpoint.gamma is None:
        return None
    return {
        "id": f"{mark} {checkpoint.id} {ib.data.pixel_hash(picture.pixels[None])[0]}",
        "mark": mark,
        "image": picture.token,
        "addresses": addresses._asdict(),
        "gamma": plain_gamma(checkpoint.gamma),
        "picture": as_picture(checkpoint, picture.pixels),
        "place": np.asarray(place, float).tolist(),
        "anchors": clouds.anchors_of_plane(checkpoint).tolist(),
        "bars": bars,
        "shown": [int(k) for k in shown_classes(posterior, picture.label)],
    }


def show_plane(plane: Plane) -> None:
    """Shows a plane; the plane reports a choice before the page runs again."""

    def dot() -> None:
        row = state.from_component(plane.key, "dot", whole(0, MAX_ROWS), None)
        if plane.on_dot and row is not None and row < len(plane.places):
            plane.on_dot(row)

    def lasso() -> None:
        rows = state.from_component(plane.key, "lasso", _rows, [])
        if plane.on_lasso:
            plane.on_lasso([row for row in rows if row < len(plane.places)])

    if plane.heading:
        st.markdown(plane.heading)
    element()(key=plane.key, data=data_of(plane), on_dot_change=dot, on_lasso_change=lasso, on_go_change=lambda: None)
    moves = state.from_component(plane.key, "go", from_browser, STILL)
    if moves != STILL and plane.hand:
        image = state.name_of(plane.hand["image"])
        query = {"tab": "move", "image": image, "model": plane.model, "moves": as_text(moves)}
        state.follow_link("views/explore.py", query)
    # A separate message, so that a new choice does not send the images again.
    custom_module("plane-marks", "plane/component.js", "marks")(
        key=f"marks-of-{plane.key}", data=marks_of(plane), height=1
    )


def _rows(said: object) -> list[int]:
    if not isinstance(said, list):
        raise ValueError("no rows")
    return [whole(0, MAX_ROWS)(row) for row in said]


def marks_of(plane: Plane) -> dict[str, Any]:
    """The chosen images, in the form of ``Marks`` in ``app/static/plane/component.js``."""
    return {
        "key": plane.key,
        "alt": plane.alt,
        "ring": plane.ring,
        "lasso": [int(row) for row in plane.lasso],
        "star": None if plane.star is None else np.asarray(plane.star, float).tolist(),
        "hand": plane.hand,
        "travels": plane.travels,
        "trails": plane.trails,
    }


def data_of(plane: Plane) -> dict[str, Any]:
    """The test images, in the form of ``Data`` in ``app/static/plane/component.js``."""
    gamma = registry.by_id(plane.model).gamma
    details, track = plane.details, plane.track
    return {
        "key": plane.key,
        "gamma": None if gamma is None else plain_gamma(gamma),
        "model": name_of(registry.by_id(plane.model)),
        "hasLasso": plane.on_lasso is not None,
        "names": list(plane.names),
        "colors": list(plane.colors),
        "places": packed_floats(plane.places),
        "groups": packed_array(plane.groups, "<i2"),
        "means": [] if plane.means is None else np.asarray(plane.means, float).tolist(),
        "named": None if plane.named is None else [int(k) for k in plane.named],
        "circles": NINE_TENTHS if plane.circles else 0,
        "frame": np.asarray(plane.frame, float).tolist(),
        "details": None
        if details is None
        else {
            "classes": list(details.classes),
            "labels": packed_array(details.labels, "<i2"),
            "predicted": packed_array(details.predicted, "<i2"),
            "sure": packed_floats(details.confidence),
            "bits": packed_floats(details.bits),
            "pictures": details.pictures
            and {**details.pictures._asdict(), "numbers": packed_array(details.pictures.numbers, "<u2")},
        },
        "track": None
        if track is None
        else {
            "dots": packed_array(track.rows, "<i4"),
            "places": packed_array(np.round(track.points / (scale := _unit(track.points))), "<i2"),
            "scale": scale,
            "means": packed_floats(track.means),
            "gammas": [plain_gamma(one) for one in track.gammas],
        },
    }


def _unit(values: np.ndarray) -> float:
    """The unit that turns the values into 16-bit integers, finer than any screen."""
    return float(np.abs(values).max(initial=0)) / (2**15 - 1) or 1.0


@cache
def element() -> ComponentRenderer:
    """Registers the element with Streamlit and returns it."""
    return custom_module(
        "plane", "plane/component.js", "component", html_of(), (STATIC / "plane.css").read_text("utf-8")
    )


def html_of() -> str:
    """The HTML inside the component."""
    html = (STATIC / "plane.html").read_text("utf-8")
    return html.replace("data-plane", f'data-plane style="--accent: {ACCENT}"', 1)
