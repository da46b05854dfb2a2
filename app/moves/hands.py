"""The element with which a person moves an image in latent space: ``app/static/hands``."""

from pathlib import Path

import numpy as np

from app import state
from app.models.in_browser import addresses_of
from app.moves import latents as parts
from app.moves.state_text import STILL, Moves, as_json, fitting, from_browser
from app.palette import ACCENT, class_colors
from app.widgets.component import own_module
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

    start, styles = parts.start_of(checkpoint, pixels), parts.styles_of(checkpoint)
    addresses = addresses_of(checkpoint)
    moves = state.begin(state.MOVES, fit=lambda moves: fitting(moves, len(checkpoint.classes), styles))
    state.link(state.MOVES, moves)
    answer = None
    if moves != STILL and (addresses is None or state.get(state.SERVER_MOVES)):
        _, decoded = parts.moved(checkpoint, start, moves, styles)
        seen = parts.start_of(checkpoint, decoded)
        answer = {
            "moves": as_json(moves),
            "pixels": parts.base64_of(parts.unit(decoded)),
            "judged": {"posterior": seen.posterior.tolist(), "bits": seen.bits},
        }
    plane = parts.plane_of(checkpoint.id)
    own_module("hands", "hands/move.js", html=_html(), css=(STATIC / "move.css").read_text("utf-8"))(
        key=KEY,
        data={
            "id": f"{checkpoint.id} {image}",
            "addresses": addresses and addresses._asdict(),
            "gamma": plain_gamma(checkpoint.gamma) if checkpoint.gamma is not None else 0,
            "classes": list(checkpoint.classes),
            "colors": list(class_colors(len(checkpoint.classes))),
            "shape": list(checkpoint.dataset.image_shape),
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
            "moves": as_json(moves),
            "answer": answer,
        },
        on_moves_change=tell,
    )
    return moves


def _html() -> str:
    return (
        (STATIC / "move.html").read_text("utf-8").replace('class="move"', f'class="move" style="--accent: {ACCENT}"', 1)
    )
