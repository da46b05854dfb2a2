"""Chooses the config of a training for given images, with defaults."""

from pathlib import Path
from typing import Any

from .. import data as datasets
from ..checkpoint import folders
from ..data.copies import image_folder
from ..data.datasets import is_registered
from ..data.images import DEFAULT_SIDE
from ..models import architecture as architectures
from ..models.config import TrainingConfig
from .sources import architecture_of


def config_for(
    data: str = "cifar10",
    *,
    preset: str | None = None,
    init: str | None = None,
    side: int | None = None,
    channels: int | None = None,
    **fields: Any,
) -> TrainingConfig:
    """The config of a training on a data set.

    Arguments:
        data: name of the data set, or path of a folder of images.
        preset: name of the architecture; by default that of ``init``, ``"digits"`` for (Fashion-)MNIST, or ``"cpu"``.
        init: checkpoint or training folder with the initial weights.
        side: side in pixels to which the images of a folder are scaled; 32 if ``None``.
        channels: channels of the images of a folder; by default 1 if all images are grey, else 3.
        fields: other fields of :class:`TrainingConfig`; ``None`` means a default that depends on the data set.

    Raises:
        ValueError: if images, architecture and weights do not fit.
        DatasetError: if a folder of images cannot be used.

    Example:
        >>> config_for("mnist", epochs=2).architecture.image_shape
        (1, 28, 28)
    """
    if is_registered(data) and (side is not None or channels is not None):
        raise ValueError(f"--side and --channels are for folders of images: {data} has fixed values")
    dataset = datasets.describe(data, DEFAULT_SIDE if side is None else side, channels)
    is_drawn = is_registered(data) and dataset.image_shape[0] == 1
    usual, shift = ("digits", 2) if is_drawn else ("cpu", TrainingConfig.shift)
    if init and not preset:
        architecture = architecture_of(init)
    else:
        architecture = architectures.preset(preset or usual).for_images(dataset.image_shape, dataset.mean, dataset.std)
    known_channels, known_side, _ = architecture.image_shape
    if (side or known_side, channels or known_channels) != (known_side, known_channels):
        raise ValueError(
            f"--side or --channels differs from the {known_side} x {known_side} pixels and {known_channels} channels "
            f"of the weights in {init}: omit the option, or start from scratch"
        )
    given = {name: value for name, value in fields.items() if value is not None}
    if dataset.fingerprint is not None and "held_out" not in given:
        given["held_out"] = _held_out(data, architecture)
    return TrainingConfig(
        **{"shift": shift, "flip": dataset.flip, **given},
        architecture=architecture,
        dataset=data if is_registered(data) else str(image_folder(data)),
        init=_absolute(init),
    )


def _held_out(data: str, architecture: architectures.FlowConfig) -> int:
    """Computes how many training images of a folder are held out."""
    channels, side, _ = architecture.image_shape
    count = len(datasets.load(data, "train", side, channels)[0])
    return min(TrainingConfig.held_out, max(10, count // 10))


def _absolute(source: str | None) -> str | None:
    """Makes a folder's path absolute, so that it is right in any working directory; the id of a checkpoint stays."""
    if source is None or any((folder / source).is_dir() for folder in folders()) or not Path(source).is_dir():
        return source
    return str(Path(source).resolve())
