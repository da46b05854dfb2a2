"""A data set in its parts: images to train on, images that are held out of the training, and images to test on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..exploration.arrays import as_count
from .datasets import Dataset
from .held_out import split_held_out
from .images import DEFAULT_SIDE
from .loading import describe, load


class Parts(NamedTuple):
    """The parts of a data set, each as images, uint8 ``(N, H, W, C)``, and labels, int64 ``(N,)``.

    Attributes:
        dataset: what the data set is.
        train: to train on.
        held_out: of the training images those that no training sees: typicality is measured by them.
        test: what the numbers of a card are measured on.
    """

    dataset: Dataset
    train: tuple[np.ndarray, np.ndarray]
    held_out: tuple[np.ndarray, np.ndarray]
    test: tuple[np.ndarray, np.ndarray]


def parts(name: str, side: int = DEFAULT_SIDE, channels: int | None = None, held_out: int = 1000) -> Parts:
    """A data set in its parts, of which the held-out images are the same as for a training of this library.

    Name, side, channels and errors are those of :func:`ibinn_core.data.load`. Of the training images ``held_out`` are
    kept out of the training, half of them at most; a ValueError for another number than a whole one from 1 on, and for
    too few images to hold one out.
    """
    as_count(held_out, 1, "held_out, by which typicality is measured,")
    images, labels = load(name, "train", side, channels)
    used, kept = split_held_out(len(images), held_out)
    if not len(kept):
        raise ValueError("at least one image must be held out, and a single training image is too few for that")
    dataset = describe(name, side, channels)
    return Parts(
        dataset, (images[used], labels[used]), (images[kept], labels[kept]), load(name, "test", side, channels)
    )
