"""What the models of a family make of images, at the places of its measured curve."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch

import ibinn_core as ib
from app.inference.computations import clipping
from app.latent_space import clouds
from app.sampling.settings import MOSTLY
from ibinn_core.checkpoint.latent_format import view as view_basis
from ibinn_core.data.images import to_unit
from ibinn_core.evaluation.sample_quality import best_guidance, best_temperature
from ibinn_core.exploration import align, project
from ibinn_core.exploration.projection import plane_of_means
from ibinn_core.models.classifier import GenerativeClassifier
from ibinn_core.models.preprocessing import bits_per_dim, dequantize
from ibinn_core.weight_space import Family, FamilyError

SAMPLES = 5  # of each class, with the same noise at every place
MOST_CLASSES = 10  # of which samples are drawn for a lesson, the first ones


class Samples(NamedTuple):
    """N samples at P places."""

    images: np.ndarray  # uint8 (P, N, H, W, C)
    #: Of a sample that is scaled into the range of pixels, since most of its values lie outside of it, how many times
    #: white its brightest ones are; 0 of the others. (P, N).
    whites: np.ndarray


class Seen(NamedTuple):
    """What the models at P places make of I images."""

    images: np.ndarray  # uint8 (I, H, W, C)
    points: np.ndarray  # of the images in the plane that all models share, (P, I, 2)
    temperature: float  # of the samples
    label: int  # of the class of which ``row`` has samples
    row: Samples  # ``SAMPLES`` of one class, around its images
    classes: Samples  # one of each class, from the model's own mixture
    #: Of a drawing, where there is one: log q(x | y) in nats and the posterior, (P, K) each, and bits/dim, (P,).
    written: dict[str, np.ndarray] | None = None


def measure(family: Family, say: Callable[[str], object] = print, drawing: np.ndarray | None = None) -> Seen:
    """Asks the models at all places of a measured curve, of the images that come with the package foolbox.

    And of a drawing, uint8 ``(H, W, C)``, if there is one.

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
    images, _ = ib.data.embedded(dataset.name)
    temperature, label = best_temperature(dataset), min(7, dataset.num_classes - 1)
    noise = torch.randn(SAMPLES, dataset.num_classes, dataset.dims, generator=torch.Generator().manual_seed(0))
    reference = clouds.shared_reference(family.members[0])
    plane = project(reference.latent["class_means"], view_basis(reference.latent, "means"))
    points, rows, classes, written = [], [], [], []
    for number, place in enumerate(family.curve, 1):
        say(f"{dataset.title}, gamma {place.gamma:.4g}: place {number} of {len(family.curve)}")
        model = family.at(place.gamma)
        points.append(_points(model, images, plane))
        # Around the images the latents of a class spread less or more than the Gaussian's own.
        spread = temperature * (model.latent_spread or 1.0)
        of_class = torch.full((SAMPLES,), label)
        rows.append(_samples(model, of_class, spread, "empirical", noise[:, label], best_guidance(dataset)))
        first = torch.arange(min(dataset.num_classes, MOST_CLASSES))
        classes.append(_samples(model, first, temperature, "mean", noise[0, : len(first)], 1.0))
        if drawing is not None:
            written.append(_of_drawing(model, drawing))
    drawn = {name: np.stack([one[name] for one in written]) for name in written[0]} if written else None
    return Seen(images, np.stack(points), temperature, label, _stacked(rows), _stacked(classes), drawn)


@torch.no_grad()
def _of_drawing(model: GenerativeClassifier, drawing: np.ndarray) -> dict[str, np.ndarray]:
    """The values of :attr:`Seen.written` at one place."""
    x = dequantize(to_unit(drawing[None]), model.noise)
    look = model.look(x)
    return {
        "likelihoods": model.log_prob(x, per_class=True)[0].numpy(),
        "posterior": look["posterior"][0].numpy(),
        "bits": bits_per_dim(look["log_prob"], model.config.dims, model.noise)[0].numpy(),
    }


@torch.no_grad()
def _points(model: GenerativeClassifier, images: np.ndarray, plane: np.ndarray) -> np.ndarray:
    """Where images lie, ``(I, 2)``; ``plane`` has the class means in the plane that all models share, ``(K, ·)``."""
    means = model.class_means.numpy()
    basis = plane_of_means(means, len(means) - 1)
    onto = align(project(means, basis), plane)[:, :2]
    return project(model.encode(dequantize(to_unit(images), model.noise)).numpy(), basis) @ onto


@torch.no_grad()
def _samples(
    model: GenerativeClassifier,
    classes: torch.Tensor,
    temperature: float,
    center: str,
    noise: torch.Tensor,
    guidance: float,
) -> tuple[np.ndarray, np.ndarray]:
    """The attributes of :class:`Samples` at one place."""
    drawn = clipping(model.sample(classes, temperature, center, noise=noise, guidance=guidance))
    is_outside = drawn["outside"] > MOSTLY
    seen = np.where(is_outside[:, None, None, None], drawn["scaled"], drawn["images"])
    return seen, np.where(is_outside, drawn["high"], 0)


def _stacked(places: list[tuple[np.ndarray, np.ndarray]]) -> Samples:
    images, whites = zip(*places, strict=True)
    return Samples(np.stack(images), np.stack(whites))
