"""What an exported file says of the models and of the images that its numbers are of, beside the models' ids."""

from collections.abc import Sequence

import numpy as np

from app.models.latent_rows import hash_of
from ibinn_core.checkpoint import Checkpoint


def origin(checkpoint: Checkpoint) -> dict[str, object]:
    """The columns that say of a table's rows which γ, empty without one, and which data set they belong to."""
    return {"gamma": "" if checkpoint.gamma is None else checkpoint.gamma, "data_set": checkpoint.dataset.name}


def image_origin(image: np.ndarray | int, name: str = "image") -> dict[str, object]:
    """The column that says which image a table's rows are of: its :func:`ibinn_core.data.pixel_hash` in hexadecimal."""
    return {name: f"{int(hash_of(image) if isinstance(image, np.ndarray) else image):016x}"}


def origins(checkpoints: Sequence[Checkpoint]) -> dict[str, np.ndarray]:
    """The same as arrays beside others: ids and γ of M models of one data set, ``(M,)``; NaN for one without."""
    return {
        "models": np.array([c.id for c in checkpoints]),
        "gammas": np.array([np.nan if c.gamma is None else c.gamma for c in checkpoints]),
        "data_set": np.array(checkpoints[0].dataset.name),
    }
