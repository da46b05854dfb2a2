"""What a model makes of images from out of its data set's distribution, whichever data set that is."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ..data import Dataset, DatasetNotFoundError, ood
from ..measures import on
from .metrics import score_images

if TYPE_CHECKING:
    from ..models.classifier import Classifier


def load_sets(dataset: Dataset, images: np.ndarray) -> dict[str, np.ndarray]:
    """The out-of-distribution sets of a data set that are on this machine, by name, uint8 ``(M, H, W, C)`` each.

    It prints which are not there.

    Arguments:
        dataset: the one whose distribution is meant.
        images: its test set, uint8 ``(N, H, W, C)``.

    Raises:
        DatasetError: if a set is there but damaged.
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
    """What the measures of sets take, by the names of the sets: those of the arrays that are there and finite.

    The arguments are those of :func:`measure_sets`.
    """
    test, found = score_images(model, images), {}
    for name, pixels in sets.items():
        seen = score_images(model, pixels)
        given = {"posterior": test.posterior, "log_prob": test.log_prob, "reference": reference}
        given |= {"ood_posterior": seen.posterior, "ood_log_prob": seen.log_prob}
        found[name] = {key: some for key, some in given.items() if some is not None and np.isfinite(some).all()}
    return found


def measure_sets(
    model: "Classifier", images: np.ndarray, sets: Mapping[str, np.ndarray], reference: np.ndarray | None
) -> dict[str, dict]:
    """Measures a model on out-of-distribution sets.

    Arguments:
        model: in evaluation mode.
        images: the test set of its data set, uint8 ``(N, H, W, C)``.
        sets: by name, as :func:`load_sets` gives them.
        reference: log q(x) of held-out training images, ``(R,)``, or ``None`` for a model without a likelihood.

    Returns:
        By the names of the sets how many ``images`` they have and, as a card stores them, the measures of sets:
        ``entropy_increase`` and ``roc_auc``. ``None`` for what is not finite, or needs a likelihood that is not there.
    """
    return {
        name: {"images": len(sets[name]), **{one.path: one.compute_if_given(given) for one in on("sets")}}
        for name, given in score_sets(model, images, sets, reference).items()
    }
