"""Measures the curve of a family, at its trained γ and between these; ``weight_space.curve`` stores it."""

import platform
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from ..data.images import locate
from ..data.loading import some_of, split_held_out
from ..exploration.projection import align, plane_of_means, project
from ..measures import on
from ..weight_space import ALIGNMENT, Family, FamilyError, Point, why_not
from ..weight_space.curve import write_curve
from .metrics import NOISE_SEED, Measured, encode_images, metrics, score_images

if TYPE_CHECKING:
    from ..models.classifier import GenerativeClassifier

POINTS = 21  # least number of points
SHOWN = 2000  # most test images whose coordinates are stored
MAX_COORDINATES = 40_000  # most coordinates per point; with many classes, fewer images are stored
ALIGNED_ON = 4000  # number of training images that an alignment is fitted to


def gammas_of(family: Family, at_least: int = POINTS) -> list[float]:
    """Returns the γ to measure: the trained ones, and equally many between each two neighbours that can be mixed."""
    pairs = enumerate(zip(family.members[:-1], family.members[1:], strict=True))
    gaps = [index for index, (one, other) in pairs if why_not(one, other) is None]
    missing = max(0, at_least - len(family.members))
    between = max(1, -(-missing // len(gaps))) if gaps else 0
    positions = [float(n) for n in range(len(family.members))]
    positions += [index + (n + 1) / (between + 1) for index in gaps for n in range(between)]
    return [family.gamma_at(position) for position in sorted(positions)]


def measure_curve(
    family: Family,
    images: np.ndarray,
    labels: np.ndarray,
    train_images: np.ndarray,
    at_least: int = POINTS,
) -> list[Point]:
    """Measures the family at :func:`gammas_of`, and stores the curve and its arrays beside the checkpoints.

    Arguments:
        family: the models.
        images: the whole test set, uint8 ``(N, H, W, C)``.
        labels: the images' classes, integers ``(N,)``.
        train_images: the whole training set, uint8 ``(M, H, W, C)``.
        at_least: least number of points, if any two models can be mixed.

    Raises:
        FamilyError: if the models were measured on other test images, or the family has no path for a curve.
    """
    import torch

    path, family = family.curve_path, Family(family.members)  # without an older curve, which may be damaged
    if path is None:
        raise FamilyError("the family has no path to store its curve at")
    order, described = _order_of_checkpoints(family, images)
    images, labels = images[order], labels[order]
    shown = min(SHOWN, max(1, MAX_COORDINATES // family.members[0].dataset.num_classes))
    rows = some_of(np.arange(len(described)), shown)
    fitted_on = train_images[some_of(np.arange(len(train_images)), ALIGNED_ON)]
    # No member was trained on these images.
    count = min(member.config["training"]["held_out"] for member in family.members)
    held_out = train_images[split_held_out(len(train_images), count)[1]]
    points, stored = [], []
    for gamma in gammas_of(family, at_least):
        model, point = family.at(gamma), family.point(gamma)
        if point.share and model.alignment is not None:  # replaces the interpolated alignment
            model.fit_alignment(torch.from_numpy(encode_images(model, fitted_on).latents))
        found = encode_images(model, images)
        card = metrics(model, images, labels, found)
        numbers: dict = {measure.curve_name: measure.stored_on(card) for measure in on("curve")}
        points.append(point := replace(point, **numbers, measured=True))
        arrays = _arrays(model, found.of(described[rows]), score_images(model, held_out).log_prob)
        stored.append(_turned(arrays, stored[-1] if stored else None))
        print(f"gamma {gamma:.4g}: error {point.error:.2%}, {point.bits_per_dim:.3f} bits/dim")
    arrays = {name: np.stack([one[name] for one in stored]) for name in stored[0]}
    arrays["rows"] = rows.astype(np.min_scalar_type(len(described)))
    arrays["hashes"] = family.members[0].latent["hashes"][rows]
    measured = {
        "images": len(images),
        "noise_seed": NOISE_SEED,
        "machine": platform.machine(),
        "date": date.today().isoformat(),
        "command": "python -m ibinn_core curve",
    }
    write_curve(path, family.fingerprints, points, measured, arrays)
    return points


def _order_of_checkpoints(family: Family, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns the order for measuring the test images, and the place of each row of ``latent.npz`` in it."""
    # Copies may order their images differently, which affects the noise.
    hashes = family.members[0].latent["hashes"]
    if not all(np.array_equal(member.latent["hashes"], hashes) for member in family.members):
        raise FamilyError("the models of the family were measured on different test images: export them again")
    order = locate(hashes, images)
    if (order < 0).any():
        raise FamilyError(
            f"{(order < 0).sum()} of the {len(order)} test images that the models were measured on are not in this copy"
        )
    measured = family.members[0].card.get("measured", {}).get("images", 0)
    if measured <= len(order):
        return order, np.arange(len(order))
    if len(images) != measured:  # ``latent.npz`` describes only some of the card's images
        raise FamilyError(f"the models were measured on {measured} test images, and this copy has {len(images)}")
    return np.arange(len(images)), order


def _arrays(model: "GenerativeClassifier", found: Measured, reference: np.ndarray) -> dict:
    means = model.class_means.cpu().numpy()
    basis = plane_of_means(means, len(means) - 1)
    log_prob = found.log_prob.astype(np.float64)
    arrays = {
        "coordinates": project(found.latents, basis),
        "class_means": project(means, basis).astype(np.float32),
        "log_prob": (log_prob - log_prob.mean()).astype(np.float16),
        "log_prob_mean": log_prob.mean(),
        "reference": (reference.astype(np.float64) - log_prob.mean()).astype(np.float16),
        "posterior": found.posterior.astype(np.float16),
    }
    if model.alignment is not None:
        arrays |= {f"alignment_{name}": getattr(model.alignment, name).cpu().numpy().copy() for name in ALIGNMENT}
    return arrays


def _turned(arrays: dict, last: dict | None) -> dict:
    """Rotates a point's arrays so that the axes match those of the point before."""
    points, means = arrays["coordinates"].astype(np.float32), arrays["class_means"]
    if last is not None:
        turn = align(last["class_means"], means).T
        points, means = points @ turn, (means @ turn).astype(np.float32)
    return arrays | {"coordinates": points.astype(np.float16), "class_means": means}
