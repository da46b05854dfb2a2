"""The element with which a person moves an image in latent space: ``app/static/hands``."""

from pathlib import Path
from typing import Any

import numpy as np
from streamlit.components.v2.types import ComponentRenderer

from app import state
from app.images.pictures import Picture
from app.models.in_browser import addresses_of
from app.models.origin import hash_of
from app.move_text import (
    AROUND,
    CLASS,
    GAMMAS,
    KINDS,
    NO_SETS,
    OWN_CLASS,
    STILL,
    Moves,
    Sets,
    as_json,
    fitting,
    from_browser,
    kind_of,
)
from app.moves import latents as parts
from app.moves import own, rows
from app.moves.around import rows_around, told
from app.palette import ACCENT, class_colors
from app.widgets.component import own_module
from app.widgets.stage import is_on_stage
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.weight_space import plain_gamma

STATIC = Path(__file__).resolve().parent.parent / "static" / "hands"
KEY = "hands"


def begun(checkpoint: Checkpoint) -> tuple[Moves, str, Sets]:
    """What the hand has done, as far as a model has a use for it, which kind of move is shown, and a person's sets."""
    sets = own.begun()
    styles = own.all_styles(checkpoint, sets)
    moves = state.begin(state.MOVES, fit=lambda moves: fitting(moves, len(checkpoint.classes), styles))
    kind = state.begin(state.KIND, fit=state.among(kinds_for(checkpoint)))
    state.link(state.MOVES, moves)
    state.link(state.KIND, kind)
    return moves, kind or kind_of(moves), sets


def kinds_for(checkpoint: Checkpoint) -> list[str]:
    """The kinds of moves that a person chooses among: several γ where there are several."""
    return [kind for kind in KINDS if kind != GAMMAS or len(rows.models_for(checkpoint)) > 1]


def hands(
    checkpoint: Checkpoint,
    picture: Picture,
    moves: Moves,
    kind: str,
    other: Picture | None = None,
    sets: Sets = NO_SETS,
) -> None:
    """Shows the element for an image under a model.

    Arguments:
        checkpoint: a model with a likelihood.
        picture: the image.
        moves: what the hand has done, and
        kind: which kind of move is shown: :func:`begun`.
        other: the image of which a part may be transplanted, if there is one.
        sets: the images that a direction of a person's own is made of.
    """

    def tell() -> None:
        state.put(state.MOVES, state.from_component(KEY, "moves", from_browser, STILL))
        state.put(state.SERVER_MOVES, state.from_component(KEY, "moves", lambda said: not said.get("here"), False))
        state.put(state.KIND, state.from_component(KEY, "moves", lambda said: _kind(said.get("kind")), ""))

    def take_out() -> None:
        state.put(state.SETS, state.from_component(KEY, "removed", lambda said: own.without_one(sets, said), sets))

    # What a link says is on the page before the browser's model is; what the hand has done, the browser shows itself.
    is_of_link = state.from_component(KEY, "moves", from_browser, STILL) != moves
    data = specification(
        checkpoint,
        picture.pixels,
        _id(picture),
        moves,
        kind,
        other,
        sets,
        for_browser_too=state.get(state.SERVER_MOVES),
        is_of_link=is_of_link,
    )
    element()(key=KEY, data=data, on_moves_change=tell, on_removed_change=take_out)


def _id(picture: Picture) -> str:
    return str(hash_of(picture.pixels))


def _kind(said: object) -> str:
    if said not in ("", *KINDS):
        raise ValueError("no kind of moves")
    return str(said)


def specification(
    checkpoint: Checkpoint,
    pixels: np.ndarray,
    image: str,
    moves: Moves = STILL,
    kind: str = CLASS,
    other: Picture | None = None,
    sets: Sets = NO_SETS,
    *,
    for_browser_too: bool = False,
    is_of_link: bool = False,
) -> dict[str, Any]:
    """What the element gets, as plain JSON: ``Given`` of ``app/static/hands/move.js``.

    Arguments:
        checkpoint: a model with a likelihood.
        pixels: the image, uint8 ``(H, W, C)``.
        image: its hash.
        moves: what the hand has done before.
        kind: which kind of move is shown.
        other: the image of which a part may be transplanted, if there is one.
        sets: the images that a direction of a person's own is made of.
        for_browser_too: whether the server computes all pictures although the browser has been given a model.
        is_of_link: whether it computes at least the first.
    """
    start, plane = parts.start_of(checkpoint, pixels), parts.plane_of(checkpoint.id)
    styles = own.all_styles(checkpoint, sets)
    addresses = addresses_of(checkpoint)
    by_server = addresses is None or for_browser_too
    second = None if other is None else parts.start_of(checkpoint, other.pixels)
    answer = None
    if moves != STILL and (by_server or is_of_link):
        _, decoded = parts.moved(checkpoint, start, moves, styles, second)
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
        "small": parts.small(checkpoint, start, second, styles.get(OWN_CLASS), moves.around.seed),
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
        "kind": kind,
        "kinds": kinds_for(checkpoint),
        "other": None
        if other is None or second is None
        else {
            "id": _id(other),
            "latents": parts.base64_of(second.latents),
            "top": second.top,
            "corners": [parts.base64_of(parts.unit(one)) for one in parts.corners_of(checkpoint, start, second)]
            if by_server
            else None,
        },
        "rows": rows_for(checkpoint, pixels, moves, by_server=by_server) if kind == GAMMAS else None,
        "around": around_for(checkpoint, pixels, moves, by_server=by_server) if kind == AROUND else None,
        "own": own.told(sets),
        "answer": answer,
    }


def rows_for(checkpoint: Checkpoint, pixels: np.ndarray, moves: Moves, *, by_server: bool) -> dict[str, Any]:
    """The models of several γ, and what the server has computed under each if the browser cannot."""
    models = rows.models_for(checkpoint)
    told = None
    if by_server and moves.target is not None:
        told = rows.told(rows.rows_of(models, pixels, moves.target))
    return {"members": rows.members(models), "rows": told}


def around_for(checkpoint: Checkpoint, pixels: np.ndarray, moves: Moves, *, by_server: bool) -> dict[str, Any]:
    """From which bits/dim to which images are typical, and the draws around the image if the browser has no model."""
    found = told(checkpoint, rows_around(checkpoint, pixels, moves.around)) if by_server else None
    mean = checkpoint.latent["class_means"][parts.start_of(checkpoint, pixels).top]
    return {"typical": list(rows.typical_range(checkpoint)), "mean": parts.base64_of(mean), "rows": found}


def element() -> ComponentRenderer:
    """The element, which Streamlit knows from then on."""
    html = (STATIC / "move.html").read_text("utf-8")
    styled = html.replace('class="move"', f'class="move" style="--accent: {ACCENT}"', 1)
    return own_module("hands", "hands/move.js", html=styled, css=(STATIC / "move.css").read_text("utf-8"))
