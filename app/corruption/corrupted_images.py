"""An image that is corrupted step by step: it or its colours turn, noise grows on it, or it fades into another."""

from collections.abc import Callable, Sequence

import numpy as np

import ibinn_core as ib
from app.desk import question
from app.figures.readings import CorruptedImages
from app.images.links import in_python, to_url
from app.inference import computations
from app.models import asking
from ibinn_core.evaluation.attack import WEIGHT

# As many as four models can encode within half a second on two cores, so that quarters of the way are round numbers:
# 15° of the whole circle, 5 % of a blend; fifths, with noise.
ROTATION_STEPS = 25
NOISE_STEPS = 26
BLEND_STEPS = 21
ATTACK_STEPS = 9  # each but the first is an attack of its own
COLORS = 3  # channels of images in colour
OPENING_COLORS, OPENING_TURN = 360, 180  # degrees that the page begins with, of colours and in the plane


@asking.kept
def rotation(pixels: np.ndarray, largest: float, axis: Sequence[float]) -> CorruptedImages:
    """Colours of an image ``(H, W, 3)`` turned by up to ``largest`` degrees about ``axis`` (3,)."""
    degrees = np.linspace(0, largest, ROTATION_STEPS)
    images = _each(pixels, degrees, lambda x, angle: ib.exploration.rotate_rgb(x, np.radians(angle), axis))
    python = _program(
        f"angles = np.radians(np.linspace(0, {largest!r}, {ROTATION_STEPS}))",
        f"axis = {tuple(map(float, axis))!r}",
        "steps = [ib.exploration.rotate_rgb(x, angle, axis) for angle in angles]",
    )
    labels = [f"{d:.3g}°" for d in degrees]
    return CorruptedImages(images, degrees, labels, "angle of the RGB rotation", "its colours turn", python)


@asking.kept
def turn(pixels: np.ndarray, largest: float) -> CorruptedImages:
    """An image ``(H, W, C)`` turned in its plane by up to ``largest`` degrees; its border's level fills the corners."""
    degrees = np.linspace(0, largest, ROTATION_STEPS)
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    level = (float(np.median(border)) + 0.5) / 256
    images = _each(pixels, degrees, lambda x, angle: ib.exploration.rotate_in_plane(x, np.radians(angle), level))
    python = _program(
        f"angles = np.radians(np.linspace(0, {largest!r}, {ROTATION_STEPS}))",
        f"steps = [ib.exploration.rotate_in_plane(x, angle, {level!r}) for angle in angles]",
    )
    labels = [f"{d:.3g}°" for d in degrees]
    return CorruptedImages(images, degrees, labels, "angle of the rotation", "it turns", python)


@asking.kept
def noise(pixels: np.ndarray, largest: float, seed: int) -> CorruptedImages:
    """An image ``(H, W, C)`` under growing uniform noise, in units of [0, 1]."""
    strengths = np.linspace(0, largest, NOISE_STEPS)
    images = _each(pixels, strengths, lambda x, strength: ib.exploration.add_uniform_noise(x, strength, seed))
    python = _program(
        f"strengths = np.linspace(0, {largest!r}, {NOISE_STEPS})",
        f"steps = [ib.exploration.add_uniform_noise(x, strength, {seed!r}) for strength in strengths]",
    )
    labels = [f"{s:.3g}" for s in strengths]
    return CorruptedImages(images, strengths, labels, "amplitude of the noise", "noise grows on it", python)


@asking.kept
def blend(pixels: np.ndarray, other: np.ndarray, name: str) -> CorruptedImages:
    """An image faded into an ``other``, both ``(H, W, C)``, which people call ``name``."""
    shares = np.linspace(0, 1, BLEND_STEPS)
    target = _to_unit(other)
    images = _each(pixels, shares, lambda x, share: ib.exploration.blend(x, target, share))
    python = _program(
        f"other = {in_python(to_url(other), other.shape)}",
        "target = ((other.astype(np.float32) + 0.5) / 256).transpose(2, 0, 1)[None]",
        f"shares = np.linspace(0, 1, {BLEND_STEPS})",
        "steps = [ib.exploration.blend(x, target, share) for share in shares]",
    )
    labels = [f"{100 * s:.3g}%" for s in shares]
    return CorruptedImages(images, shares, labels, f"share of {name}", f"it fades into {name}", python)


@asking.kept
def attack(checkpoint_id: str, pixels: np.ndarray, largest: int, is_adaptive: bool) -> CorruptedImages:
    """An image ``(H, W, C)`` attacked within up to ``largest`` grey levels, a multiple of 8, under a model.

    The attack leads away from what the model takes the image for. Each step is an attack of its own, within an ε of
    its own, so that it need not lie on the way to the next.
    """
    levels = np.linspace(0, largest, ATTACK_STEPS).astype(int)
    weight = WEIGHT if is_adaptive else 0.0
    requests = [question(computations.attack, checkpoint_id, pixels, int(n), weight) for n in levels[1:]]
    images = np.stack([pixels, *asking.ask_all(requests)])
    adaptive = f', weight={WEIGHT}, reference=checkpoint.latent["reference"]' if is_adaptive else ""
    python = (
        "label = model.predict(ib.dequantize(ib.to_unit(image[None]), model.noise)).numpy()",
        f"radii = np.linspace(0, {largest}, {ATTACK_STEPS})",
        "x = ib.to_unit(image[None])",
        f"steps = [ib.evaluation.attack(model, x, label, levels=levels{adaptive}) for levels in radii]",
        "images = np.concatenate([ib.to_uint8(step) for step in steps])",
    )
    labels = [f"{n}/256" for n in levels]
    what = "an attack changes it more and more" + (" and stays typical" if is_adaptive else "")
    return CorruptedImages(images, levels / 256, labels, "ε of the attack", what, python)


def opening(pixels: np.ndarray) -> CorruptedImages:
    """What the page begins with of an image ``(H, W, C)``: its colours turn, or it turns if it has none."""
    if pixels.shape[-1] == COLORS:
        return rotation(pixels, OPENING_COLORS, tuple(ib.exploration.random_axis(0)))
    return turn(pixels, OPENING_TURN)


def _program(*steps: str) -> tuple[str, ...]:
    """Lines around those that make ``steps``, a list of images ``(1, C, H, W)``, of ``x``."""
    return (
        "x = ((image.astype(np.float32) + 0.5) / 256).transpose(2, 0, 1)[None]",
        *steps,
        "images = np.floor(np.concatenate(steps) * 256).astype(np.uint8).transpose(0, 2, 3, 1)",
    )


def _each(pixels: np.ndarray, strengths: np.ndarray, corrupt: Callable[[np.ndarray, float], np.ndarray]) -> np.ndarray:
    x = _to_unit(pixels)
    corrupted = np.concatenate([corrupt(x, strength) for strength in strengths])
    return np.floor(corrupted * 256).astype(np.uint8).transpose(0, 2, 3, 1)


def _to_unit(pixels: np.ndarray) -> np.ndarray:
    """What ``ib.to_unit`` gives, without torch: floats ``(1, C, H, W)``."""
    return ((pixels.astype(np.float32) + 0.5) / 256).transpose(2, 0, 1)[None]
