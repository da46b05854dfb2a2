"""The sample images and the classes that pages open with, of each data set."""

from collections.abc import Sequence

import numpy as np

from app.images.pictures import SAMPLE, images_of
from app.models import registry
from ibinn_core.data import Dataset

#: Numbers of sample images by what they are for; the page on what is out of the distribution measures which one it
#: opens with (app/corruption/telling_image.py).
OPENING = {
    "cifar10": {"image": 7, "from": 7, "to": 0, "mine": 3, "inspected": 0, "other": 0, "transplanted": 7},
    "cifar100": {"image": 15, "from": 9, "to": 19, "mine": 15, "inspected": 19, "other": 4, "transplanted": 18},
    "mnist": {"image": 11, "from": 1, "to": 0, "mine": 15, "inspected": 11, "other": 7, "transplanted": 7},
    "fashion-mnist": {"image": 4, "from": 9, "to": 0, "mine": 13, "inspected": 4, "other": 18, "transplanted": 16},
}
FIRST_CLASSES = 5  # that samples are first drawn of
OF_CIFAR10 = ["airplane", "car", "frog", "horse", "ship"]  # the plainest
_SECOND = ("to", "other", "transplanted")  # of another data set: an image of another class than the first


def opening(purpose: str, dataset: Dataset | None = None) -> int:
    """The number of the sample image that a page begins with, for one of the purposes in :data:`OPENING`."""
    dataset = dataset or registry.dataset()
    labels = images_of(SAMPLE, dataset)[1]
    if dataset.name in OPENING and len(labels) > max(OPENING[dataset.name].values()):
        return OPENING[dataset.name][purpose]
    others = (labels != labels[0]).nonzero()[0]
    return int(others[-1]) if purpose in _SECOND and len(others) else 0


def first_classes(names: Sequence[str]) -> list[str]:
    """The classes that samples are first drawn of: some that differ, else as many spread over all."""
    if set(OF_CIFAR10) <= set(names):
        return OF_CIFAR10
    places = np.linspace(0, len(names) - 1, min(FIRST_CLASSES, len(names))).round().astype(int).tolist()
    return [str(names[place]) for place in places]
