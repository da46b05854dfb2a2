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

    Arguments:
        name: as for :func:`ibinn_core.data.load`.
        side: as there.
        channels: as there.
        held_out: how many training images are kept out of the training, half of them at most.

    Raises:
        DatasetError, DatasetNotFoundError, ValueError: as for :func:`ibinn_core.data.load`; for another number than a
            whole one from 1 on, and for too few images to hold one out.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> from PIL import Image
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     for number in range(100):
        ...         place = Path(folder, "greys", ("dark", "light")[number % 2])
        ...         place.mkdir(parents=True, exist_ok=True)
        ...         Image.new("L", (8, 8), number + 100 * (number % 2)).save(place / f"{number}.png")
        ...     greys = ib.data.parts(f"{folder}/greys", side=8, held_out=20)
        >>> greys.dataset.classes, len(greys.train[0]), len(greys.held_out[0]), len(greys.test[0])
        (('dark', 'light'), 60, 20, 20)
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
