"""The element for moving an image in latent space, drawn by ``app/static/moves``."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streamlit.components.v2.types import ComponentRenderer

import ibinn_core as ib
from app import state
from app.images.pictures import Picture
from app.inference.directions import KINDS, Direction, kind_of
from app.latent_space import clouds
from app.models.in_browser import Addresses
from app.models.live import as_picture, packed_floats
from app.move_text import STILL, Moves, as_text, from_browser
from app.moves import rows
from app.palette import ACCENT, class_colors
from app.state import Value
from app.widgets.component import custom_module
from app.widgets.selectors import show_style
from app.widgets.stage import is_on_stage
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.weight_space import plain_gamma

#: On stage, the images' controls are hidden, so that the element gets their height; but a transplant needs two images.
ON_STAGE = ".st-key-panel-controls { display: none; }"
WITH_TWO_IMAGES = ".move { --images: 3.5rem; }"
STATIC = Path(__file__).resolve().parent.parent / "static" / "moves"


@dataclass(frozen=True)
class MoveEditor:
    """An image under a model, and its moves.

    Attributes:
        key: the element's key.
        checkpoint: the model.
        given: data from :func:`specification`.
    """

    key: str
    checkpoint: Checkpoint
    given: dict[str, Any]


def show_move_editor(editor: MoveEditor) -> None:
    """Shows the element; the element reports moves before the page runs again."""

    def tell() -> None:
        moves, kind = state.from_component(editor.key, "moves", _said, (STILL, ""))
        state.put(Value("moves", ""), as_text(moves))
        state.put(Value("kind", ""), "" if kind == kind_of(moves, editor.checkpoint) else kind)

    if is_on_stage():
        show_style(WITH_TWO_IMAGES if editor.given["other"] else ON_STAGE)
    element()(key=editor.key, data=editor.given, on_moves_change=tell)


def _said(said: dict[str, Any]) -> tuple[Moves, str]:
    """The moves, and the shown kind of move, from a message of the element."""
    if said["kind"] not in KINDS:
        raise ValueError("unknown kind of moves")
    return from_browser(said["amounts"]), said["kind"]


def specification(
    checkpoint: Checkpoint,
    addresses: Addresses,
    picture: Picture,
    moves: Moves = STILL,
    kind: str = "class",
    other: Picture | None = None,
) -> dict[str, Any]:
    """The data of the element, as plain JSON in the form of ``Data`` in ``app/static/moves/move.js``.

    Arguments:
        checkpoint: a model with a likelihood.
        addresses: addresses of the family's files for browsers.
        picture: the image.
        moves: the moves.
        kind: the shown kind of move.
        other: the image from which a part may be transplanted, if there is one.
    """
    return {
        "id": f"{checkpoint.id} {ib.data.pixel_hash(picture.pixels[None])[0]}",
        "addresses": addresses._asdict(),
        "gamma": plain_gamma(checkpoint.gamma or 0),
        "anchors": clouds.anchors_of_plane(checkpoint).tolist(),
        "classes": list(checkpoint.classes),
        "colors": list(class_colors(len(checkpoint.classes))),
        "picture": as_picture(checkpoint, picture.pixels),
        "other": None if other is None else as_picture(checkpoint, other.pixels),
        "kinds": [
            {"key": key, "title": one.title, "shows": one.shows, "sliders": _sliders(one.directions(checkpoint))}
            for key, one in KINDS.items()
        ],
        "is_on_stage": is_on_stage(),
        "moves": dict(moves),
        "kind": kind,
        "members": rows.members(rows.models_for(checkpoint)) if KINDS[kind].shows == "rows" else None,
    }


def _sliders(directions: list[Direction]) -> list[dict[str, Any]]:
    return [
        {**one._asdict(), "vector": None if one.vector is None else packed_floats(one.vector)} for one in directions
    ]


def element() -> ComponentRenderer:
    """Registers the element with Streamlit and returns it."""
    html = (STATIC / "move.html").read_text("utf-8")
    styled = html.replace('class="move"', f'class="move" style="--accent: {ACCENT}"', 1)
    return custom_module("moves", "moves/move.js", html=styled, css=(STATIC / "move.css").read_text("utf-8"))
