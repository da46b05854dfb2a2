"""The images of a training: its data set, and its batches.

Order, augmentation and noise depend only on seed, epoch and image index, so a resumed training gets the same batches as
an uninterrupted one.
"""

from pathlib import Path

import numpy as np

from .. import data
from ..data.copies import name_of
from ..data.datasets import is_registered
from ..models.config import TrainingConfig
from ..models.preprocessing import UNIFORM

_ORDER = 1 << 63  # counter for drawing an epoch's order, far above all image indices


def load_images(config: TrainingConfig, split: str) -> tuple[np.ndarray, np.ndarray]:
    """Loads a split of a training's data set in the architecture's shape: images ``(N, H, W, C)`` and labels.

    Raises a FileNotFoundError or a ValueError if the split is missing, damaged, or of another shape.
    """
    channels, height, width = config.architecture.image_shape
    images, labels = data.load(config.dataset, split, height, channels)
    if images.shape[1:] != (height, width, channels):
        given, taken = ("x".join(map(str, shape)) for shape in (images.shape[1:], (height, width, channels)))
        raise ValueError(
            f"{config.dataset} has images of {given} values (height, width, channels), and the architecture takes "
            f"{taken}: choose another preset, config or weights to start from"
        )
    return images, labels


def describe_images(config: TrainingConfig) -> data.Dataset:
    """Returns the :class:`.Dataset` of a training; see :func:`load_images` for errors."""
    channels, height, _ = config.architecture.image_shape
    return data.describe(config.dataset, height, channels)


def without_paths(config: dict) -> dict:
    """Removes the paths of a user's folders from a training's config, for publication."""
    source, dataset = config.get("init"), config["dataset"]
    return {
        **config,
        "init": Path(source).name if source else None,
        "dataset": dataset if is_registered(dataset) else name_of(dataset),
    }


def epoch_order(indices: np.ndarray, seed: int, epoch: int) -> np.ndarray:
    """Shuffles the image ``indices`` for an epoch."""
    return _generator(seed, epoch, _ORDER).permutation(indices)


def cut_rows(config: TrainingConfig) -> np.ndarray:
    """Returns which images of a batch are cut, boolean ``(batch_size,)``: the second half, or none."""
    return (np.arange(config.batch_size) >= config.batch_size / 2) & (config.cutout > 0)


def make_batch(
    images: np.ndarray,
    indices: np.ndarray,
    epoch: int,
    config: TrainingConfig,
    cut: np.ndarray | None = None,
    donors: np.ndarray | None = None,
) -> np.ndarray:
    """Makes augmented training images, float32 ``(N, C, H, W)``: flipped, moved, cut, at pixel centres plus noise.

    ``indices`` are the images of the batch, and ``cut`` says which of them get the config's cutout. Cut squares are
    filled from the images ``donors``, or with the mean colour.
    """
    batch = np.empty((len(indices), *images.shape[1:]), np.float32)
    for row, index in enumerate(indices):
        rng = _generator(config.seed, epoch, int(index))
        image = images[index]
        if config.flip and rng.random() < 0.5:
            image = image[:, ::-1]
        is_cut = cut is not None and cut[row]
        if config.shift and (is_cut or not config.cutout):
            image = _move(image, rng, config.shift)
        if is_cut:
            image = _cut_out(image, rng, config, None if donors is None else images[rng.choice(donors)])
        batch[row] = (image + _noise(rng, images.shape[1:], config)) / 256
    return np.ascontiguousarray(batch.transpose(0, 3, 1, 2))


def _move(image: np.ndarray, rng: np.random.Generator, shift: int) -> np.ndarray:
    """Moves an image by up to ``shift`` pixels in each direction, with reflected borders."""
    down, right = rng.integers(0, 2 * shift + 1, 2)
    padded = np.pad(image, ((shift,) * 2, (shift,) * 2, (0, 0)), mode="reflect")
    return padded[down : down + image.shape[0], right : right + image.shape[1]]


def _cut_out(
    image: np.ndarray, rng: np.random.Generator, config: TrainingConfig, donor: np.ndarray | None
) -> np.ndarray:
    """Fills a square from another image, or with the mean colour.

    The square may extend over the border, as in DeVries and Taylor.
    """
    image = image.copy()
    top, left = (int(rng.integers(size)) - config.cutout // 2 for size in image.shape[:2])
    rows, columns = (slice(max(0, start), start + config.cutout) for start in (top, left))
    colour = np.round(255 * np.asarray(config.architecture.mean))
    image[rows, columns] = colour if donor is None else donor[rows, columns]
    return image


def _noise(rng: np.random.Generator, shape: tuple[int, ...], config: TrainingConfig) -> np.ndarray:
    """Draws noise to add to 8-bit values: uniform over [0, 1), or 1/2 plus a Gaussian."""
    if config.noise == UNIFORM:
        return rng.random(shape, np.float32)
    return 0.5 + 256 * np.float32(config.noise) * rng.standard_normal(shape, np.float32)


def _generator(seed: int, epoch: int, stream: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=seed, counter=[0, 0, epoch, stream]))
