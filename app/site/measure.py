"""What the models of a family make of images, at the places of its measured curve."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

import ibinn_core as ib
from app.inference.computations import seen as as_seen
from app.latent_space import clouds
from app.site.kept import Kept
from ibinn_core.checkpoint import view as view_basis
from ibinn_core.data.images import to_unit
from ibinn_core.exploration import align, project
from ibinn_core.exploration.projection import plane_of_means
from ibinn_core.models.classifier import GenerativeClassifier
from ibinn_core.models.preprocessing import dequantize
from ibinn_core.weight_space import Family, FamilyError

MOST_CLASSES = 10  # of which samples are drawn for a lesson, the first ones


class Seen(NamedTuple):
    """What the models at P places make of I images."""

    images: np.ndarray  # uint8 (I, H, W, C)
    points: np.ndarray  # of the images in the plane that all models share, (P, I, 2)
    samples: np.ndarray  # of N classes, one of each, from the model's own mixture, uint8 (P, N, H, W, C)
    #: Of a sample that is scaled into the range of pixels, since most of its values lie outside of it, how many times
    #: white its brightest ones are; 0 of the others. (P, N).
    whites: np.ndarray


def measure(family: Family, say: Callable[[str], object], kept: Kept) -> Seen:
    """Asks the models at all places of a measured curve, of the images that come with the package foolbox.

    ``kept`` has the answers of earlier builds.

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
    classes = torch.arange(min(dataset.num_classes, MOST_CLASSES))
    noise = torch.randn(len(classes), dataset.dims, generator=torch.Generator().manual_seed(0))
    reference = clouds.shared_reference(family.members[0])
    plane = project(reference.latent["class_means"], view_basis(reference.latent, "means"))
    about = f"{sorted(family.fingerprints.items())} {ib.__version__}".encode() + Path(__file__).read_bytes()
    found = []
    for number, place in enumerate(family.curve, 1):
        say(f"{dataset.title}, gamma {place.gamma:.4g}: place {number} of {len(family.curve)}")

        def answers(gamma: float = place.gamma) -> bytes:
            model = family.at(gamma)
            pictures, whites = _samples(model, classes, dataset.temperature, noise)
            buffer = io.BytesIO()
            np.savez(buffer, points=_points(model, images, plane), samples=pictures, whites=whites)
            return buffer.getvalue()

        found.append(np.load(io.BytesIO(kept(about + repr(place.gamma).encode(), answers))))
    return Seen(images, *(np.stack([one[name] for one in found]) for name in ("points", "samples", "whites")))


@torch.no_grad()
def _points(model: GenerativeClassifier, images: np.ndarray, plane: np.ndarray) -> np.ndarray:
    """Where images lie, ``(I, 2)``; ``plane`` has the class means in the plane that all models share, ``(K, ·)``."""
    means = model.class_means.numpy()
    basis = plane_of_means(means, len(means) - 1)
    onto = align(project(means, basis), plane)[:, :2]
    return project(model.encode(dequantize(to_unit(images), model.noise)).numpy(), basis) @ onto


@torch.no_grad()
def _samples(
    model: GenerativeClassifier, classes: torch.Tensor, temperature: float, noise: torch.Tensor
) -> tuple[np.ndarray, np.ndarray]:
    """``samples`` and ``whites`` of :class:`Seen` at one place."""
    drawn = as_seen(model.sample(classes, temperature, noise=noise))
    return drawn.shown, drawn.white
