"""The positions of test images and class means in planes that all models of a data set share."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

import ibinn_core as ib
from app.figures.latent import NINE_TENTHS, frame_of
from app.images import pictures
from app.inference.models import is_continuous
from app.models import asking, registry
from app.models.names import is_on_the_way
from app.models.summary import labels_known
from ibinn_core.checkpoint import Checkpoint, CheckpointError
from ibinn_core.checkpoint import view as view_basis
from ibinn_core.data import Dataset
from ibinn_core.data.images import rows_of
from ibinn_core.exploration.geometry import class_averages
from ibinn_core.weight_space import Family, MixedCheckpoint


class Cloud(NamedTuple):
    """The test set in one plane, with the class means or, in views without them, the centre of each class's images."""

    points: np.ndarray  # (N, 2)
    means: np.ndarray  # (K, 2)


class Turn(NamedTuple):
    """A rotation (or reflection) and a shift of coordinates into a plane."""

    rotation: np.ndarray  # (P, 2)
    offset: np.ndarray  # (2,)

    def __call__(self, coordinates: np.ndarray) -> np.ndarray:
        """Maps coordinates ``(N, P)`` into the plane, ``(N, 2)``."""
        own = coordinates[:, : len(self.rotation)].astype(np.float32)
        return (own @ self.rotation + self.offset).astype(np.float32)


def cloud(checkpoint: Checkpoint, view: str) -> Cloud:
    """The test set in one of the stored views, in the plane that all models of the data set share.

    The first two directions of one model (:func:`shared_reference`) span the plane. The other models' views are rotated
    onto it (Procrustes, no scaling), so the classes keep their positions.
    """
    points = turned(checkpoint, view, checkpoint.latent[f"{view}_coordinates"])
    if view == "means":
        return Cloud(points, place(checkpoint, view, checkpoint.latent["class_means"]))
    return Cloud(points, turned(checkpoint, view, centres(checkpoint, view)))


def place(checkpoint: Checkpoint, view: str, latents: np.ndarray) -> np.ndarray:
    """The positions of latents ``(N, D)`` in the plane of :func:`cloud`, ``(N, 2)``."""
    return turned(checkpoint, view, ib.exploration.project(latents, view_basis(checkpoint.latent, view)))


def turned(checkpoint: Checkpoint, view: str, coordinates: np.ndarray) -> np.ndarray:
    """Coordinates ``(N, P)`` of a model's view, mapped into the plane of :func:`cloud`, ``(N, 2)``."""
    return turn_of(checkpoint.id, view)(coordinates)


def row_of(checkpoint: Checkpoint, image: str) -> int:
    """The row of the test image with this hash in a model's latent file; -1 if the model was not measured on it."""
    return int(rows_of(checkpoint.latent["hashes"], np.array([int(image, 16)], np.uint64))[0])


def shared_reference(checkpoint: Checkpoint) -> Checkpoint:
    """The model whose plane the other models are rotated onto; ``checkpoint`` if that model's file is damaged."""
    first = registry.first_among(registry.family_of(checkpoint) or [checkpoint])
    try:
        return first if first.latent else checkpoint
    except CheckpointError:  # if the page shows the damaged model, the page reports the damage
        return checkpoint


def anchors_of_plane(checkpoint: Checkpoint) -> np.ndarray:
    """The class means that all models of the data set are aligned with, float32 ``(K, K - 1)``."""
    return _anchors(shared_reference(checkpoint), "means")


@asking.kept
def turn_of(checkpoint_id: str, view: str) -> Turn:
    """The rotation of a model's view onto the plane of :func:`cloud`."""
    checkpoint = registry.by_id(checkpoint_id)
    return turn_onto(shared_reference(checkpoint), checkpoint, view)


def turn_onto(first: Checkpoint, checkpoint: Checkpoint, view: str) -> Turn:
    """The rotation of a model's coordinates onto the plane of the first two directions of another model's view.

    In the view of the means, with K - 1 dimensions, the K class means are aligned. In the other views, the centres of
    each class's images are aligned, because the class means are far from the images in these views.
    """
    if first is checkpoint:
        dims = checkpoint.latent[f"{view}_coordinates"].shape[1]
        return Turn(np.eye(dims, 2, dtype=np.float32), np.zeros(2, np.float32))
    own, other = (_anchors(one, view) for one in (checkpoint, first))
    shared = np.isfinite(own).all(1) & np.isfinite(other).all(1)  # classes with images under both models
    most = max(2, shared.sum() - 1)  # in more dimensions, rounding would decide the rotation
    dims = min(own.shape[1], other.shape[1], most)
    rotation = ib.exploration.align(own[shared, :dims], other[shared, :dims])[:, :2].astype(np.float32)
    if view == "means":
        return Turn(rotation, np.zeros(2, np.float32))
    return Turn(rotation, (other[shared].mean(0)[:2] - own[shared].mean(0)[:dims] @ rotation).astype(np.float32))


def _anchors(checkpoint: Checkpoint, view: str) -> np.ndarray:
    """The points that are aligned with another model's points, float32 ``(K, P)``."""
    if view != "means":
        return centres(checkpoint, view)
    return ib.exploration.project(checkpoint.latent["class_means"], view_basis(checkpoint.latent, "means"))


def centres(checkpoint: Checkpoint, view: str) -> np.ndarray:
    """The centre of each class's images in all dimensions of a view, float32 ``(K, P)``."""
    points = checkpoint.latent[f"{view}_coordinates"].astype(np.float32)
    return class_averages(points, checkpoint.latent["labels"], len(checkpoint.classes)).astype(np.float32)


def curve_of(checkpoint: Checkpoint) -> Family | None:
    """The model's family, if the model is on the family's measured curve."""
    trained = registry.by_id(checkpoint.point.left) if isinstance(checkpoint, MixedCheckpoint) else checkpoint
    family = registry.weight_space([trained])
    return family if family is not None and is_on_the_way(checkpoint) and is_continuous(family) else None


class Track(NamedTuple):
    """Images and class means in the shared plane, at each of the P measured points of a family's curve."""

    points: np.ndarray  # float32 (P, N, 2)
    means: np.ndarray  # (P, K, 2)
    posterior: np.ndarray  # (P, N, K)
    rows: np.ndarray  # rows of the images in the latent files of trained models, (N,)
    frame: np.ndarray  # lower left and upper right corner of what is visible, for the whole curve, (2, 2)
    gammas: Sequence[float]  # the γ of each point

    def among(self, rows: np.ndarray) -> "Track":
        """The track of the images in ``rows`` of the latent files; the new track's rows are indices in ``rows``."""
        known = np.isin(self.rows, rows)
        found = np.searchsorted(rows, self.rows[known])
        return self._replace(points=self.points[:, known], posterior=self.posterior[:, known], rows=found)


def track(family: Family) -> Track:
    """The stored track along a family's curve, for figures that follow γ without asking a model."""
    return _track(family.members[0].id)


def track_of(checkpoint: Checkpoint) -> Track | None:
    """The track of a model's family, with the images' rows in the model's file; ``None`` without a curve."""
    family = curve_of(checkpoint)
    if family is None:
        return None
    found = track(family)
    is_mixed = isinstance(checkpoint, MixedCheckpoint)  # a mixed model has only the curve's images
    return found._replace(rows=np.arange(len(found.rows))) if is_mixed else found


@asking.kept
def _track(member_id: str) -> Track:
    family = registry.weight_space([registry.by_id(member_id)])
    assert family is not None  # the model belongs to the family
    arrays = family.arrays
    to = _anchors(shared_reference(family.members[0]), "means")
    turns = [ib.exploration.align(means, to)[:, :2].astype(np.float32) for means in arrays["class_means"]]
    points = np.stack([c.astype(np.float32) @ t for c, t in zip(arrays["coordinates"], turns, strict=True)])
    means = np.stack([m @ t for m, t in zip(arrays["class_means"], turns, strict=True)])
    frame = frame_of(points, np.stack([means - NINE_TENTHS, means + NINE_TENTHS]))
    posterior = arrays["posterior"].astype(np.float32)
    gammas = [point.gamma for point in family.curve]
    return Track(points, means, posterior, arrays["rows"].astype(int), frame.astype(np.float32), gammas)


def first_shown(checkpoint: Checkpoint) -> tuple[int, str]:
    """The row and the title of the test image that the page opens with.

    The page opens with the most confident mistake, or if there is no mistake, with the least confident answer. For a
    model trained without labels, it opens with the least likely image.
    """
    return _first_shown(checkpoint.id, pictures.largest_gallery(checkpoint.dataset))


@asking.kept
def _first_shown(model: str, gallery: str) -> tuple[int, str]:
    checkpoint = registry.by_id(model)
    latent = checkpoint.latent
    confidence = latent["posterior"].max(1)
    shown = pictures.rows_in_gallery(model) >= 0
    wrong = (latent["posterior"].argmax(1) != latent["labels"]) & (shown if shown.any() else True)
    whole = gallery == pictures.TEST
    if not labels_known(checkpoint):
        row = np.where(shown if shown.any() else True, latent["log_prob"], np.inf).argmin()
        return int(row), "The least likely image" if whole else "The least likely example image"
    if wrong.any():
        among = f"{len(wrong):,} test images" if whole else "the example images"
        return int(np.where(wrong, confidence, -1).argmax()), f"The most confident mistake among {among}"
    return int(np.where(shown, confidence, 2).argmin()), "No mistake; the least confident answer"


def superclasses(dataset: Dataset) -> np.ndarray:
    """The number of each class's superclass, ``(K,)``."""
    number = {name: k for k, names in enumerate(dataset.superclasses.values()) for name in names}
    return np.array([number[name] for name in dataset.classes])


def share_of_plane(checkpoint: Checkpoint) -> float:
    """The share of the class means' variance that is within the plane of :func:`cloud`, 0 to 1."""
    means = _anchors(checkpoint, "means")
    return float(turned(checkpoint, "means", means).var(0).sum() / means.var(0).sum())
