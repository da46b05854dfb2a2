"""The sample images and the classes that pages open with, of each data set."""

from collections.abc import Sequence

import numpy as np

from app.images.pictures import SAMPLE, images_of
from app.models import registry
from ibinn_core.data import Dataset

#: Numbers of sample images by what they are for. The one that is corrupted is that on which γ makes most difference.
OPENING = {
    "image": {"cifar10": 7, "cifar100": 15, "mnist": 11, "fashion-mnist": 4},
    "from": {"cifar10": 7, "cifar100": 9, "mnist": 1, "fashion-mnist": 9},
    "to": {"cifar10": 0, "cifar100": 19, "mnist": 0, "fashion-mnist": 0},
    "mine": {"cifar10": 3, "cifar100": 15, "mnist": 15, "fashion-mnist": 13},
    "inspected": {"cifar10": 0, "cifar100": 19, "mnist": 11, "fashion-mnist": 4},
    "other": {"cifar10": 0, "cifar100": 4, "mnist": 7, "fashion-mnist": 18},
    "transplanted": {"cifar10": 7, "cifar100": 18, "mnist": 7, "fashion-mnist": 16},
    "corrupted": {"cifar10": 14, "cifar100": 9, "mnist": 0, "fashion-mnist": 4},
}
FIRST_CLASSES = 5  # that samples are first drawn of
OF_CIFAR10 = ["airplane", "car", "frog", "horse", "ship"]  # the plainest
_SECOND = ("to", "other", "transplanted")  # of another data set: an image of another class than the first


def opening(purpose: str, dataset: Dataset | None = None) -> int:
    """The number of the sample image that a page begins with, for one of the purposes in :data:`OPENING`."""
    dataset = dataset or registry.dataset()
    labels = images_of(SAMPLE, dataset)[1]
    number = OPENING[purpose].get(dataset.name)
    if number is not None and number < len(labels):
        return number
    others = (labels != labels[0]).nonzero()[0]
    return int(others[-1]) if purpose in _SECOND and len(others) else 0


def first_classes(names: Sequence[str]) -> list[str]:
    """The classes that samples are first drawn of: some that differ, else as many spread over all."""
    if set(OF_CIFAR10) <= set(names):
        return OF_CIFAR10
    places = np.linspace(0, len(names) - 1, min(FIRST_CLASSES, len(names))).round().astype(int).tolist()
    return [str(names[place]) for place in places]
