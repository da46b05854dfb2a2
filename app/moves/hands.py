"""The element with which a person moves an image in latent space: ``app/static/hands``."""

from pathlib import Path
from typing import Any

from streamlit.components.v2.types import ComponentRenderer

from app import state
from app.images.pictures import Picture
from app.latent_space import clouds
from app.models.in_browser import Addresses
from app.models.live import as_picture, packed_floats
from app.models.origin import hash_of
from app.move_text import CLASS, GAMMAS, KINDS, STILL, Moves, as_json, fitting, from_browser, kind_of
from app.moves import rows
from app.moves.styles import styles_of
from app.palette import ACCENT, class_colors
from app.widgets.component import own_module
from app.widgets.stage import is_on_stage
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.weight_space import plain_gamma

STATIC = Path(__file__).resolve().parent.parent / "static" / "hands"


def begun(checkpoint: Checkpoint) -> tuple[Moves, str]:
    """What the hand has done, as far as a model has a use for it, and which kind of move is shown."""
    styles = styles_of(checkpoint)
    moves = state.begin(state.MOVES, fit=lambda moves: fitting(moves, len(checkpoint.classes), styles))
    kind = state.begin(state.KIND, fit=state.among(KINDS))
    state.link(state.MOVES, moves)
    state.link(state.KIND, kind)
    return moves, kind or kind_of(moves)


def key_for(checkpoint: Checkpoint) -> str:
    """The element's key: each data set has its own element, so that nothing of one is shown with another."""
    return f"hands-{checkpoint.dataset.name}"


def hands(
    checkpoint: Checkpoint, addresses: Addresses, picture: Picture, moves: Moves, kind: str, other: Picture | None
) -> None:
    """Shows the element for an image under a model.

    Arguments:
        checkpoint: a model with a likelihood.
        addresses: of its family's files for browsers.
        picture: the image.
        moves: what the hand has done, and
        kind: which kind of move is shown: :func:`begun`.
        other: the image of which a part may be transplanted, if there is one.
    """
    key = key_for(checkpoint)

    def tell() -> None:
        state.put(state.MOVES, state.from_component(key, "moves", from_browser, STILL))
        state.put(state.KIND, state.from_component(key, "moves", lambda said: _kind(said.get("kind")), ""))

    element()(key=key, data=specification(checkpoint, addresses, picture, moves, kind, other), on_moves_change=tell)


def _kind(said: object) -> str:
    if said not in ("", *KINDS):
        raise ValueError("no kind of moves")
    return str(said)


def specification(
    checkpoint: Checkpoint,
    addresses: Addresses,
    picture: Picture,
    moves: Moves = STILL,
    kind: str = CLASS,
    other: Picture | None = None,
) -> dict[str, Any]:
    """What the element gets, as plain JSON: ``Given`` of ``app/static/hands/move.js``; its arguments: :func:`hands`."""
    return {
        "id": f"{checkpoint.id} {hash_of(picture.pixels)}",
        "addresses": addresses._asdict(),
        "gamma": plain_gamma(checkpoint.gamma or 0),
        "anchors": clouds.anchors_of_plane(checkpoint).tolist(),
        "classes": list(checkpoint.classes),
        "colors": list(class_colors(len(checkpoint.classes))),
        "picture": as_picture(checkpoint, picture.pixels),
        "other": None if other is None else as_picture(checkpoint, other.pixels),
        "styles": [{"name": name, "direction": packed_floats(one)} for name, one in styles_of(checkpoint).items()],
        "is_on_stage": is_on_stage(),
        "moves": as_json(moves),
        "kind": kind,
        "members": rows.members(rows.models_for(checkpoint)) if kind == GAMMAS else None,
    }


def element() -> ComponentRenderer:
    """The element, which Streamlit knows from then on."""
    html = (STATIC / "move.html").read_text("utf-8")
    styled = html.replace('class="move"', f'class="move" style="--accent: {ACCENT}"', 1)
    return own_module("hands", "hands/move.js", html=styled, css=(STATIC / "move.css").read_text("utf-8"))
