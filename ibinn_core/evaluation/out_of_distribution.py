"""A model's measures on out-of-distribution sets."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ..data import Dataset, DatasetNotFoundError, ood
from .metrics import score_images

if TYPE_CHECKING:
    from ..models.classifier import Classifier


def load_sets(dataset: Dataset, images: np.ndarray) -> dict[str, np.ndarray]:
    """Loads the out-of-distribution sets of a data set, by name, uint8 ``(M, H, W, C)``. Prints which sets are missing.

    ``images`` are the test set, uint8 ``(N, H, W, C)``. Raises a DatasetError for a damaged set.
    """
    found = {}
    for name in ood.sets_of(dataset):
        try:
            found[name] = ood.load(name, images)
        except DatasetNotFoundError as error:
            print(f"{name}: not measured. {error}")
    return found


def score_sets(
    model: "Classifier", images: np.ndarray, sets: Mapping[str, np.ndarray], reference: np.ndarray | None
) -> dict[str, dict[str, np.ndarray]]:
    """Computes for each set the arguments of its measures: only the arrays that exist and are finite.

    ``images`` is the test set, uint8 ``(N, H, W, C)``, and ``sets`` comes from :func:`load_sets`. ``reference`` is log
    q(x) of held-out training images, ``(R,)``, or ``None`` without a likelihood.
    """
    test, found = score_images(model, images), {}
    for name, pixels in sets.items():
        outliers = score_images(model, pixels)
        given = {"posterior": test.posterior, "log_prob": test.log_prob, "reference": reference}
        given |= {"ood_posterior": outliers.posterior, "ood_log_prob": outliers.log_prob}
        found[name] = {key: some for key, some in given.items() if some is not None and np.isfinite(some).all()}
    return found
