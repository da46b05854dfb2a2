"""Figures that the browser updates while γ's slider moves. After that, the server draws the same figures."""

import base64
from typing import Any

import numpy as np

from app.inference.models import is_continuous
from app.models import registry
from app.models.in_browser import addresses_of
from app.widgets.component import custom_module
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.weight_space import MixedCheckpoint, plain_gamma

_HTML = '<p data-live class="live-note"></p>'
_CSS = ".live-note { margin: 0; font-size: 0.8125rem; opacity: 0.7; } .live-note:empty { display: none; }"


def follow_live(
    figure: str,
    checkpoint: Checkpoint,
    kind: str,
    task: dict[str, Any],
) -> None:
    """Lets parts of a figure follow γ's slider; the browser computes them (``app/static/live``).

    If the browser cannot run the model, a line on the page says so, and the figure changes when the slider is
    released. For a model without a γ or a measured family, the function does nothing.

    Arguments:
        figure: the key of a grid of images, or of a figure with named parts that was shown with ``gamma``.
        checkpoint: the slider's model.
        kind: the kind of task: "bars", "bayes", "samples", "star" or "walks".
        task: the arguments of the task, as plain JSON.
    """
    trained = registry.by_id(checkpoint.point.left) if isinstance(checkpoint, MixedCheckpoint) else checkpoint
    family = registry.weight_space(registry.family_of(trained))
    if family is None or checkpoint.gamma is None or not is_continuous(family):
        return
    addresses = addresses_of(trained)
    data = {
        "figure": figure,
        "addresses": None if addresses is None else addresses._asdict(),
        "problem": "" if addresses else "the server has no models for browsers",
        "kind": kind,
        "task": task,
        "gamma": plain_gamma(checkpoint.gamma),
    }
    custom_module("live", "live/live.js", "component", _HTML, _CSS)(key=f"live-{figure}", data=data)


def as_picture(checkpoint: Checkpoint, pixels: np.ndarray) -> dict[str, Any]:
    """An image, uint8 ``(H, W, C)``, as an argument of tasks that evaluate it."""
    return {"pixels": packed(pixels), "shape": checkpoint.dataset.image_shape, "noise": checkpoint.noise}


def packed(pixels: np.ndarray) -> str:
    """An image, uint8 ``(H, W, C)``, as base64."""
    return packed_array(pixels, "u1")


def packed_floats(values: np.ndarray) -> str:
    """Numbers as float32 in base64, which ``floatsOf`` of ``app/static/flow/pixels.js`` reads."""
    return packed_array(values, "<f4")


def packed_array(values: np.ndarray, dtype: str) -> str:
    """Numbers, converted to a dtype, as base64."""
    return base64.b64encode(np.ascontiguousarray(values, dtype).tobytes()).decode()
