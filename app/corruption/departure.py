"""Where an image is that leaves the distribution: how untypical it is and between which two classes, or in a plane."""

import numpy as np

from app.corruption.measure import share_in_view
from app.figures.bits_scale import scale_for
from app.figures.path_view import Departure, Plane
from app.figures.readings import LikelihoodReading
from app.latent_space import clouds
from app.models.predictions import bits_per_dim
from ibinn_core.checkpoint import Checkpoint

OF_PAIR, OF_OTHERS = 500, 800  # test images that are drawn: of each of the two classes, of all others together
OF_PLANE = 2500  # the same in the plane; all of them would make the frames stutter
LEAST = 1e-30  # a posterior that is less counts as this much: in single precision it may be nothing


def rivals(posterior: np.ndarray) -> tuple[int, int]:
    """The two classes that a path ``(T, K)`` lies between: the first answer, and the other class that comes nearest.

    The second one is that whose posterior is highest anywhere on the path. K is at least 2.
    """
    first = int(posterior[0].argmax())
    highest = posterior.max(0).astype(np.float64)
    highest[first] = -1
    return first, int(highest.argmax())


def log10_odds(posterior: np.ndarray, pair: tuple[int, int]) -> np.ndarray:
    """How much more probable the second class is than the first, of posteriors ``(N, K)``: log10 of their ratio."""
    first, second = (np.log10(np.maximum(posterior[:, k].astype(np.float64), LEAST)) for k in pair)
    return second - first


def departure_of(checkpoint: Checkpoint, reading: LikelihoodReading) -> Departure:
    """The path of the images of a reading by a model, among test images of the same model."""
    latent, pair = checkpoint.latent, rivals(reading.posterior)
    rows = _some(latent["labels"], pair)
    odds, bits = log10_odds(latent["posterior"][rows], pair), bits_per_dim(checkpoint, latent["log_prob"][rows])
    scale = scale_for(reading.bits, reading.band)
    path = np.stack([log10_odds(reading.posterior, pair), scale.place(reading.bits)], 1)
    cloud = np.stack([odds, scale.place(bits)], 1)
    return Departure(cloud, latent["labels"][rows], path, reading.band, pair, scale)


def _some(labels: np.ndarray, pair: tuple[int, int]) -> np.ndarray:
    """Rows of some test images, the same ones each time: all of them would make the frames stutter."""
    order = np.random.default_rng(0).permutation(len(labels))
    of_pair = [order[labels[order] == k][:OF_PAIR] for k in pair]
    return np.concatenate([order[~np.isin(labels[order], pair)][:OF_OTHERS], *of_pair])


def plane_of(checkpoint: Checkpoint, latents: np.ndarray) -> Plane:
    """A path of latents ``(T, D)`` in the plane of the class means."""
    latent = checkpoint.latent
    path = clouds.place(checkpoint, "means", latents)
    rows = np.random.default_rng(0).permutation(len(latent["labels"]))[:OF_PLANE]
    return Plane(
        clouds.cloud(checkpoint, "means").points[rows],
        latent["labels"][rows],
        path,
        clouds.place(checkpoint, "means", latent["class_means"]),
        percent(share_in_view(latents, path)),
    )


def percent(share: float) -> str:
    """A share from 0 to 1 in words; a small one does not read as zero."""
    return "less than 1%" if 0 < share < 0.005 else f"{share:.0%}"
