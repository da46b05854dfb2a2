"""The star of an image in a figure of the plane of the class means, which a person drags: ``app/static/hands``."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from app import state
from app.figures.classes import shown_classes
from app.images.pictures import Picture
from app.latent_space import clouds
from app.models.in_browser import addresses_of
from app.models.live import as_picture
from app.models.origin import hash_of
from app.move_text import STILL, from_browser
from app.palette import ACCENT
from app.widgets.component import own_module
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.weight_space import plain_gamma

STATIC = Path(__file__).resolve().parent.parent / "static" / "hands"


class Draggable(NamedTuple):
    """An image whose mark in a figure can be dragged.

    Attributes:
        figure: key of the figure, whose axes are those of the plane of the class means.
        checkpoint: a model with a likelihood.
        picture: the image.
        place: where it lies in the plane, ``(2,)``.
        bars: key of the figure with its posterior, which :func:`app.figures.bars.posterior_bars` has drawn, and that,
            ``(K,)``.
        mark: the name of the figure's part that shows where the image lies.
    """

    figure: str
    checkpoint: Checkpoint
    picture: Picture
    place: np.ndarray
    bars: tuple[str, np.ndarray]
    mark: str = "star"


def let_drag(image: Draggable) -> None:
    """Lets a person drag an image's mark in a figure; what it becomes is shown here, and its bars in theirs.

    The latent moves within the plane and keeps all that the plane does not show. Where the browser cannot compute, the
    mark is as it was.
    """
    given = specification(image)
    if given is None:
        return
    element()(key=f"drag-{image.figure}", data=given, on_go_change=lambda: None)
    moves = state.from_component(f"drag-{image.figure}", "go", from_browser, STILL)
    if moves != STILL:
        state.put(state.MOVES, moves)
        query = {state.IMAGE: image.picture.token, state.MODEL: image.checkpoint.id, state.MOVES: moves}
        st.switch_page("views/move.py", query_params=state.query(query))


def specification(image: Draggable) -> dict[str, Any] | None:
    """What the element gets, ``Given`` of ``app/static/hands/drag.js``; ``None`` where no browser can compute."""
    figure, checkpoint, picture, place, bars, mark = image
    addresses = addresses_of(checkpoint)
    if addresses is None or checkpoint.gamma is None:
        return None
    return {
        "id": f"{figure} {mark} {checkpoint.id} {hash_of(picture.pixels)}",
        "figure": figure,
        "mark": mark,
        "addresses": addresses._asdict(),
        "gamma": plain_gamma(checkpoint.gamma),
        "picture": as_picture(checkpoint, picture.pixels),
        "place": np.asarray(place, float).tolist(),
        "anchors": clouds.anchors_of_plane(checkpoint).tolist(),
        "bars": bars[0],
        "shown": [int(k) for k in shown_classes(bars[1], picture.label)],
        "color": ACCENT,
    }


def element() -> ComponentRenderer:
    """The element, which Streamlit knows from then on."""
    html, hand, css = ((STATIC / name).read_text("utf-8") for name in ("drag.html", "hand.css", "drag.css"))
    return own_module("drag", "hands/drag.js", "component", html, hand + css)
