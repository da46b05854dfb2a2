"""What models make of latents: the way back of an image, walks between two, samples."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

import ibinn_core as ib
from app.desk import question
from app.inference import computations
from app.models import asking
from app.models.predictions import at_once, latents_of

COUNT_OF_ONE = 10  # samples of a class, of a model that has the page for itself
MOST, LEAST = 7, 3  # of each of several models
OF_ALL = 28  # of all of them: so many of five classes are decoded within half a second on two cores


def count_for(models: int) -> int:
    """How many samples of a class a page shows of each of its ``models``.

    Example:
        >>> [count_for(models) for models in (1, 2, 4, 6, 12)]
        [10, 7, 7, 4, 3]
    """
    return COUNT_OF_ONE if models == 1 else max(LEAST, min(MOST, OF_ALL // models))


def there_and_back(checkpoint_id: str, pixels: np.ndarray) -> tuple[np.ndarray, float]:
    """The image after encoding and decoding, and the largest difference from it, in units of [0, 1]."""
    found = asking.ask(question(computations.there_and_back, checkpoint_id, pixels[None]))
    return found["images"][0], float(found["difference"][0])


def bound_text(grey_levels: float) -> str:
    """How far a pixel is off at most: rounded up, so that it is a bound."""
    return f"{max(math.ceil(10_000 * grey_levels), 1) / 10_000:.4f}"


def walks_at_once(walks: Sequence[tuple[str, str]], first: np.ndarray, second: np.ndarray, steps: int) -> None:
    """Has walks, given as ids of models and paths, computed at once before :func:`walk` is asked for them."""
    ends = np.stack([first, second])
    at_once([(id, ends) for id in dict.fromkeys(id for id, _ in walks)])
    ways = [(id, ib.exploration.interpolate(*latents_of(id, ends), steps, path)) for id, path in walks]
    asking.ask_all([question(computations.decode, id, latents) for id, latents in ways])


def decoded(checkpoint_id: str, latents: np.ndarray) -> np.ndarray:
    """The images of latents ``(N, D)``, uint8 ``(N, H, W, C)``."""
    return asking.ask(question(computations.decode, checkpoint_id, latents))["images"]


@asking.kept
def walk(checkpoint_id: str, first: np.ndarray, second: np.ndarray, steps: int, path: str) -> np.ndarray:
    """The images along the path between two images' latents, uint8 ``(steps, H, W, C)``."""
    one, other = latents_of(checkpoint_id, np.stack([first, second]))
    return decoded(checkpoint_id, ib.exploration.interpolate(one, other, steps, path))


class Source(NamedTuple):
    """What samples of a class are drawn from."""

    checkpoint_id: str  # of the model
    temperature: float  # standard deviation of the latents
    center: str  # around which they lie, as for model.sample
    guidance: float = 1.0  # how much is made of what sets the class apart, likewise


class Samples(NamedTuple):
    """Samples of C classes, N of each, or one of each of K, ``(K, ...)``; and what clipping them to pixels hides."""

    images: np.ndarray  # clipped, uint8 (C, N, H, W, channels)
    scaled: np.ndarray  # the same with the values from low to high scaled into the range of pixels
    low: np.ndarray  # the least of a sample's values, where 0 is the darkest and 1 the brightest pixel, (C, N)
    high: np.ndarray  # the largest
    outside: np.ndarray  # the share of its values that are clearly outside of the range of pixels, 0 to 1, (C, N)


def samples(sources: Sequence[Source], classes: Sequence[int], seed: int, count: int) -> list[Samples]:
    """Samples of each source, ``count`` of each class, drawn on all cores.

    All classes and models share the noise, so the tiles of a column differ in the class's centre only.
    """
    wanted = [
        question(computations.sample_and_range, source.checkpoint_id, [int(k)] * count, *source[1:], seed)
        for source in sources
        for k in classes
    ]
    found, size = asking.ask_all(wanted), len(classes)
    parts = [found[start : start + size] for start in range(0, len(found), size)]
    return [Samples(**{name: np.stack([one[name] for one in part]) for name in Samples._fields}) for part in parts]


def draw(source: Source, classes: Sequence[int], seed: int) -> np.ndarray:
    """A sample of each of N classes, uint8 ``(N, H, W, C)``, each with a noise of its own."""
    given = (source.checkpoint_id, list(map(int, classes)), *source[1:], seed)
    return asking.ask(question(computations.sample, *given))
