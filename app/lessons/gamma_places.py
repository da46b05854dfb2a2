"""What the models of the family look like at a few dozen places of the slider."""

import functools
from functools import cached_property
from typing import Any

import numpy as np

from app.answer import Images
from app.desk import question
from app.figures.latent import frame_of
from app.inference.computations import samples
from app.latent_space import clouds
from app.models import asking, registry
from ibinn_core.data.datasets import DEFAULT
from ibinn_core.models.kinds import gamma_text
from ibinn_core.weight_space import Family, plain_gamma

SEED, TEMPERATURE = 0, 1.0  # of the samples


class Places:
    """The test set's latents in one plane, and samples, at each place where the family's curve was measured.

    Without a curve the places are the trained models. ``gammas`` ascend; ``labels`` are those of the N test images that
    are drawn, and ``points`` their latents, ``(P, N, 2)``, turned so that places are as near to each other as can be.
    """

    def __init__(self, family: Family) -> None:
        self.family = family
        self.gammas, self.labels, self.points = _from_curve(family) if family.curve else _from_members(family)
        self._positions = [family.position(gamma) for gamma in self.gammas]

    @cached_property
    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Lowest and highest coordinates that a picture must show, ``(2,)`` each, the same for all places."""
        low, high = frame_of(self.points)
        return low, high

    def nearest(self, gamma: float) -> int:
        """The place nearest to γ."""
        return int(np.abs(np.array(self._positions) - self.family.position(gamma)).argmin())

    def samples(self, place: int) -> Images:
        """A sample of each of the K classes from the mixture of the model at a place.

        All places share the noise.
        """
        checkpoint = self.family.checkpoint(self.gammas[place])
        classes = list(range(len(checkpoint.classes)))
        return asking.ask(question(samples, checkpoint.id, classes, TEMPERATURE, "mean", 1.0, SEED))

    def as_task(self, heading: str) -> dict[str, Any]:
        """What the browser needs to draw the samples of any place (``app/static/live/tiles.js``)."""
        return {
            "shape": self.family.members[0].dataset.image_shape,
            "gammas": [plain_gamma(gamma) for gamma in self.gammas],
            "names": [gamma_text(gamma) for gamma in self.gammas],
            "temperature": TEMPERATURE,
            "seed": SEED,
            "heading": heading,
        }


def places() -> Places | None:
    """The places of the family; ``None`` if there are not at least two models with a γ."""
    family = registry.weight_space(registry.families().get(DEFAULT, []))
    return None if family is None else _places(family)


@functools.lru_cache(maxsize=2)  # another family is found when a file of its models changes
def _places(family: Family) -> Places | None:
    return Places(family) if sum(gamma > 0 for gamma in family.gammas) > 1 else None


def _from_curve(family: Family) -> tuple[list[float], np.ndarray, np.ndarray]:
    """γ, labels and points from the measured curve."""
    labels = family.members[0].latent["labels"][family.arrays["rows"]].astype(int)
    coordinates = family.arrays["coordinates"].astype(np.float32)
    # The plane in which the classes lie farthest apart where they are farthest apart: at the largest γ.
    centers = np.stack([coordinates[-1][labels == k].mean(0) for k in np.unique(labels)])
    _, _, directions = np.linalg.svd(centers - centers.mean(0), full_matrices=False)
    return [place.gamma for place in family.curve], labels, coordinates @ directions[:2].T


def _from_members(family: Family) -> tuple[list[float], np.ndarray, np.ndarray]:
    """The same from the trained models alone."""
    *_, last = family.members
    rows = np.random.default_rng(SEED).permutation(len(last.latent["labels"]))[:2000]
    points = np.stack([clouds.cloud(member, "means").points[rows] for member in family.members])
    return list(family.gammas), last.latent["labels"][rows].astype(int), points
