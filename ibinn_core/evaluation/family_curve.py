"""Measuring the models between the checkpoints of a family, each at one place of its curve."""

import platform
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from ..data.images import locate
from ..data.loading import split_held_out
from ..exploration.projection import align, plane_of_means, project
from ..models.config import TrainingConfig
from ..weight_space import ALIGNMENT, Family, FamilyError, Place, why_not, write_curve
from .metrics import NOISE_SEED, Measured, encode_images, known, metrics

if TYPE_CHECKING:
    from ..layers import Alignment
    from ..models.classifier import GenerativeClassifier

PLACES = 21  # at least
SHOWN = 2000  # test images whose coordinates are stored, at most
MOST_COORDINATES = 40_000  # at each place: of fewer images, if there are many classes
ALIGNED_ON = 4000  # training images that an alignment is fitted on


def places_of(family: Family, at_least: int = PLACES) -> list[float]:
    """The γ to measure: the trained ones, and equally many between each two that mix, at least ``at_least`` in all."""
    pairs = list(enumerate(zip(family.members[:-1], family.members[1:], strict=True)))
    open_pairs = [index for index, (one, other) in pairs if why_not(one, other) is None]
    missing = max(0, at_least - len(family.members))
    between = max(1, -(-missing // len(open_pairs))) if open_pairs else 0
    positions = [float(n) for n in range(len(family.members))]
    positions += [index + (n + 1) / (between + 1) for index in open_pairs for n in range(between)]
    return [family.gamma_at(position) for position in sorted(positions)]


def measure_curve(
    family: Family,
    images: np.ndarray,
    labels: np.ndarray,
    train_images: np.ndarray,
    say: Callable[[str], object] = print,
    at_least: int = PLACES,
) -> list[Place]:
    """Measures the family at :func:`places_of`, and stores the curve and its arrays beside the checkpoints.

    Arguments:
        family: the models.
        images: the whole test set, uint8 ``(N, H, W, C)``.
        labels: its classes, integers ``(N,)``.
        train_images: the whole training set, uint8 ``(M, H, W, C)``: of the held-out ones the likelihoods are stored,
            and on others the alignment of each mixed model is fitted, if the models are aligned.
        say: called with each line of progress.
        at_least: number of places.

    Raises:
        FamilyError: if the models were measured on other test images than these, or than one another; for a family
            without a path for its curve.
    """
    if family.curve_path is None:
        raise FamilyError("the family has no path to store its curve at")
    order, described = _order_of_checkpoints(family, images)
    images, labels = images[order], labels[order]
    shown = min(SHOWN, max(1, MOST_COORDINATES // family.members[0].dataset.num_classes))
    rows = np.sort(np.random.default_rng(0).permutation(len(described))[:shown])
    fitted_on = train_images[np.sort(np.random.default_rng(1).permutation(len(train_images))[:ALIGNED_ON])]
    # Those that no member was trained on: of more held-out images the fewer are a part.
    count = min(TrainingConfig.from_dict(member.config["training"]).held_out for member in family.members)
    held_out = train_images[split_held_out(len(train_images), count)[1]]
    places, stored = [], []
    for gamma in places_of(family, at_least):
        model = family.at(gamma)
        if model.blend is not None and model.alignment is not None:
            _fit_alignment(model, model.alignment, fitted_on)
        found = encode_images(model, images)
        card = metrics(model, images, labels, found)
        place = _place(family, gamma, card)
        places.append(place)
        reference = known(encode_images(model, held_out).log_prob, "likelihoods")
        arrays = _arrays(model, found, described[rows], reference)
        stored.append(_turned(arrays, stored[-1] if stored else None))
        say(
            f"gamma {gamma:.4g} ({place.left}, {place.share:.2f} of {place.right}): error {place.error:.2%}, "
            f"{place.bits_per_dim:.3f} bits/dim, top-label calibration error {place.calibration_top_label:.2%}"
        )
    arrays = {name: np.stack([one[name] for one in stored]) for name in stored[0]}
    measured = {
        "images": len(images),
        "noise_seed": NOISE_SEED,
        "machine": platform.machine(),
        "date": date.today().isoformat(),
        "command": "python -m ibinn_core curve",
    }
    rows = rows.astype(np.min_scalar_type(len(described)))
    hashes = family.members[0].latent["hashes"][rows]
    write_curve(family.curve_path, family.fingerprints, places, {"rows": rows, "hashes": hashes, **arrays}, measured)
    return places


def _mixed_from(family: Family, gamma: float) -> tuple[str, str, float]:
    """The ids of the models that the one at γ is mixed from, twice its own if it is trained, and the second's share."""
    blend = family.blend(gamma)
    if blend is None:
        own = family.members[int(family.position(gamma))].id
        return own, own, 0.0
    return blend.left, blend.right, blend.share


def _order_of_checkpoints(family: Family, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The order of the test images to measure in, and where in it each row of the members' ``latent.npz`` is.

    Copies of a data set keep their images in different orders, and the noise depends on it.
    """
    hashes = family.members[0].latent["hashes"]
    if not all(np.array_equal(member.latent["hashes"], hashes) for member in family.members):
        raise FamilyError("the models of the family were measured on different test images: export them again")
    order = locate(hashes, images)
    if (order < 0).any():
        raise FamilyError(
            f"{(order < 0).sum()} of the {len(order)} test images that the models were measured on are not in this copy"
        )
    measured = family.members[0].card.get("measured", {}).get("images", 0)
    if measured > len(order):  # the file describes some of them
        if len(images) != measured:
            raise FamilyError(f"the models were measured on {measured} test images, and this copy has {len(images)}")
        return np.arange(len(images)), order
    return order, np.arange(len(order))


def _fit_alignment(model: "GenerativeClassifier", present: "Alignment", images: np.ndarray) -> None:
    """Fits the alignment of a mixed model, in place of the one that is interpolated between its neighbours'."""
    import torch

    z = torch.from_numpy(known(encode_images(model, images).latents, "latents"))
    model.fit_alignment(present.inverse(z))


def _place(family: Family, gamma: float, card: dict) -> Place:
    return Place(
        gamma,
        *_mixed_from(family, gamma),
        error=card["error"],
        bits_per_dim=card["bits_per_dim"]["mean"],
        calibration_top_label=card["calibration_top_label"],
        calibration_paper=card["calibration_paper"]["ece"],
        cross_entropy=card["cross_entropy"],
    )


def _turned(arrays: dict, last: dict | None) -> dict:
    """The arrays of a place with its axes turned onto those of the ``last``."""
    points, means = arrays["coordinates"].astype(np.float32), arrays["class_means"]
    if last is not None:
        turn = align(last["class_means"], means).T
        points, means = points @ turn, (means @ turn).astype(np.float32)
    return arrays | {"coordinates": points.astype(np.float16), "class_means": means}


def _arrays(model: "GenerativeClassifier", found: Measured, rows: np.ndarray, reference: np.ndarray) -> dict:
    """The arrays of a place, in axes of its own."""
    means = model.class_means.cpu().numpy()
    basis = plane_of_means(means, len(means) - 1)
    points, centers = project(known(found.latents, "latents")[rows], basis), project(means, basis)
    log_prob = known(found.log_prob, "likelihoods")[rows].astype(np.float64)
    arrays = {
        "coordinates": points.astype(np.float32),  # half precision once they are turned
        "class_means": centers.astype(np.float32),
        "log_prob": (log_prob - log_prob.mean()).astype(np.float16),
        "log_prob_mean": log_prob.mean(),
        "reference": (reference.astype(np.float64) - log_prob.mean()).astype(np.float16),
        "posterior": found.posterior[rows].astype(np.float16),
    }
    if model.alignment is not None:
        arrays |= {f"alignment_{name}": getattr(model.alignment, name).cpu().numpy().copy() for name in ALIGNMENT}
    return arrays
