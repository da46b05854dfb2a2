"""Corruptions of an image, step by step: rotation, rotation of its colours, noise, fading and attacks."""

from collections.abc import Callable

import numpy as np

import ibinn_core as ib
from app.desk import at_once
from app.figures.readings import CorruptedImages

# Quarters of the range (for noise, fifths) fall on a step. A step is 15° of the full circle, or 5 % of a blend.
ROTATION_STEPS, NOISE_STEPS, BLEND_STEPS = 25, 26, 21
SEED = 0  # for the random axis and the noise
ATTACK_STEPS = 9  # the first step is the untouched image; every further step is a separate attack


@at_once
def rotated_colors(pixels: np.ndarray, largest: float) -> CorruptedImages:
    """Rotates the colours of an image ``(H, W, 3)`` by up to ``largest`` degrees about a random axis (Fig. 12)."""
    degrees, axis = np.linspace(0, largest, ROTATION_STEPS), ib.exploration.random_axis(SEED)
    images = _each(pixels, degrees, lambda x, angle: ib.exploration.rotate_rgb(x, np.radians(angle), axis))
    return CorruptedImages(images, degrees, _in_degrees(degrees), "angle of the RGB rotation", "its colours rotate")


@at_once
def turned(pixels: np.ndarray, largest: float) -> CorruptedImages:
    """Rotates an image ``(H, W, C)`` by up to ``largest`` degrees; the median of its border fills the corners."""
    degrees = np.linspace(0, largest, ROTATION_STEPS)
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    level = (float(np.median(border)) + 0.5) / 256
    images = _each(pixels, degrees, lambda x, angle: ib.exploration.rotate_in_plane(x, np.radians(angle), level))
    return CorruptedImages(images, degrees, _in_degrees(degrees), "angle of the rotation", "it turns")


@at_once
def noisy(pixels: np.ndarray, largest: float) -> CorruptedImages:
    """Adds uniform noise with an amplitude of up to ``largest``, in units of [0, 1], to an image ``(H, W, C)``."""
    strengths = np.linspace(0, largest, NOISE_STEPS)
    images = _each(pixels, strengths, lambda x, strength: ib.exploration.add_uniform_noise(x, strength, SEED))
    labels = [f"{strength:.3g}" for strength in strengths]
    return CorruptedImages(images, strengths, labels, "amplitude of the noise", "noise grows on it")


@at_once
def faded(pixels: np.ndarray, other: np.ndarray, name: str) -> CorruptedImages:
    """Fades an image into the ``other`` image, both ``(H, W, C)``; ``name`` is the other image's name for users."""
    shares, target = np.linspace(0, 1, BLEND_STEPS), _to_unit(other)
    images = _each(pixels, shares, lambda x, share: ib.exploration.blend(x, target, share))
    labels = [f"{100 * share:.3g}%" for share in shares]
    return CorruptedImages(images, shares, labels, f"share of {name}", f"it fades into {name}")


def attacked(pixels: np.ndarray, largest: int, *attacks: np.ndarray) -> CorruptedImages:
    """Collects an image ``(H, W, C)`` and attacks on it with growing limits, up to ``largest`` grey levels.

    Each image is the result of a separate attack, so it need not lie on the path to the next image.
    """
    levels = attack_levels(largest)
    labels = [f"{level}/256" for level in levels]
    what = "an attack changes it more and more"
    return CorruptedImages(np.stack([pixels, *attacks]), np.array(levels) / 256, labels, "ε of the attack", what)


def attack_levels(largest: int) -> list[int]:
    """The grey levels allowed at each step of an attack; ``largest`` must be a multiple of 8."""
    return np.linspace(0, largest, ATTACK_STEPS).astype(int).tolist()


def _in_degrees(degrees: np.ndarray) -> list[str]:
    return [f"{degree:.3g}°" for degree in degrees]


def _each(pixels: np.ndarray, strengths: np.ndarray, corrupt: Callable[[np.ndarray, float], np.ndarray]) -> np.ndarray:
    x = _to_unit(pixels)
    corrupted = np.concatenate([corrupt(x, strength) for strength in strengths])
    return np.floor(corrupted * 256).astype(np.uint8).transpose(0, 2, 3, 1)


def _to_unit(pixels: np.ndarray) -> np.ndarray:
    """Converts pixels like ``ib.to_unit``, but without torch, to floats ``(1, C, H, W)``."""
    return ((pixels.astype(np.float32) + 0.5) / 256).transpose(2, 0, 1)[None]
