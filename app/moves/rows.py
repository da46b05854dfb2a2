"""The way to another class under several γ, a row each: how far it takes, and until where the images are typical."""

import math
from typing import Any, NamedTuple

import numpy as np

from app.models import registry
from app.models.decoding import decoded
from app.models.predictions import bits_per_dim, predict_with_likelihood
from app.move_text import Moves
from app.moves import latents as parts
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.exploration import typicality_threshold
from ibinn_core.weight_space import plain_gamma

MOST = 4  # rows
SHARES = np.linspace(0, 2, 9)  # of α*


class Row(NamedTuple):
    """The way of an image to a class under one model.

    Attributes:
        checkpoint: of the model.
        on_top: where the class is on top on the way.
        source: what the model takes the image for; if that is the class, there is no way.
        alpha: of each image, ``(9,)``: up to twice α*, or to twice the centres' distance where there is none.
        latents: ``(9, D)``.
        images: uint8 ``(9, H, W, C)``.
    """

    checkpoint: Checkpoint
    on_top: parts.OnTop
    source: int
    alpha: np.ndarray
    latents: np.ndarray
    images: np.ndarray


def models_for(checkpoint: Checkpoint) -> list[Checkpoint]:
    """A model and others of its family, evenly over its γ, by γ; those of γ = 0 and ∞ only if it is one."""
    own = checkpoint.gamma
    if own is None:
        return [checkpoint]
    trained = {c.gamma: c for c in registry.family_of(checkpoint)[::-1] if c.gamma and math.isfinite(c.gamma)}
    gammas = sorted(trained)
    if not gammas:
        return [checkpoint]
    places = sorted(set(np.linspace(0, len(gammas) - 1, MOST).round().astype(int).tolist()))
    chosen = [gammas[place] for place in places]
    nearest = min(chosen, key=lambda gamma: abs(math.log(gamma) - (math.log(own) if own else -math.inf)))
    if math.isinf(own):
        nearest = chosen[-1]
    elif not own:
        nearest = chosen[0]
    return [checkpoint if gamma == nearest else trained[gamma] for gamma in chosen]


def typical_range(checkpoint: Checkpoint) -> tuple[float, float]:
    """From which bits/dim to which images are typical under a model."""
    bits = bits_per_dim(checkpoint, checkpoint.latent["reference"]).astype(np.float64)
    reach = typicality_threshold(bits)
    return float(bits.mean() - reach), float(bits.mean() + reach)


def rows_of(models: list[Checkpoint], pixels: np.ndarray, target: int) -> list[Row]:
    """The way of an image, uint8 ``(H, W, C)``, to a class under each model, computed by the server."""
    rows = []
    for checkpoint in models:
        start = parts.start_of(checkpoint, pixels)
        on_top = parts.on_top_of(checkpoint, start, target)
        alpha = SHARES * (on_top.alpha if 0 < on_top.alpha < np.inf else 1.0)
        z = np.stack([parts.latent_after(checkpoint, start, Moves(target, float(a)), {}) for a in alpha])
        rows.append(Row(checkpoint, on_top, start.top, alpha, z, decoded(checkpoint.id, z)))
    return rows


def told(rows: list[Row]) -> list[dict[str, Any]]:
    """Rows as the browser reads them: ``Row`` of ``app/static/hands/gammas.js``."""
    return [
        {
            "alpha": row.on_top.alpha if np.isfinite(row.on_top.alpha) else None,
            "until": row.on_top.until if np.isfinite(row.on_top.until) else None,
            "source": row.source,
            "tops": [int(parts.scores_of(row.checkpoint, z).argmax()) for z in row.latents],
            "bits": predict_with_likelihood(row.checkpoint.id, row.images).bits.tolist(),
            "images": [parts.base64_of(parts.unit(image)) for image in row.images],
        }
        for row in rows
    ]


def members(models: list[Checkpoint]) -> list[dict[str, Any]]:
    """What the browser needs to know of each model to compute its row: ``Member`` of the same file."""
    return [
        {"gamma": None if c.gamma is None else plain_gamma(c.gamma), "typical": list(typical_range(c))} for c in models
    ]
