"""In place of umap-learn, whose compilation takes many seconds, for the processes that a test starts.

With this folder on PYTHONPATH, ``from umap import UMAP`` finds this module first.
"""

import numpy as np


class UMAP:
    """Takes the first two coordinates for the map."""

    def __init__(self, **options):
        pass

    def fit_transform(self, coordinates: np.ndarray) -> np.ndarray:
        return coordinates[:, :2]
