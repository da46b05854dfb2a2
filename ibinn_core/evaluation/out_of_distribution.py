"""What a model makes of images from out of its data set's distribution, whichever data set that is."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from ..data import Dataset, DatasetNotFoundError, ood
from ..measures import on
from .metrics import score_images

if TYPE_CHECKING:
    from ..models.classifier import Classifier


def sets_here(dataset: Dataset, images: np.ndarray, say: Callable[[str], object]) -> Iterator[tuple[str, np.ndarray]]:
    """The out-of-distribution sets that are on this machine, by name, one after the other."""
    for name in ood.sets_of(dataset):
        try:
            yield name, ood.load(name, images)
        except DatasetNotFoundError as error:
            say(f"{name}: not measured. {error}")


def measure_sets(
    model: "Classifier",
    dataset: Dataset,
    images: np.ndarray,
    reference: np.ndarray | None,
    say: Callable[[str], object] = print,
) -> dict[str, dict]:
    """Measures a model on each of its data set's out-of-distribution sets that is on this machine.

    Arguments:
        model: in evaluation mode.
        dataset: the one it was trained on.
        images: the test set, uint8 ``(N, H, W, C)``.
        reference: log q(x) of held-out training images, ``(R,)``, or ``None`` for a model without a likelihood.
        say: is told of each set that is not there.

    Returns:
        By the names of the sets how many ``images`` they have and, as a card stores them, the measures of sets:
        ``entropy_increase`` and ``roc_auc``. ``None`` for what is not finite, or needs a likelihood that is not there.

    Raises:
        DatasetError: if a set is there but damaged.
    """
    test, found = score_images(model, images), {}
    for name, pixels in sets_here(dataset, images, say):
        seen = score_images(model, pixels)
        given = {"posterior": test.posterior, "log_prob": test.log_prob, "reference": reference}
        given |= {"ood_posterior": seen.posterior, "ood_log_prob": seen.log_prob}
        usable = {name for name, values in given.items() if values is not None and np.isfinite(values).all()}
        numbers = {one.path: one.compute(given) if usable.issuperset(one.of) else None for one in on("sets")}
        found[name] = {"images": len(pixels), **numbers}
    return found
