"""Latents around an image's latent: straight away from it, on the shell, and averages, a row each."""

from typing import Any, NamedTuple

import numpy as np

from app.models.decoding import decoded
from app.models.predictions import predict_with_likelihood
from app.move_text import DRAWS, Around
from app.moves import latents as parts
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.exploration.around import PATHS


class Row(NamedTuple):
    """The draws around an image on one path.

    Attributes:
        path: its name.
        latents: ``(DRAWS, D)``.
        images: uint8 ``(DRAWS, H, W, C)``.
    """

    path: str
    latents: np.ndarray
    images: np.ndarray


def rows_around(checkpoint: Checkpoint, pixels: np.ndarray, where: Around) -> list[Row]:
    """The draws around an image, uint8 ``(H, W, C)``, on every path at a radius, computed by the server."""
    start = parts.start_of(checkpoint, pixels)
    every = [parts.around_of(checkpoint, start, where._replace(path=path)).astype(np.float32) for path in PATHS]
    images = decoded(checkpoint.id, np.concatenate(every))
    return [
        Row(path, z, images[DRAWS * n : DRAWS * (n + 1)]) for n, (path, z) in enumerate(zip(PATHS, every, strict=True))
    ]


def told(checkpoint: Checkpoint, rows: list[Row]) -> list[dict[str, Any]]:
    """Rows as the browser reads them: ``Row`` of ``app/static/hands/around.js``."""
    bits = predict_with_likelihood(checkpoint.id, np.concatenate([row.images for row in rows])).bits
    return [
        {
            "path": row.path,
            "bits": bits[DRAWS * n : DRAWS * (n + 1)].tolist(),
            "images": [parts.base64_of(parts.unit(image)) for image in row.images],
        }
        for n, row in enumerate(rows)
    ]
