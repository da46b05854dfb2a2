"""What models make of latents: the way back of an image, walks between two, samples."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

import ibinn_core as ib
from app.models import asking, registry
from app.models.predictions import as_measured, at_once, latents_of

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


@asking.Together
def decode(checkpoint_id: str, latents: np.ndarray) -> dict[str, np.ndarray]:
    """The images of latents ``(N, D)``: ``x``, floats ``(N, C, H, W)``, not clipped to [0, 1]."""
    import torch

    return {"x": registry.load_model(checkpoint_id).decode(torch.from_numpy(latents)).numpy()}


@asking.kept
def there_and_back(checkpoint_id: str, pixels: np.ndarray) -> tuple[np.ndarray, float]:
    """The image after encoding and decoding, and the largest difference from it, in units of [0, 1]."""
    back = decode(checkpoint_id, latents_of(checkpoint_id, pixels[None]))["x"]
    there = as_measured(pixels[None], registry.by_id(checkpoint_id).noise).numpy()
    return _pixels(back)[0], float(np.abs(back - there).max())


def walks_at_once(walks: Sequence[tuple[str, str]], first: np.ndarray, second: np.ndarray, steps: int) -> None:
    """Has walks computed at once, on all cores, before :func:`walk` is asked for them.

    Arguments:
        walks: ids of models, and paths.
        first: the image that all begin with, uint8 ``(H, W, C)``.
        second: the one that they end with.
        steps: of each.
    """
    ends = np.stack([first, second])
    at_once([(id, ends) for id in dict.fromkeys(id for id, _ in walks)])
    ways = [(id, ib.exploration.interpolate(*latents_of(id, ends), steps, path)) for id, path in walks]
    asking.ask_all([request for id, latents in ways for request in decode.requests(id, latents)])


@asking.kept
def walk(checkpoint_id: str, first: np.ndarray, second: np.ndarray, steps: int, path: str) -> np.ndarray:
    """The images along the path between two images' latents, uint8 ``(steps, H, W, C)``."""
    one, other = latents_of(checkpoint_id, np.stack([first, second]))
    return _pixels(decode(checkpoint_id, ib.exploration.interpolate(one, other, steps, path))["x"], missing=0.5)


class Source(NamedTuple):
    """What samples of a class are drawn from.

    Attributes:
        checkpoint_id: of the model.
        temperature: standard deviation of the latents.
        center: around which they lie, as for ``model.sample``.
    """

    checkpoint_id: str
    temperature: float
    center: str


def samples(sources: Sequence[Source], classes: Sequence[int], seed: int, count: int) -> list[np.ndarray]:
    """Samples of each source, uint8 ``(classes, count, H, W, C)``, drawn on all cores.

    All classes and models share the noise, so the tiles of a column differ in the class's centre only.
    """
    asked = [asking.request_for(_samples_of_class, source, k, seed, count) for source in sources for k in classes]
    found = np.stack(asking.ask_all(asked))
    return list(found.reshape(len(sources), len(classes), *found.shape[1:]))


def _samples_of_class(source: Source, label: int, seed: int, count: int) -> np.ndarray:
    import torch

    model = registry.load_model(source.checkpoint_id)
    noise = torch.randn(count, model.config.dims, generator=torch.Generator().manual_seed(seed))
    x = model.sample(np.repeat(label, count), source.temperature, source.center, noise=noise)
    return ib.to_uint8(x, missing=0.5)


def _pixels(x: np.ndarray, missing: float | None = None) -> np.ndarray:
    """8-bit images ``(N, H, W, C)`` of floats ``(N, C, H, W)``; ``missing`` stands in for what is not finite."""
    import torch

    # From a copy: what people share is read-only, and PyTorch knows no such thing.
    return ib.to_uint8(torch.tensor(x), missing=missing)
