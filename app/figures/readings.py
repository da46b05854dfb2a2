"""What :mod:`app.figures.corruption` draws: an image that is corrupted step by step, and what models make of it."""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

SURE = math.log(2)  # nats: less doubt than between two equally probable classes


class CorruptedImages(NamedTuple):
    """An image that is corrupted step by step.

    Attributes:
        images: uint8 ``(T, H, W, C)``; the first one is untouched.
        strengths: of the corruption, ``(T,)``, from 0.
        labels: the strengths for people, T of them.
        axis: title of an axis of strengths.
        what: what happens, for a sentence that begins "while".
        python: lines that make ``images``, ``(T, H, W, C)``, out of ``image`` ``(H, W, C)`` with NumPy and the library.
    """

    images: np.ndarray
    strengths: np.ndarray
    labels: list[str]
    axis: str
    what: str
    python: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """What any model makes of T corrupted images, and of the N test images for comparison.

    Attributes:
        name, color: of the model.
        error: its test error, from 0 to 1.
        posterior, entropy: q(y | x), ``(T, K)``, and its entropy in nats, ``(T,)``.
        test_entropy: the same of the test set, ``(N,)``.
    """

    name: str
    color: str
    error: float
    posterior: np.ndarray
    entropy: np.ndarray
    test_entropy: np.ndarray

    @property
    def sure(self) -> np.ndarray:
        """At which steps the posterior is surer than between two equally probable classes, ``(T,)``."""
        return self.entropy < SURE


@dataclass(frozen=True)
class LikelihoodReading(Reading):
    """What a model with a likelihood makes of them.

    Attributes:
        latents: ``(T, D)``.
        bits: bits/dim, ``(T,)``.
        band: lowest and highest bits/dim that 95 % of held-out training images keep to.
        offset: bits/dim from the band's middle in units of half its width, ``(T,)``: beyond ±1 is
            untypical; positive is too unlikely.
        p_values: of the typicality test, ``(T,)``.
        test_offset: the offset of the test set, ``(N,)``.
    """

    latents: np.ndarray
    bits: np.ndarray
    band: tuple[float, float]
    offset: np.ndarray
    p_values: np.ndarray
    test_offset: np.ndarray

    @property
    def outside(self) -> np.ndarray:
        """At which steps the typicality test fails, ``(T,)``."""
        return np.abs(self.offset) > 1
