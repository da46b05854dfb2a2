"""The image that the page opens with: the one, of those embedded, on which γ makes the greatest difference.

It is measured with the models that are there, at five places of the way that the page opens with. The two ends are the
models with a likelihood of smallest and of largest γ. A place counts where the generative end finds the image
untypical: by all the nats that a posterior can have if the likelihood of the discriminative end finds it typical, else
by how much surer the posterior of the discriminative end is, in nats. An image is fit to open with if both ends find it
typical and classify it correctly before anything has happened to it.
"""

from collections.abc import Sequence

import numpy as np

from app.corruption.corrupted_images import opening
from app.corruption.measure import offset
from app.images.pictures import SAMPLE, SAMPLES, images_of
from app.models import asking
from app.models.predictions import at_once, predict_with_likelihood, typical_bits
from ibinn_core.checkpoint import Checkpoint, CheckpointError
from ibinn_core.data import Dataset
from ibinn_core.evaluation.scores import predictive_entropy

EVERY = 6  # steps of the way, which has 24, between the places that are looked at


def telling_image(dataset: Dataset, models: Sequence[Checkpoint]) -> int:
    """The number of the sample image; 0 where there are no two models with a likelihood to compare."""
    able = sorted((c for c in models if c.has_likelihood and 0 < (c.gamma or 0) < np.inf), key=lambda c: c.gamma or 0)
    if len(able) < 2:
        return 0
    images, labels, _ = images_of(SAMPLE, dataset)
    ends = (able[0].id, able[-1].id)
    try:
        bands = tuple(typical_bits(checkpoint) for checkpoint in (able[0], able[-1]))
        return _measured(ends, bands, images[:SAMPLES], labels[:SAMPLES])
    except CheckpointError:  # of a model that the page may not even show; if it does, the page says so
        return 0


@asking.kept
def _measured(
    ends: tuple[str, str], bands: tuple[tuple[float, float], ...], images: np.ndarray, labels: np.ndarray
) -> int:
    """The number of the image, by the ids and bands of both ends."""
    ways = np.stack([opening(pixels).images[::EVERY] for pixels in images])
    every = ways.reshape(-1, *ways.shape[2:])
    at_once([(id, every) for id in ends])
    found = [predict_with_likelihood(id, every) for id in ends]
    places = (len(found), *ways.shape[:2])
    posterior = np.stack([one.posterior for one in found])
    offsets = np.stack([offset(one.bits, band) for one, band in zip(found, bands, strict=True)]).reshape(places)
    entropies = np.stack([predictive_entropy(one.posterior) for one in found]).reshape(places)
    is_right = posterior.argmax(-1).reshape(places)[:, :, 0] == labels
    fit = ((np.abs(offsets[:, :, 0]) <= 1) & is_right).all(0)
    return most_telling(offsets, entropies, fit, np.log(found[0].posterior.shape[1]))


def most_telling(offsets: np.ndarray, entropies: np.ndarray, fit: np.ndarray, most: float) -> int:
    """The number of the image on which the two ends differ most, by the rule at the top.

    Arguments:
        offsets: of N images at P places of the way, the generative end's first, ``(2, N, P)``; beyond ±1 is untypical.
        entropies: of the posteriors in nats, ``(2, N, P)``.
        fit: which images are fit to open with, ``(N,)``; if none is, all are.
        most: nats that a posterior can have.
    """
    outside = np.abs(offsets) > 1
    difference = np.where(outside[1], entropies[0] - entropies[1], most)
    scores = np.where(outside[0], difference, 0).mean(1)
    return int(np.where(fit | ~fit.any(), scores, -np.inf).argmax())
