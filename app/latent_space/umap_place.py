"""UMAP of a test set with room for another image; the process for long work imports this, and no Streamlit with it."""

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:  # its import takes seconds
    from umap import UMAP


def place(coordinates: np.ndarray, components: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The map of the test set ``(N, 2)`` and another image's place in it ``(2,)``, by their principal components."""
    reducer = _fitted(np.ascontiguousarray(coordinates, np.float32).tobytes(), coordinates.shape)
    place = np.asarray(reducer.transform(components.astype(np.float32)), np.float32)[0]
    return np.asarray(reducer.embedding_, np.float32), place


@lru_cache(maxsize=3)  # another image of the same model then takes a second
def _fitted(coordinates: bytes, shape: tuple[int, int]) -> "UMAP":
    from umap import UMAP

    return UMAP(random_state=0, n_jobs=1).fit(np.frombuffer(coordinates, np.float32).reshape(shape))
