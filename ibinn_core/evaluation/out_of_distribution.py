"""What a model makes of images from out of its data set's distribution, whichever data set that is."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple, TypeGuard

import numpy as np

from ..data import Dataset, DatasetNotFoundError, ood
from .measure import score_images
from .scores import detection_score, entropy_increase

if TYPE_CHECKING:
    from ..models.classifier import Classifier


class SetScores(NamedTuple):
    """A model on one set.

    Attributes:
        name: of the set, one of :func:`ibinn_core.data.ood.sets_of`.
        title: what people call it.
        images: how many it has.
        entropy_increase: mean predictive entropy on the set, less that on the test set, in nats.
        roc_auc: of the typicality test on single images, 0 to 1; ``None`` for a model without a likelihood, or if a
            likelihood is not finite.
    """

    name: str
    title: str
    images: int
    entropy_increase: float
    roc_auc: float | None


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
) -> list[SetScores]:
    """Measures a model on each of its data set's out-of-distribution sets that is on this machine.

    Arguments:
        model: in evaluation mode.
        dataset: the one it was trained on.
        images: the test set, uint8 ``(N, H, W, C)``.
        reference: log q(x) of held-out training images, ``(R,)``, or ``None`` for a model without a likelihood.
        say: is told of each set that is not there.

    Raises:
        DatasetError: if a set is there but damaged.
    """
    test, found = score_images(model, images), []
    for name, pixels in sets_here(dataset, images, say):
        scores, auc = score_images(model, pixels), None
        if reference is not None and _are_finite(test.log_prob) and _are_finite(scores.log_prob):
            auc = detection_score(test.log_prob, scores.log_prob, reference)
        increase = entropy_increase(scores.posterior, test.posterior)
        found.append(SetScores(name, ood.EVERY[name].short, len(pixels), increase, auc))
    return found


def _are_finite(values: np.ndarray | None) -> TypeGuard[np.ndarray]:
    return values is not None and bool(np.isfinite(values).all())
