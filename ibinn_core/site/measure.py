"""What the site shows of a family, computed by its models at the places of its measured curve."""

import base64
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from .. import data
from ..checkpoint import Checkpoint
from ..data.images import to_uint8, to_unit
from ..evaluation.calibration import top_label_reliability
from ..evaluation.sample_quality import best_temperature
from ..exploration import align, interpolate, project, rotate_in_plane, rotate_rgb
from ..exploration.geometry import class_centers
from ..exploration.projection import plane_of_means, principal_components
from ..exploration.typicality import TYPICAL, typicality_threshold
from ..models.classifier import GenerativeClassifier
from ..models.kinds import gamma_text
from ..models.preprocessing import bits_per_dim, dequantize
from ..weight_space import Family, FamilyError
from .sheet import sheet
from .slider import slider_data

SAMPLES = 6  # of each class, with the same noise at every place
STEPS = 9  # of a path between two images, both ends among them
PAIRS = 6
ANGLES = 24  # of a whole turn
BINS = 10  # of the probabilities of the classes that a model names
CENTERS = {"around": "empirical", "mixture": "mean"}  # by the name of the picture: where samples are drawn
PATHS = ("spherical", "linear")


@dataclass(frozen=True)
class FamilySite:
    """What the site has of one family.

    Attributes:
        name: of the data set.
        values: for the pages, plain JSON; arrays are base64 of their little-endian bytes.
        pictures: WebP files by their names.
    """

    name: str
    values: dict
    pictures: dict[str, bytes]


def measure_site(family: Family, others: Sequence[Checkpoint] = (), say: Callable[[str], object] = print) -> FamilySite:
    """Computes everything the site shows of a family; the images are those that come with the package foolbox.

    Arguments:
        family: with a measured curve.
        others: checkpoints of the same data set that have their place beside the family, such as class-NLL.
        say: called with each line of progress.

    Raises:
        FamilyError: without a measured curve.
        DatasetError: for a data set of which no images are embedded.
    """
    if not family.curve:
        raise FamilyError(
            "the site needs the measured curve of the family, which is not there or of other checkpoints: measure it "
            "by python -m ibinn_core curve"
        )
    dataset = family.members[0].dataset
    images, labels = data.embedded(dataset.name)
    x = to_unit(images)
    pairs = _pairs(labels)
    turned = _turned(x)
    noise = torch.randn(SAMPLES * dataset.num_classes, dataset.dims, generator=torch.Generator().manual_seed(0))
    plane, temperature = _Plane.of(family), best_temperature(dataset)
    seen = []
    for index, place in enumerate(family.curve):
        say(f"{dataset.title}, gamma {place.gamma:.4g}: place {index + 1} of {len(family.curve)}")
        seen.append(_at_place(family.at(place.gamma), plane, index, x, turned, pairs, noise, temperature))
    pictures = {
        "images.webp": sheet(images[None]),
        "turned.webp": sheet(to_uint8(turned.flatten(0, 1)).reshape(*turned.shape[:2], *images.shape[1:])),
        **{f"{name}.webp": sheet(np.stack([one.samples[name] for one in seen])) for name in CENTERS},
        **{f"{path}.webp": sheet(np.stack([one.paths[path] for one in seen])) for path in PATHS},
    }
    values = {
        "name": dataset.name,
        "title": dataset.title,
        "classes": list(dataset.classes),
        "side": list(dataset.image_shape[1:]),
        "grey": dataset.image_shape[0] == 1,
        "turn": "in the plane" if dataset.image_shape[0] != 3 else "of the colours",
        "temperature": temperature,
        "samples": SAMPLES,
        "steps": STEPS,
        "angles": ANGLES,
        "pairs": pairs,
        "labels": [int(label) for label in labels],
        "typical": TYPICAL,
        **slider_data(family, [_name(gamma) for gamma in family.gammas]),
        "others": [_other(one) for one in others],
        "dims": dataset.dims,
        "reconstruction": max(member.card["reconstruction"] for member in family.members),
        "reliability": [_reliability(row, plane.labels) for row in family.arrays["posterior"]],
        "cloud": {"labels": _bytes(plane.labels, "u1"), "points": _bytes(plane.scaled(plane.points), "<i2")},
        "means": _bytes(plane.scaled(plane.means), "<i2"),
        "centers": _bytes(plane.scaled(plane.centers), "<i2"),
        "unit": plane.unit,
        "band": [plane.band(index) for index in range(len(family.curve))],
        "likelihoods": _bytes(np.stack([one.likelihoods for one in seen]), "<f4"),
        "bits": _bytes(np.stack([one.bits for one in seen]), "<f4"),
        "posterior": _bytes(np.stack([one.posterior for one in seen]) * 255, "u1"),
        "path": _bytes(plane.scaled(np.stack([one.points for one in seen])), "<i2"),
    }
    return FamilySite(dataset.name, values, pictures)


@dataclass(frozen=True)
class _Plane:
    """The plane that shows the clouds of all places: the same directions of the axes in which the curve is stored.

    Attributes:
        family: whose P places it shows.
        labels: of the N test images, ``(N,)``.
        directions: ``(2, K-1)``, rows orthonormal.
        points: the test images at each place, ``(P, N, 2)``.
        means: the μ_y, ``(P, K, 2)``.
        centers: the means of the classes' points, ``(P, K, 2)``.
        unit: steps of a stored coordinate in one of latent space.
    """

    family: Family
    labels: np.ndarray
    directions: np.ndarray
    points: np.ndarray
    means: np.ndarray
    centers: np.ndarray
    unit: float

    @classmethod
    def of(cls, family: Family) -> "_Plane":
        """Looks from where the classes' centres lie furthest apart, at the trained γ in the middle of the slider."""
        arrays = family.arrays
        labels = family.members[0].latent["labels"][arrays["rows"]].astype(np.int64)
        points = arrays["coordinates"].astype(np.float32)
        centers = class_centers(points, labels)
        middle = int(np.abs([_share(place.gamma) - 0.6 for place in family.curve]).argmin())
        directions = principal_components(centers[middle], 2).directions
        flat = points @ directions.T
        reach = float(np.abs(flat).max())
        means, unit = arrays["class_means"] @ directions.T, 30000 / reach
        return cls(family, labels, directions, flat, means, centers @ directions.T, unit)

    def scaled(self, points: np.ndarray) -> np.ndarray:
        """Coordinates as they are stored; what lies far outside of the cloud stays at its rim."""
        return np.clip(np.rint(points * self.unit), -32767, 32767)

    def band(self, index: int) -> list[float]:
        """The bits/dim between which a share ``TYPICAL`` of the test images lie at a place, around their mean."""
        log_prob = self.family.arrays["log_prob"][index].astype(np.float64)
        width = typicality_threshold(log_prob, TYPICAL) / (self.family.members[0].dataset.dims * math.log(2))
        mean = self.family.curve[index].bits_per_dim
        return [mean - width, mean + width]

    def project(self, model: GenerativeClassifier, index: int, z: torch.Tensor) -> np.ndarray:
        """Latents ``(M, D)`` of the model at a place as points of the plane, ``(M, 2)``."""
        means = model.class_means.numpy()
        basis = plane_of_means(means, len(means) - 1)
        # The stored axes are those of the basis, turned and not moved: both hold the same means.
        turn = align(project(means, basis), self.family.arrays["class_means"][index])
        return project(z.numpy(), basis) @ turn @ self.directions.T


@dataclass(frozen=True)
class _Seen:
    """What the model at one place makes of the images; I images, A angles of each.

    Attributes:
        likelihoods: log q(x | y) less that of the best class, of the images, ``(I, K)`` in nats.
        bits: bits/dim of the turned images, ``(I, A)``.
        posterior: of the turned images, ``(I, A, K)``.
        points: of the turned images in the plane, ``(I, A, 2)``.
        samples: uint8 ``(K · SAMPLES, H, W, C)``, by the name of the picture.
        paths: uint8 ``(PAIRS · STEPS, H, W, C)``, by the path.
    """

    likelihoods: np.ndarray
    bits: np.ndarray
    posterior: np.ndarray
    points: np.ndarray
    samples: dict[str, np.ndarray]
    paths: dict[str, np.ndarray]


@torch.no_grad()
def _at_place(
    model: GenerativeClassifier,
    plane: _Plane,
    index: int,
    x: torch.Tensor,
    turned: torch.Tensor,
    pairs: list[list[int]],
    noise: torch.Tensor,
    temperature: float,
) -> _Seen:
    joint = model.log_prob(dequantize(x, model.noise), per_class=True)
    everything = model.look(dequantize(turned.flatten(0, 1), model.noise))
    dims, shape = model.config.dims, turned.shape[:2]
    latents = everything["latents"].reshape(*shape, dims)
    classes = torch.arange(model.num_classes).repeat_interleave(SAMPLES)
    samples = {}
    for name, center in CENTERS.items():
        # Around the images the latents of a class spread less or more than the Gaussian's own.
        unit = 1.0 if center == "mean" or model.latent_spread is None else model.latent_spread
        samples[name] = to_uint8(model.sample(classes, temperature * unit, center, noise=noise))
    paths = {
        path: to_uint8(
            model.decode(
                torch.cat([interpolate(latents[one, 0], latents[other, 0], STEPS, path) for one, other in pairs])
            )
        )
        for path in PATHS
    }
    return _Seen(
        (joint - joint.max(1, keepdim=True).values).numpy(),
        bits_per_dim(everything["log_prob"], dims, model.noise).reshape(shape).numpy(),
        everything["posterior"].reshape(*shape, -1).numpy(),
        plane.project(model, index, everything["latents"]).reshape(*shape, 2),
        samples,
        paths,
    )


def _pairs(labels: np.ndarray) -> list[list[int]]:
    """Images to walk between, of different classes: the first of one class to the first of another."""
    firsts = [int(np.flatnonzero(labels == label)[0]) for label in np.unique(labels)]
    half = len(firsts) // 2
    return [[firsts[i], firsts[(i + half) % len(firsts)]] for i in range(min(PAIRS, len(firsts)))]


def _turned(x: torch.Tensor) -> torch.Tensor:
    """Every image at ``ANGLES`` angles of one turn, ``(I, A, C, H, W)``; the first is the image itself."""
    turn = rotate_rgb if x.shape[1] == 3 else rotate_in_plane
    return torch.stack([x if not a else turn(x, 2 * math.pi * a / ANGLES) for a in range(ANGLES)], 1)


def _other(checkpoint: Checkpoint) -> dict:
    """A model beside the family: its error, and its bits/dim if it has a likelihood."""
    bits = checkpoint.card.get("bits_per_dim", {}).get("mean")
    return {"id": checkpoint.id, "objective": checkpoint.objective, "error": checkpoint.card["error"], "bits": bits}


def _reliability(posterior: np.ndarray, labels: np.ndarray) -> list[dict]:
    """By how sure the model is of the class that it names: how often it is right, and in how many test images."""
    found = top_label_reliability(posterior.astype(np.float32), labels, bins=BINS)
    rows = zip(found.expected, found.observed, found.count, strict=True)
    return [{"sure": float(e), "right": float(o), "count": int(n)} for e, o, n in rows if n]


def _name(gamma: float) -> str:
    if gamma == 0:
        return "only likelihood"
    return "only classes" if math.isinf(gamma) else f"γ = {gamma_text(gamma)}"


def _share(gamma: float) -> float:
    """Where γ lies on the slider, from 0 to 1."""
    return 1.0 if math.isinf(gamma) else math.sqrt(gamma) / (1 + math.sqrt(gamma))


def _bytes(array: np.ndarray, dtype: str) -> str:
    """Base64 of the values as ``dtype``, row by row."""
    return base64.b64encode(np.ascontiguousarray(array.astype(dtype)).tobytes()).decode("ascii")
