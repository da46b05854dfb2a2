"""An image on its way out of the distribution: the corrupted images, and what models make of them."""

from typing import NamedTuple

import numpy as np

import ibinn_core as ib
from app import state
from app.figures.palette import CLASSES
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.evaluation.scores import predictive_entropy

# As many as four models can encode within half a second on two cores, so that quarters of the way are round numbers:
# 15° of the whole circle, 5 % of a blend; fifths, with noise.
ROTATION_STEPS = 25
NOISE_STEPS = 26
BLEND_STEPS = 21
ARRAYS = ("latents", "bits", "band", "offset", "p_values", "posterior", "entropy")  # of a reading, for the export
SURE = 1.0  # bits: less doubt than between two equally probable classes


# The corrupted images ---------------------------------------------------------------------------------


class Road(NamedTuple):
    """An image that is corrupted step by step.

    Attributes:
        images: uint8 ``(T, 32, 32, 3)``; the first one is untouched.
        strengths: of the corruption, ``(T,)``, from 0.
        labels: the strengths for people, T of them.
        axis: title of an axis of strengths.
        what: what happens, for a sentence that begins "while".
    """

    images: np.ndarray
    strengths: np.ndarray
    labels: list[str]
    axis: str
    what: str


def rotation(pixels: np.ndarray, largest: float, axis) -> Road:
    """Colours of an image ``(32, 32, 3)`` turned by up to ``largest`` degrees about ``axis`` (3,)."""
    degrees = np.linspace(0, largest, ROTATION_STEPS)
    images = _each(pixels, degrees, lambda x, angle: ib.exploration.rotate_rgb(x, np.radians(angle), axis))
    return Road(images, degrees, [f"{d:.3g}°" for d in degrees], "angle of the RGB rotation", "its colours turn")


def noise(pixels: np.ndarray, kind: str, largest: float, seed: int) -> Road:
    """An image ``(32, 32, 3)`` under growing noise, ``"Uniform"`` or ``"Gaussian"``, in units of [0, 1]."""
    add = {"Uniform": ib.exploration.add_uniform_noise, "Gaussian": ib.exploration.add_gaussian_noise}[kind]
    strengths = np.linspace(0, largest, NOISE_STEPS)
    images = _each(pixels, strengths, lambda x, strength: add(x, strength, seed))
    title = {"Uniform": "amplitude of the uniform noise", "Gaussian": "deviation σ of the Gaussian noise"}[kind]
    return Road(images, strengths, [f"{s:.3g}" for s in strengths], title, f"{kind.lower()} noise grows on it")


def blend(pixels: np.ndarray, other: np.ndarray, name: str) -> Road:
    """An image faded into an ``other``, both ``(32, 32, 3)``, which people call ``name``."""
    shares = np.linspace(0, 1, BLEND_STEPS)
    target = _to_unit(other)
    images = _each(pixels, shares, lambda x, share: ib.exploration.blend(x, target, share))
    return Road(images, shares, [f"{100 * s:.3g}%" for s in shares], f"share of {name}", f"it fades into {name}")


def _each(pixels: np.ndarray, strengths: np.ndarray, corrupt) -> np.ndarray:
    x = _to_unit(pixels)
    corrupted = np.concatenate([corrupt(x, strength) for strength in strengths])
    return np.floor(corrupted * 256).astype(np.uint8).transpose(0, 2, 3, 1)


def _to_unit(pixels: np.ndarray) -> np.ndarray:
    """What ``ib.to_unit`` gives, without torch: floats ``(1, 3, 32, 32)``."""
    return ((pixels.astype(np.float32) + 0.5) / 256).transpose(2, 0, 1)[None]


# What models make of them -----------------------------------------------------------------------------


class Reading(NamedTuple):
    """What one model makes of the T images of a road, and of the N test images for comparison.

    Attributes:
        name, color: of the model.
        error: its test error, from 0 to 1.
        posterior, entropy: q(y | x), ``(T, K)``, and its entropy in bits, ``(T,)``.
        test_entropy: the same of the test set, ``(N,)``.
        latents: ``(T, D)``; this and the rest are ``None`` for a model without a likelihood.
        bits: bits/dim, ``(T,)``.
        band: lowest and highest bits/dim that 95 % of held-out training images keep to.
        offset: bits/dim from the band's middle in units of half its width, ``(T,)``: beyond ±1 is
            untypical; positive is too unlikely.
        p_values: of the typicality test, ``(T,)``.
        test_offset: the offset of the test set, ``(N,)``.
    """

    name: str
    color: str
    error: float
    posterior: np.ndarray
    entropy: np.ndarray
    test_entropy: np.ndarray
    latents: np.ndarray | None = None
    bits: np.ndarray | None = None
    band: tuple[float, float] | None = None
    offset: np.ndarray | None = None
    p_values: np.ndarray | None = None
    test_offset: np.ndarray | None = None

    @property
    def has_likelihood(self) -> bool:
        """Whether there is anything but a posterior."""
        return self.bits is not None

    @property
    def outside(self) -> np.ndarray:
        """At which steps the likelihood fails the typicality test, ``(T,)``."""
        return np.abs(self.offset) > 1

    @property
    def sure(self) -> np.ndarray:
        """At which steps the posterior has less than one bit of entropy, ``(T,)``."""
        return self.entropy < SURE


def read(checkpoint: Checkpoint, color: str, images: np.ndarray) -> Reading:
    """What a model makes of images, uint8 ``(T, 32, 32, 3)``."""
    seen, latent = state.opinion(checkpoint.id, images), checkpoint.latent
    reading = Reading(
        state.name_of(checkpoint),
        color,
        checkpoint.card["error"],
        seen.posterior,
        entropy(seen.posterior),
        entropy(latent["posterior"]),
    )
    if not checkpoint.has_likelihood:
        return reading
    band = state.typical_bits(checkpoint)
    reference, test = (
        np.asarray(ib.bits_per_dim(latent[name].astype(np.float64), state.DIMS, checkpoint.noise))
        for name in ("reference", "log_prob")
    )
    return reading._replace(
        latents=seen.latents,
        bits=seen.bits,
        band=band,
        offset=offset(seen.bits, band),
        p_values=ib.exploration.typicality_p_value(seen.bits, reference),
        test_offset=offset(test, band),
    )


def offset(bits: np.ndarray, band: tuple[float, float]) -> np.ndarray:
    """Bits/dim from the middle of a band, in units of half its width."""
    low, high = band
    return (bits - (low + high) / 2) / ((high - low) / 2)


def entropy(posterior: np.ndarray) -> np.ndarray:
    """Entropy of the rows of ``(N, K)``, in bits, ``(N,)``."""
    return predictive_entropy(posterior) / np.log(2)


def share_in_view(latents: np.ndarray, coordinates: np.ndarray) -> float:
    """Which share of the farthest way from the first latent lies in a linear view, from 0 to 1.

    Arguments:
        latents, coordinates: ``(T, D)``, and the same in the view, ``(T, P)``.
    """
    way = np.linalg.norm(latents - latents[0], axis=1)
    farthest = way.argmax()
    return float(np.linalg.norm(coordinates[farthest] - coordinates[0]) / max(way[farthest], 1e-12))


def percent(share: float) -> str:
    """A share from 0 to 1 in words, of which none reads as nothing at all."""
    return "less than 1%" if 0 < share < 0.005 else f"{share:.0%}"


def headline(reading: Reading, labels: list[str]) -> str:
    """Whether likelihood and posterior notice, in a few words."""
    if not reading.has_likelihood:
        return f"no likelihood that could notice; the posterior is sure at {_count(reading.sure)} steps"
    outside, sure = int(reading.outside.sum()), int((reading.outside & reading.sure).sum())
    if not outside:
        return f"the likelihood notices nothing; the posterior is sure at {_count(reading.sure)} steps"
    first = int(reading.outside.argmax())
    notices = f"the likelihood notices, first at {labels[first]}; " if first else "untypical from the start; "
    if sure == outside:
        return notices + "the posterior stays sure of itself"
    if sure == 0:
        before = ", nor was it before" if first and not reading.sure[:first].any() else ""
        return notices + f"at none of those steps is the posterior sure{before}"
    return notices + f"the posterior is still sure at {sure} of the {outside} steps outside the band"


def details(reading: Reading, labels: list[str]) -> str:
    """The numbers behind :func:`headline`."""
    test = f"test images: {reading.test_entropy.mean():.1f} bits on average, {reading.error:.0%} of them misclassified."
    if not reading.has_likelihood:
        far = int(reading.entropy.argmax())
        return f"{_says(reading, 0)} at the start, least sure at {labels[far]}: {_says(reading, far)}; {test}"
    far = int(np.abs(reading.offset).argmax())
    where = f"Outside its band at {_count(reading.outside)} steps"
    side = "unlikely" if reading.offset[far] > 0 else "likely"
    return (
        f"{where}; farthest on the {side} side at {labels[far]} with {reading.bits[far]:.2f} bits/dim "
        f"(the band: {reading.band[0]:.2f} to {reading.band[1]:.2f}). {_says(reading, 0)} at the start, "
        f"{_says(reading, far)} there; {test}"
    )


def _count(mask: np.ndarray) -> str:
    return f"all {len(mask)}" if mask.all() else f"{int(mask.sum())} of {len(mask)}"


def _says(reading: Reading, step: int) -> str:
    answer = int(reading.posterior[step].argmax())
    return f"*{CLASSES[answer]}* {reading.posterior[step, answer]:.0%} (entropy {reading.entropy[step]:.1f} bits)"


def table(readings: list[Reading], road: Road) -> dict[str, list]:
    """All curves as columns, a row for each model and step; empty where a model has no likelihood."""
    pairs = [(r, step) for r in readings for step in range(len(road.strengths))]

    def column(name: str) -> list:
        return ["" if getattr(r, name) is None else getattr(r, name)[step] for r, step in pairs]

    columns = {
        "model": [r.name for r, _ in pairs],
        road.axis: [road.strengths[step] for _, step in pairs],
        "bits_per_dim": column("bits"),
        "offset_in_half_bands": column("offset"),
        "typicality_p_value": column("p_values"),
        "entropy_bits": column("entropy"),
    }
    return columns | {f"q({name})": [r.posterior[step, k] for r, step in pairs] for k, name in enumerate(CLASSES)}


def arrays(readings: list[Reading], road: Road) -> dict[str, np.ndarray]:
    """Everything as arrays: T images, and what M models make of them; NaN where a model has no likelihood."""
    stacked = {name: _stack([getattr(r, name) for r in readings]) for name in ARRAYS}
    names = np.array([r.name for r in readings])
    return {"images": road.images, "strengths": road.strengths, "models": names, "classes": np.array(CLASSES)} | stacked


def _stack(parts: list) -> np.ndarray:
    shape = next(np.shape(part) for part in parts if part is not None)
    return np.stack([np.full(shape, np.nan) if part is None else part for part in parts])


def alt(name: str, road: Road, readings: list[Reading], shown: int) -> str:
    """The figure in words."""
    return (
        f"{name} while {road.what}: the path of its latent in the plane of the class means of {readings[shown].name}, "
        "its posterior, and over the strength, its distance from typical bits per dimension and the entropy of its "
        "posterior. " + " ".join(f"{r.name}: {headline(r, road.labels)}." for r in readings)
    )
