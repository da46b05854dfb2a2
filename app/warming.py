"""What pages open with, computed before anybody asks for it.

A lecture begins with a hundred people on the same page. What all of them see first is ready by then, if somebody opened
the app before: nothing is computed here before the first page stands, nor while anybody asks for anything.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from app.corruption import corrupted_images
from app.corruption.telling_image import telling_image
from app.images.alterations import ALTERATIONS, cross_fade
from app.images.opening import first_classes, opening
from app.images.pictures import sample
from app.inference.queue import THREAD, Request
from app.latent_space import clouds
from app.lessons.contents import LESSONS
from app.models import asking, decoding, registry
from app.models.predictions import latents_and_likelihoods, predict, predict_with_likelihood
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.data import Dataset
from ibinn_core.evaluation.sample_quality import best_guidance, best_temperature

AROUND, SEED = "empirical", 0  # of samples
STEPS, PATHS = 9, ("spherical", "linear")  # of a walk
CONTEXT_LOG = "streamlit.runtime.scriptrunner_utils.script_run_context"

_lock, _begun = threading.Lock(), threading.Event()


def begin() -> None:
    """Has all of it computed in the background, once in the process."""
    with _lock:
        if _begun.is_set():
            return
        _begun.set()
    # Streamlit warns of its caches where no page runs, which is so on purpose here.
    logging.getLogger(CONTEXT_LOG).addFilter(_is_of_a_page)
    asking.prepare(requests())


def _is_of_a_page(record: logging.LogRecord) -> bool:
    return not (record.threadName or "").startswith(THREAD)


def requests() -> Iterator[Request[None]]:
    """All of it in small steps, the usual data set first."""
    for key, family in registry.families().items():
        generative = [c for c in family if c.has_latents and c.has_likelihood]
        first = [c for c in generative if c.id in _ids(family, registry.FIRST_MODELS)] or generative[:4]
        beside = [c for c in family if c.id in _ids(family, (registry.FIRST_BESIDE,))]
        for checkpoint in first:
            yield from _steps(f"{key} {checkpoint.id}", _of_model(checkpoint))
        if first:
            yield from _steps(f"{key} corrupted", [lambda able=generative: _telling(able)])
            yield from _steps(f"{key} beside", [_beside(checkpoint, first) for checkpoint in beside])
    for number, lesson in enumerate(LESSONS):
        yield from _steps(f"lesson {number}", [lambda lesson=lesson: lesson.missing() or lesson.values()])


def _ids(family: Sequence[Checkpoint], names: Sequence[str]) -> list[str]:
    return [family[0].dataset.id_prefix + name for name in names]


def _steps(name: str, steps: Sequence[Callable[[], object]]) -> Iterator[Request[None]]:
    for number, step in enumerate(steps):
        yield Request(("in advance", name, number), lambda _, step=step: [_nothing(step())])


def _nothing(_: object) -> None:
    """What matters is what the step has left in the stores."""


def _of_model(checkpoint: Checkpoint) -> list[Callable[[], object]]:
    """What the pages show of a model with a likelihood, in the order of the pages."""
    dataset, id = checkpoint.dataset, checkpoint.id

    return [
        lambda: checkpoint.latent,
        lambda: decoding.there_and_back(id, _pixels("image", dataset)),
        lambda: predict_with_likelihood(id, _pixels("image", dataset)[None]),
        lambda: clouds.hover_texts(id),
        *(lambda path=path: predict_with_likelihood(id, _walk(checkpoint, path)) for path in PATHS),
        lambda: predict_with_likelihood(id, _cross_fade(dataset)),
        lambda: predict_with_likelihood(id, _samples(checkpoint)),
        lambda: latents_and_likelihoods(id, _altered(dataset)),
        lambda: predict_with_likelihood(id, _corrupted(checkpoint)),
    ]


def _beside(checkpoint: Checkpoint, first: Sequence[Checkpoint]) -> Callable[[], object]:
    """What they show of one without a likelihood beside the others."""
    dataset = checkpoint.dataset

    def answers() -> None:
        for images in (
            _pixels("image", dataset)[None],
            _walk(registry.first_among(first), PATHS[0]),
            _samples(registry.first_among(first)),
            _altered(dataset),
            _corrupted(checkpoint),
        ):
            predict(checkpoint.id, images)

    return answers


def _samples(checkpoint: Checkpoint) -> np.ndarray:
    names = checkpoint.dataset.classes
    classes = tuple(k for k, name in enumerate(names) if name in first_classes(names))
    temperature = best_temperature(checkpoint.dataset) * float(checkpoint.latent["spread"])
    source = decoding.Source(checkpoint.id, temperature, AROUND, best_guidance(checkpoint.dataset))
    images = decoding.samples([source], classes, SEED, decoding.COUNT_OF_ONE)[0].images
    return images.reshape(-1, *images.shape[2:])


def _pixels(purpose: str, dataset: Dataset) -> np.ndarray:
    return sample(opening(purpose, dataset), dataset).pixels


def _walk(checkpoint: Checkpoint, path: str) -> np.ndarray:
    first, second = (_pixels(purpose, checkpoint.dataset) for purpose in ("from", "to"))
    return decoding.walk(checkpoint.id, first, second, STEPS, path)


def _cross_fade(dataset: Dataset) -> np.ndarray:
    return cross_fade(_pixels("from", dataset), _pixels("to", dataset), STEPS)


def _altered(dataset: Dataset) -> np.ndarray:
    pixels = _pixels("inspected", dataset)
    return np.stack([alter(pixels) for alter in ALTERATIONS.values()])


def _corrupted(checkpoint: Checkpoint) -> np.ndarray:
    pixels = sample(_telling(registry.family_of(checkpoint)), checkpoint.dataset).pixels
    return corrupted_images.opening(pixels, SEED).images


def _telling(family: Sequence[Checkpoint]) -> int:
    return telling_image(family[0].dataset, family)
