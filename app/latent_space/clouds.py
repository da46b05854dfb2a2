"""The places of test images and class means in planes that all models of a data set share."""

from typing import NamedTuple

import numpy as np

import ibinn_core as ib
from app.figures.latent import frame_of
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
    """The test set in one plane, and the class means; if these lie elsewhere, the mean latent of each class."""

    points: np.ndarray  # (N, 2)
    means: np.ndarray  # (K, 2)


class Turn(NamedTuple):
    """A map of coordinates into another plane."""

    rotation: np.ndarray  # (P, 2)
    offset: np.ndarray  # (2,)

    def __call__(self, coordinates: np.ndarray) -> np.ndarray:
        """Where coordinates ``(N, P)`` lie then, ``(N, 2)``."""
        own = coordinates[:, : len(self.rotation)].astype(np.float32)
        return (own @ self.rotation + self.offset).astype(np.float32)


def cloud(checkpoint: Checkpoint, view: str) -> Cloud:
    """The test set in one of the stored views, in the plane that all models of the data set share.

    That is the plane of the first two directions of the first model. The other models' views are rotated onto it
    (Procrustes, no scaling), so the classes keep their places.
    """
    points = turned(checkpoint, view, checkpoint.latent[f"{view}_coordinates"])
    if view == "means":
        return Cloud(points, place(checkpoint, view, checkpoint.latent["class_means"]))
    return Cloud(points, turned(checkpoint, view, centres(checkpoint, view)))


def place(checkpoint: Checkpoint, view: str, latents: np.ndarray) -> np.ndarray:
    """The places of latents, ``(N, D)``, in the plane of :func:`cloud`, ``(N, 2)``."""
    return turned(checkpoint, view, ib.exploration.project(latents, view_basis(checkpoint.latent, view)))


def turned(checkpoint: Checkpoint, view: str, coordinates: np.ndarray) -> np.ndarray:
    """Coordinates ``(N, P)`` in a model's view, in the plane of :func:`cloud`, ``(N, 2)``."""
    return turn_of(checkpoint.id, view)(coordinates)


def row_of(checkpoint: Checkpoint, image: str) -> int:
    """The row of the test image with this hash in a model's latent file; -1 if the model was not measured on it."""
    return int(rows_of(checkpoint.latent["hashes"], np.array([int(image, 16)], np.uint64))[0])


def shared_reference(checkpoint: Checkpoint) -> Checkpoint:
    """The model whose plane others of its data set are rotated onto; ``checkpoint`` if that one's file is damaged."""
    first = registry.first_among(registry.family_of(checkpoint) or [checkpoint])
    try:
        return first if first.latent else checkpoint
    except CheckpointError:  # a damaged model that the page does not show; otherwise the page says so
        return checkpoint


def anchors_of_plane(checkpoint: Checkpoint) -> np.ndarray:
    """The class means by which all models of the data set are turned onto one plane, float32 ``(K, K - 1)``."""
    return _anchors(shared_reference(checkpoint), "means")


@asking.kept
def turn_of(checkpoint_id: str, view: str) -> Turn:
    """The rotation of a model's view onto the plane of :func:`cloud`."""
    checkpoint = registry.by_id(checkpoint_id)
    return turn_onto(shared_reference(checkpoint), checkpoint, view)


def turn_onto(first: Checkpoint, checkpoint: Checkpoint, view: str) -> Turn:
    """The rotation of a model's coordinates onto the plane of the first two directions of another model's view.

    The view of the means, with K - 1 dimensions, aligns the K class means. The other views align the centres of each
    class's images, because there the class means lie apart from the images.
    """
    if first is checkpoint:
        dims = checkpoint.latent[f"{view}_coordinates"].shape[1]
        return Turn(np.eye(dims, 2, dtype=np.float32), np.zeros(2, np.float32))
    own, other = (_anchors(one, view) for one in (checkpoint, first))
    dims = min(own.shape[1], other.shape[1])
    shared = np.isfinite(own).all(1) & np.isfinite(other).all(1)  # classes of which both have images
    rotation = ib.exploration.align(own[shared, :dims], other[shared, :dims])[:, :2].astype(np.float32)
    if view == "means":
        return Turn(rotation, np.zeros(2, np.float32))
    return Turn(rotation, (other[shared].mean(0)[:2] - own[shared].mean(0)[:dims] @ rotation).astype(np.float32))


def _anchors(checkpoint: Checkpoint, view: str) -> np.ndarray:
    """What is laid on another model's, float32 ``(K, P)``."""
    if view != "means":
        return centres(checkpoint, view)
    return ib.exploration.project(checkpoint.latent["class_means"], view_basis(checkpoint.latent, "means"))


def centres(checkpoint: Checkpoint, view: str) -> np.ndarray:
    """The centre of the images of each class in all dimensions of a view, float32 ``(K, P)``."""
    points = checkpoint.latent[f"{view}_coordinates"].astype(np.float32)
    return class_averages(points, checkpoint.latent["labels"], len(checkpoint.classes)).astype(np.float32)


def curve_of(checkpoint: Checkpoint) -> Family | None:
    """The model's family, if it lies on its measured curve."""
    trained = registry.by_id(checkpoint.point.left) if isinstance(checkpoint, MixedCheckpoint) else checkpoint
    family = registry.weight_space([trained])
    return family if family is not None and is_on_the_way(checkpoint) and is_continuous(family) else None


class Track(NamedTuple):
    """Images of the family's curve and the class means in the shared plane, at each of the curve's P places."""

    points: np.ndarray  # float32 (P, N, 2)
    means: np.ndarray  # (P, K, 2)
    posterior: np.ndarray  # (P, N, K)
    rows: np.ndarray  # of the images in the latent files of trained models, (N,)
    frame: np.ndarray  # smallest and largest coordinates over all places of the curve, (2, 2)

    def among(self, rows: np.ndarray) -> "Track":
        """Those of the images that are among some ``rows`` of the latent files, by their row there."""
        known = np.isin(self.rows, rows)
        found = np.searchsorted(rows, self.rows[known])
        return self._replace(points=self.points[:, known], posterior=self.posterior[:, known], rows=found)


def track(family: Family) -> Track:
    """The stored places of a family's curve, for figures that follow γ without asking a model."""
    return _track(family.members[0].id)


def track_of(checkpoint: Checkpoint) -> Track | None:
    """The same for a model's family, with the images' rows in the model's file; ``None`` without a curve."""
    family = curve_of(checkpoint)
    if family is None:
        return None
    found = track(family)
    is_mixed = isinstance(checkpoint, MixedCheckpoint)  # its file has the curve's images and no others
    return found._replace(rows=np.arange(len(found.rows))) if is_mixed else found


@asking.kept
def _track(member_id: str) -> Track:
    family = registry.weight_space([registry.by_id(member_id)])
    assert family is not None  # whose member it is
    arrays = family.arrays
    to = _anchors(shared_reference(family.members[0]), "means")
    turns = [ib.exploration.align(means, to)[:, :2].astype(np.float32) for means in arrays["class_means"]]
    points = np.stack([c.astype(np.float32) @ t for c, t in zip(arrays["coordinates"], turns, strict=True)])
    means = np.stack([m @ t for m, t in zip(arrays["class_means"], turns, strict=True)])
    frame = frame_of(points, means)
    posterior = arrays["posterior"].astype(np.float32)
    return Track(points, means, posterior, arrays["rows"].astype(int), frame.astype(np.float32))


def first_shown(checkpoint: Checkpoint) -> tuple[int, str]:
    """The test image that the page opens with: its row, and a title.

    It is the most confident mistake, or else the least confident answer. For a model trained without labels, it is the
    least likely image.
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
        title = "The most confident mistake" if whole else "The most confident mistake among the example images"
        return int(np.where(wrong, confidence, -1).argmax()), title
    return int(np.where(shown, confidence, 2).argmin()), "No mistake; the least confident answer"


def superclasses(dataset: Dataset) -> np.ndarray:
    """The number of the superclass of each class, ``(K,)``."""
    number = {name: k for k, names in enumerate(dataset.superclasses.values()) for name in names}
    return np.array([number[name] for name in dataset.classes])


def share_of_plane(checkpoint: Checkpoint) -> float:
    """How much of the variance of the class means the plane of :func:`cloud` holds, 0 to 1."""
    means = _anchors(checkpoint, "means")
    return float(turned(checkpoint, "means", means).var(0).sum() / means.var(0).sum())
