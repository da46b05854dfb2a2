"""What the models of a family make of images, at the places of its measured curve."""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch

import ibinn_core as ib
from app.inference.computations import clipping
from app.latent_space import clouds
from app.sampling.settings import MOSTLY
from ibinn_core.checkpoint.latent_format import view as view_basis
from ibinn_core.data.images import to_uint8, to_unit
from ibinn_core.evaluation.sample_quality import best_guidance, best_temperature
from ibinn_core.exploration import align, interpolate, project, rotate_in_plane, rotate_rgb
from ibinn_core.exploration.projection import plane_of_means
from ibinn_core.models.classifier import GenerativeClassifier
from ibinn_core.models.preprocessing import bits_per_dim, dequantize
from ibinn_core.weight_space import Family, FamilyError

SAMPLES = 5  # of each class that is drawn, with the same noise at every place
MOST_CLASSES = 10  # of which samples are drawn, the first ones
STEPS = 9  # of a path between two images, both ends among them
PAIRS = 6
TURNS = 13  # of an image, from 0 to 360 degrees
CENTERS = ("empirical", "mean")  # where samples are drawn
PATHS = ("spherical", "linear")


class Seen(NamedTuple):
    """What the models at P places make of I images."""

    images: np.ndarray  # uint8 (I, H, W, C)
    labels: np.ndarray  # (I,)
    turned: np.ndarray  # the images turned, uint8 (I, TURNS, H, W, C); the first and the last are the image itself
    pairs: np.ndarray  # of images that are walked between, (PAIRS, 2)
    temperature: float  # of the samples
    likelihoods: np.ndarray  # log q(x | y) in nats, (P, I, K)
    bits: np.ndarray  # bits/dim of the turned images, (P, I, TURNS)
    posterior: np.ndarray  # of the turned images, (P, I, TURNS, K)
    points: np.ndarray  # of the images in the plane that all models share, (P, I, 2)
    samples: dict[str, np.ndarray]  # uint8 (P, SAMPLES, at most MOST_CLASSES, H, W, C), by where they are drawn
    #: Of a sample that is scaled into the range of pixels, since most of its values lie outside of it, how many times
    #: white its brightest ones are; 0 of the others. (P, SAMPLES, classes), likewise.
    whites: dict[str, np.ndarray]
    walks: np.ndarray  # uint8 (P, PAIRS, 2, STEPS, H, W, C), on each of PATHS
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
    images, labels = ib.data.embedded(dataset.name)
    turned = _turned(to_unit(images))
    pairs = _pairs(labels)
    temperature, guidance = best_temperature(dataset), best_guidance(dataset)
    sampled = torch.arange(min(dataset.num_classes, MOST_CLASSES)).repeat(SAMPLES)
    noise = torch.randn(len(sampled), dataset.dims, generator=torch.Generator().manual_seed(0))
    reference = clouds.shared_reference(family.members[0])
    plane = project(reference.latent["class_means"], view_basis(reference.latent, "means"))
    found, written = [], []
    for number, place in enumerate(family.curve, 1):
        say(f"{dataset.title}, gamma {place.gamma:.4g}: place {number} of {len(family.curve)}")
        model = family.at(place.gamma)
        found.append(_at_place(model, plane, turned, pairs, sampled, noise, temperature, guidance))
        if drawing is not None:
            written.append(_of_drawing(model, drawing))
    stacked = {name: np.stack([one[name] for one in found]) for name in found[0]}
    samples, whites = ({c: stacked.pop(kind + c) for c in CENTERS} for kind in ("", "white "))
    shown = to_uint8(turned.flatten(0, 1)).reshape(*turned.shape[:2], *images.shape[1:])
    drawn = {name: np.stack([one[name] for one in written]) for name in written[0]} if written else None
    return Seen(images, labels, shown, pairs, temperature, samples=samples, whites=whites, written=drawn, **stacked)


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
def _at_place(
    model: GenerativeClassifier,
    plane: np.ndarray,
    turned: torch.Tensor,
    pairs: np.ndarray,
    sampled: torch.Tensor,
    noise: torch.Tensor,
    temperature: float,
    guidance: float,
) -> dict[str, np.ndarray]:
    """The attributes of :class:`Seen` that differ between places; of the samples a part for each center."""
    config, shape = model.config, turned.shape[:2]
    # The last angle is the first one again.
    look = model.look(dequantize(turned[:, :-1].flatten(0, 1), model.noise))
    bits, posterior, latents = (
        torch.cat([part, part[:, :1]], 1)
        for part in (
            bits_per_dim(look["log_prob"], config.dims, model.noise).reshape(shape[0], -1),
            look["posterior"].reshape(shape[0], shape[1] - 1, -1),
            look["latents"].reshape(shape[0], shape[1] - 1, -1),
        )
    )
    means = model.class_means.numpy()
    basis = plane_of_means(means, len(means) - 1)
    onto = align(project(means, basis), plane)[:, :2]
    ways = [interpolate(latents[one, 0], latents[other, 0], STEPS, path) for one, other in pairs for path in PATHS]
    walks = to_uint8(model.decode(torch.cat(ways)))
    return {
        "likelihoods": model.log_prob(dequantize(turned[:, 0], model.noise), per_class=True).numpy(),
        "bits": bits.numpy(),
        "posterior": posterior.numpy(),
        "points": project(latents[:, 0].numpy(), basis) @ onto,
        "walks": walks.reshape(len(pairs), len(PATHS), STEPS, *walks.shape[1:]),
        **_samples(model, sampled, noise, temperature, guidance),
    }


@torch.no_grad()
def _samples(
    model: GenerativeClassifier, classes: torch.Tensor, noise: torch.Tensor, temperature: float, guidance: float
) -> dict[str, np.ndarray]:
    """Pictures of samples and how many times white they were, for each center."""
    found = {}
    for center in CENTERS:
        # Around the images the latents of a class spread less or more than the Gaussian's own, which has no guidance.
        unit = 1.0 if center == "mean" or model.latent_spread is None else model.latent_spread
        share = 1.0 if center == "mean" else guidance
        drawn = clipping(model.sample(classes, temperature * unit, center, noise=noise, guidance=share))
        is_outside = drawn["outside"] > MOSTLY
        seen = np.where(is_outside[:, None, None, None], drawn["scaled"], drawn["images"])
        found[center] = seen.reshape(SAMPLES, -1, *seen.shape[1:])
        found["white " + center] = np.where(is_outside, drawn["high"], 0).reshape(SAMPLES, -1)
    return found


def _pairs(labels: np.ndarray) -> np.ndarray:
    """Images to walk between, of different classes: the first of one class to the first of another."""
    firsts = [int(np.flatnonzero(labels == label)[0]) for label in np.unique(labels)]
    half = len(firsts) // 2
    return np.array([[firsts[i], firsts[(i + half) % len(firsts)]] for i in range(min(PAIRS, len(firsts)))])


def _turned(x: torch.Tensor) -> torch.Tensor:
    """Every image at the angles of a whole turn, of its colours if it has some, ``(I, TURNS, C, H, W)``."""
    turn = rotate_rgb if x.shape[1] == 3 else rotate_in_plane
    inner = [turn(x, 2 * math.pi * step / (TURNS - 1)) for step in range(1, TURNS - 1)]
    return torch.stack([x, *inner, x], 1)
