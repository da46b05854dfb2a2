"""The sample images and classes that pages open with, for each data set."""

from collections.abc import Sequence

import numpy as np

from app.images.pictures import SAMPLE, images_of
from app.models import registry

FIRST_CLASSES = 5  # number of classes whose samples a page shows first
OF_CIFAR10 = ["airplane", "car", "frog", "horse", "ship"]  # classes with the clearest samples
#: Numbers of sample images by data set and purpose. The images for "corrupted" start in the inner half of the typical
#: band at γ = 1, with a posterior above 90 %, and leave the band farthest when they are rotated.
OPENING = {
    "cifar10": {"image": 7, "start": 7, "mine": 3, "transplanted": 7, "corrupted": 13},
    "cifar100": {
        **{"image": 15, "start": 9, "end": 19, "mine": 15, "inspected": 19},
        **{"other": 4, "transplanted": 18, "corrupted": 3},
    },
    "mnist": {"image": 11, "start": 1, "mine": 15, "inspected": 11, "other": 7, "transplanted": 7, "corrupted": 10},
    "fashion-mnist": {
        **{"image": 4, "start": 9, "mine": 13, "inspected": 4},
        **{"other": 18, "transplanted": 16, "corrupted": 4},
    },
}
_SECOND = ("end", "other", "transplanted")  # purposes that need an image of another class than the first image


def opening(purpose: str) -> int:
    """The number of the sample image that a page opens with, for one of the purposes in :data:`OPENING`."""
    dataset = registry.dataset()
    labels = images_of(SAMPLE, dataset)[1]
    if dataset.name in OPENING and (number := OPENING[dataset.name].get(purpose, 0)) < len(labels):
        return number
    others = (labels != labels[0]).nonzero()[0]
    return int(others[-1]) if purpose in _SECOND and len(others) else 0


def classes_named(names: Sequence[str]) -> list[int]:
    """The numbers of the classes with these names, and of all classes in superclasses with these names."""
    dataset = registry.dataset()
    meant = {name for one in names for name in dataset.superclasses.get(one, (one,))}
    return [k for k, name in enumerate(dataset.classes) if name in meant]


def first_classes(names: Sequence[str]) -> list[str]:
    """The classes whose samples a page shows first: for CIFAR-10 a fixed choice, else evenly spaced classes."""
    if set(OF_CIFAR10) <= set(names):
        return OF_CIFAR10
    places = np.linspace(0, len(names) - 1, min(FIRST_CLASSES, len(names))).round().astype(int).tolist()
    return [str(names[place]) for place in places]
