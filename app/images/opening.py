"""The sample images and the classes that pages open with, of each data set."""

from collections.abc import Sequence

import numpy as np

from app.images.pictures import SAMPLE, images_of
from app.models import registry
from ibinn_core.data import Dataset

FIRST_CLASSES = 5  # that samples are first drawn of
OF_CIFAR10 = ["airplane", "car", "frog", "horse", "ship"]  # the plainest
_SECOND = ("end", "other", "transplanted")  # of another data set: an image of another class than the first


def opening(purpose: str, dataset: Dataset | None = None) -> int:
    """The number of the sample image that a page begins with, for one of the purposes in :class:`.Opening`."""
    dataset = dataset or registry.dataset()
    labels = images_of(SAMPLE, dataset)[1]
    if dataset.opening and getattr(dataset.opening, purpose) < len(labels):
        return getattr(dataset.opening, purpose)
    others = (labels != labels[0]).nonzero()[0]
    return int(others[-1]) if purpose in _SECOND and len(others) else 0


def first_classes(names: Sequence[str]) -> list[str]:
    """The classes that samples are first drawn of: some that differ, else as many spread over all."""
    if set(OF_CIFAR10) <= set(names):
        return OF_CIFAR10
    places = np.linspace(0, len(names) - 1, min(FIRST_CLASSES, len(names))).round().astype(int).tolist()
    return [str(names[place]) for place in places]
