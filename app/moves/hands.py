"""The element with which a person moves an image in latent space: ``app/static/hands``."""

from pathlib import Path
from typing import Any

import numpy as np
from streamlit.components.v2.types import ComponentRenderer

from app import state
from app.models.in_browser import addresses_of
from app.move_text import STILL, Moves, as_json, fitting, from_browser
from app.moves import latents as parts
from app.palette import ACCENT, class_colors
from app.widgets.component import own_module
from app.widgets.stage import is_on_stage
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.weight_space import plain_gamma

STATIC = Path(__file__).resolve().parent.parent / "static" / "hands"
KEY = "hands"


def hands(checkpoint: Checkpoint, pixels: np.ndarray, image: str) -> Moves:
    """Shows the element for an image under a model, and returns what the hand has done.

    Arguments:
        checkpoint: a model with a likelihood.
        pixels: the image, uint8 ``(H, W, C)``.
        image: its hash.
    """

    def tell() -> None:
        state.put(state.MOVES, state.from_component(KEY, "moves", from_browser, STILL))
        state.put(state.SERVER_MOVES, state.from_component(KEY, "moves", lambda said: not said["here"], False))

    styles = parts.styles_of(checkpoint)
    moves = state.begin(state.MOVES, fit=lambda moves: fitting(moves, len(checkpoint.classes), styles))
    state.link(state.MOVES, moves)
    data = specification(checkpoint, pixels, image, moves, for_browser_too=state.get(state.SERVER_MOVES))
    element()(key=KEY, data=data, on_moves_change=tell)
    return moves


def specification(
    checkpoint: Checkpoint, pixels: np.ndarray, image: str, moves: Moves = STILL, *, for_browser_too: bool = False
) -> dict[str, Any]:
    """What the element gets, as plain JSON: ``Given`` of ``app/static/hands/move.js``.

    Arguments:
        checkpoint: a model with a likelihood.
        pixels: the image, uint8 ``(H, W, C)``.
        image: its hash.
        moves: what the hand has done before.
        for_browser_too: whether the server computes the picture although the browser has been given a model.
    """
    start, styles, plane = (
        parts.start_of(checkpoint, pixels),
        parts.styles_of(checkpoint),
        parts.plane_of(checkpoint.id),
    )
    addresses = addresses_of(checkpoint)
    answer = None
    if moves != STILL and (addresses is None or for_browser_too):
        _, decoded = parts.moved(checkpoint, start, moves, styles)
        seen = parts.start_of(checkpoint, decoded)
        answer = {
            "moves": as_json(moves),
            "pixels": parts.base64_of(parts.unit(decoded)),
            "judged": {"posterior": seen.posterior.tolist(), "bits": seen.bits},
        }
    return {
        "id": f"{checkpoint.id} {image}",
        "addresses": addresses and addresses._asdict(),
        "gamma": plain_gamma(checkpoint.gamma) if checkpoint.gamma is not None else 0,
        "classes": list(checkpoint.classes),
        "colors": list(class_colors(len(checkpoint.classes))),
        "shape": list(checkpoint.dataset.image_shape),
        "noise": checkpoint.noise,
        "latents": parts.base64_of(start.latents),
        "pixels": parts.base64_of(parts.unit(pixels)),
        "small": parts.small(checkpoint, start),
        "plane": {
            "origin": parts.base64_of(plane.origin),
            "axes": parts.base64_of(plane.axes),
            "middle": plane.middle.tolist(),
        },
        "styles": [{"name": name, "direction": parts.base64_of(one)} for name, one in styles.items()],
        "from": start.top,
        "judged": {"posterior": start.posterior.tolist(), "bits": start.bits},
        "quantiles": parts.quantiles_of(checkpoint),
        "is_on_stage": is_on_stage(),
        "moves": as_json(moves),
        "answer": answer,
    }


def element() -> ComponentRenderer:
    """The element, which Streamlit knows from then on."""
    html = (STATIC / "move.html").read_text("utf-8")
    styled = html.replace('class="move"', f'class="move" style="--accent: {ACCENT}"', 1)
    return own_module("hands", "hands/move.js", html=styled, css=(STATIC / "move.css").read_text("utf-8"))
