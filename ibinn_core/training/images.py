"""The images of a training's data set, and what that data set is."""

from pathlib import Path

import numpy as np

from .. import data
from ..data.copies import name_of
from ..data.datasets import is_registered
from ..models.config import TrainingConfig


def load_images(config: TrainingConfig, split: str) -> tuple[np.ndarray, np.ndarray]:
    """A split of the data set that a training names, as its architecture takes it: images ``(N, H, W, C)`` and labels.

    Raises:
        FileNotFoundError, ValueError: if the data set is not there, damaged, or of images of another shape.
    """
    channels, height, width = config.architecture.image_shape
    images, labels = data.load(config.dataset, split, height, channels)
    found = images.shape[1:]
    if found != (height, width, channels):
        shapes = " and ".join("x".join(map(str, shape)) for shape in (found, (height, width, channels)))
        raise ValueError(
            f"the images of {config.dataset} and those that the architecture takes differ in their height, width and "
            f"channels ({shapes}): choose another preset, config or weights to start from"
        )
    return images, labels


def describe_images(config: TrainingConfig) -> data.Dataset:
    """What the data set is that a training names, as its architecture takes it. Raises as :func:`load_images` does."""
    channels, height, _ = config.architecture.image_shape
    return data.describe(config.dataset, height, channels)


def without_places(config: dict) -> dict:
    """The config of a training as it may travel: with the names of its data set and of what it started from.

    Where a person's folder of images, or the weights, lay on the machine of the training is nobody's business.
    """
    source, dataset = config.get("init"), config["dataset"]
    return {
        **config,
        "init": Path(source).name if source else None,
        "dataset": dataset if is_registered(dataset) else name_of(dataset),
    }
