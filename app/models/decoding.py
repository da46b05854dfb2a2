"""Images that models draw, and how a small difference is written."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from app.desk import question
from app.inference import computations
from app.models import asking


def bound_text(grey_levels: float) -> str:
    """How far a pixel is off at most: rounded up, so that it is a bound."""
    return f"{max(math.ceil(10_000 * grey_levels), 1) / 10_000:.4f}"


class Source(NamedTuple):
    """What samples of a class are drawn from."""

    checkpoint_id: str  # of the model
    temperature: float  # standard deviation of the latents
    center: str  # around which they lie, as for model.sample
    guidance: float = 1.0  # how much is made of what sets the class apart, likewise


def draw(source: Source, classes: Sequence[int], seed: int) -> np.ndarray:
    """A sample of each of N classes, uint8 ``(N, H, W, C)``, each with a noise of its own."""
    given = (source.checkpoint_id, list(map(int, classes)), *source[1:], seed)
    return asking.ask(question(computations.sample, *given))
