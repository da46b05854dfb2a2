"""The shapes of images that the library is tried on, and a small network for each."""

import numpy as np
import pytest

from ibinn_core.models.architecture import FlowConfig, preset

#: (C, H, W): CIFAR-10's, MNIST's, and one of sides that are odd and differ.
SHAPES = {"colour": (3, 32, 32), "grey": (1, 28, 28), "odd": (3, 13, 9)}
every_shape = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)

#: The attributes of images in colour, and of grey ones, in their order.
OF_COLOUR = ("brightness", "warmth", "tint", "contrast", "light_above", "saturation", "sharpness")
OF_GREY = ("ink", "slant", "width", "height", "thickness")

#: One of everything that a training has to keep, as small as can be, for images of 32 x 32 pixels.
SMALL = FlowConfig(
    whitening=("cosine", "pixel"),
    squeeze_input=True,
    blocks=(1, 1),
    widths=(8, 8),
    downsampling="squeeze",
    fc_blocks=1,
    fc_width=16,
    scaling="actnorm",
)
#: The same for images of 8 x 8 pixels, with dropout.
TINY = SMALL.replace(image_shape=(3, 8, 8), dropout=(0.0, 0.1, 0.1))
#: The least of a network, for tests that ask models thousands of times.
LEAST = SMALL.replace(image_shape=(3, 8, 8), whitening=("cosine",), widths=(4, 4), fc_width=4)
#: Small networks with the paper's layers, with whitened grids of blocks, and for grey digits.
PAPER = preset("paper").replace(image_shape=(3, 8, 8), blocks=(1, 2, 1), widths=(4, 5, 6), fc_width=8)
GRIDS = LEAST.replace(image_shape=(1, 8, 16), mean=(0.4,), std=(0.3,), whitening=(), whitening_shifts=(0, 4))
DIGITS = SMALL.for_images((1, 6, 6), (0.1,), (0.3,)).replace(whitening=("conditional",))


def small_flow(shape: tuple[int, int, int]) -> FlowConfig:
    """A small network for images of a shape ``(C, H, W)``."""
    channels = shape[0]
    return SMALL.for_images(shape, (0.45,) * channels, (0.25,) * channels)


def pixels(count: int, shape: tuple[int, int, int], seed: int = 0) -> np.ndarray:
    """Noise, uint8 ``(count, H, W, C)`` for a shape ``(C, H, W)``."""
    channels, height, width = shape
    return np.random.default_rng(seed).integers(0, 256, (count, height, width, channels), dtype=np.uint8)


def labelled(
    count: int, shape: tuple[int, int, int], classes: int = 10, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Images whose brightness tells their class, uint8 ``(count, H, W, C)``, and labels."""
    labels = np.arange(count) % classes
    images = pixels(count, shape, seed) // 3 + (160 * labels // classes)[:, None, None, None]
    return images.astype(np.uint8), labels
