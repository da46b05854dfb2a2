"""Latent clouds as the latent page draws them: coordinates, colours and texts, of one model or of several."""

from typing import NamedTuple

import numpy as np

import ibinn_core as ib
from app.figures.text import plotly_texts
from app.images import pictures
from app.models import asking, registry
from app.models.origin import origin
from app.models.predictions import bits_per_dim
from app.models.summary import labels_known
from app.widgets.export_menu import csv_bytes
from ibinn_core.checkpoint import Checkpoint, CheckpointError
from ibinn_core.checkpoint.latent_format import view as view_basis
from ibinn_core.exploration.geometry import class_averages

VIEWS = {
    "Plane of the means": "means",
    "Principal components": "pca",
    "Linear discriminants": "lda",
    "UMAP": "umap",
}
AXES = {
    "means": ("first principal direction of the class means", "second direction"),
    "pca": ("first principal component", "second component"),
    "lda": ("first discriminant", "second discriminant"),
    "umap": ("", ""),
}
MISTAKE = "The most confident mistake"
COLORS = ("Class", "Prediction", "Confidence", "Bits/dim", "Mistakes")


class Cloud(NamedTuple):
    """The test set and the class means in one plane.

    Attributes:
        points: ``(N, 2)``.
        means: ``(K, 2)``; ``None`` where the view is not linear.
    """

    points: np.ndarray
    means: np.ndarray | None


def cloud(checkpoint: Checkpoint, view: str) -> Cloud:
    """The test set in one of the stored views, on the axes of :func:`facing`."""
    latent = checkpoint.latent
    means = place(checkpoint, view, latent["class_means"]) if view != "umap" else None
    return Cloud(latent[f"{view}_coordinates"][:, :2].astype(np.float32) * facing(checkpoint, view), means)


def place(checkpoint: Checkpoint, view: str, latents: np.ndarray) -> np.ndarray:
    """Where latents, ``(N, D)``, lie in the plane of :func:`cloud`, ``(N, 2)``."""
    projected = ib.exploration.project(latents, view_basis(checkpoint.latent, view))
    return projected[:, :2] * facing(checkpoint, view)


def facing(checkpoint: Checkpoint, view: str) -> np.ndarray:
    """1 or -1 for both axes, by which coordinates are multiplied, ``(2,)``.

    A principal direction has no sign of its own. So each model's have that with which its classes lie where the first
    model of the data set has them, and from model to model no picture is the mirror image of the one before.
    """
    return np.ones(2, np.float32) if view == "umap" else _facing(checkpoint.id, view)


@asking.kept
def _facing(checkpoint_id: str, view: str) -> np.ndarray:
    checkpoint = registry.by_id(checkpoint_id)
    first = registry.first_among(registry.family_of(checkpoint) or [checkpoint])
    own = centres(checkpoint, view)[:, :2]
    try:
        other = centres(first, view)[:, :2]
    except CheckpointError:  # of a model that the page does not show; if it does, the page says so
        return np.ones(2, np.float32)
    agreement = np.nansum((own - np.nanmean(own, 0)) * (other - np.nanmean(other, 0)), 0)
    return np.where(agreement < 0, -1, 1).astype(np.float32)


def aligned(checkpoint: Checkpoint, reference: Checkpoint, view: str = "means") -> Cloud:
    """The test set in that plane of a model's view that shows its classes where the reference shows them.

    The model is turned (Procrustes, no scaling), and the reference's own first two directions are kept. In the view of
    the means, K - 1 dimensions, the K class means are laid on each other; in the others, where those lie apart from the
    images, the centres of the images of each class, which then stand in the place of the means.
    """
    if view != "means":
        own, other = centres(checkpoint, view), centres(reference, view)
        dims = min(own.shape[1], other.shape[1])
        seen = np.isfinite(own).all(1) & np.isfinite(other).all(1)  # classes that have images
        rotation = ib.exploration.align(own[seen, :dims], other[seen, :dims])[:, :2]
        offset = other[seen].mean(0)[:2] - own[seen].mean(0)[:dims] @ rotation
        points = checkpoint.latent[f"{view}_coordinates"][:, :dims].astype(np.float32)
        return Cloud(points @ rotation + offset, own[:, :dims] @ rotation + offset)
    spans = [
        ib.exploration.project(one.latent["class_means"], view_basis(one.latent, "means"))
        for one in (checkpoint, reference)
    ]
    rotation = ib.exploration.align(*spans)[:, :2].astype(np.float32)
    return Cloud(checkpoint.latent["means_coordinates"] @ rotation, spans[0] @ rotation)


def unaligned(checkpoint: Checkpoint, view: str) -> Cloud:
    """The test set in the first plane of a model's view; with centres in the place of means as in :func:`aligned`."""
    found = cloud(checkpoint, view)
    if view == "means":
        return found
    return Cloud(found.points, centres(checkpoint, view)[:, :2] * facing(checkpoint, view))


def centres(checkpoint: Checkpoint, view: str) -> np.ndarray:
    """The centre of the images of each class in all dimensions of a view, float32 ``(K, P)``."""
    points = checkpoint.latent[f"{view}_coordinates"].astype(np.float32)
    return class_averages(points, checkpoint.latent["labels"], len(checkpoint.classes)).astype(np.float32)


@asking.kept
def hover_texts(checkpoint_id: str) -> list[str]:
    """A text for each test image."""
    checkpoint = registry.by_id(checkpoint_id)
    latent, names, bits = checkpoint.latent, plotly_texts(checkpoint.classes), test_bits(checkpoint_id)
    predicted = latent["posterior"].argmax(1)
    return [
        f"{names[y]}<br>predicted {names[p]} ({c:.0%})<br>{b:.2f} bits/dim"
        for y, p, c, b in zip(latent["labels"], predicted, latent["posterior"].max(1), bits, strict=True)
    ]


@asking.kept
def test_bits(checkpoint_id: str) -> np.ndarray:
    """Bits/dim of each test image."""
    checkpoint = registry.by_id(checkpoint_id)
    return bits_per_dim(checkpoint, checkpoint.latent["log_prob"])


def first_shown(checkpoint: Checkpoint) -> tuple[int, str]:
    """What the page opens on, of the test images that can be shown: a row, and what it is.

    The one that is wrong with most confidence; where none is wrong, the one that the model is least sure of. Of a
    model that was trained without labels, the least likely one.
    """
    latent = checkpoint.latent
    confidence = latent["posterior"].max(1)
    shown = pictures.rows_in_gallery(checkpoint.id) >= 0
    wrong = (latent["posterior"].argmax(1) != latent["labels"]) & (shown if shown.any() else True)
    where = "" if pictures.largest_gallery(checkpoint.dataset) == pictures.TEST else " among the example images"
    if not labels_known(checkpoint):
        return int(
            np.where(shown if shown.any() else True, latent["log_prob"], np.inf).argmin()
        ), f"The least likely image{where}"
    if wrong.any():
        return int(np.where(wrong, confidence, -1).argmax()), f"{MISTAKE}{where}"
    return int(np.where(shown, confidence, 2).argmin()), f"Every answer is right{where}; the least sure one"


def groups(checkpoint: Checkpoint, color: str, classes: list[int]) -> np.ndarray:
    """The class that colours each test image, ``(N,)``; -1 for one that is not drawn."""
    labels = checkpoint.latent["labels"].astype(int)
    predicted = checkpoint.latent["posterior"].argmax(1)
    chosen = np.isin(labels, classes)
    if color == "Mistakes":
        chosen &= predicted != labels
    return np.where(chosen, predicted if color == "Prediction" else labels, -1)


def values(checkpoint: Checkpoint, color: str) -> np.ndarray:
    """The number that colours each test image, ``(N,)``."""
    return checkpoint.latent["posterior"].max(1) if color == "Confidence" else test_bits(checkpoint.id)


def places_csv(everyone: list[Checkpoint], rows: np.ndarray, points: list[np.ndarray]) -> bytes:
    """Where the same test images lie under several models; ``rows`` are those of the first model's latent file.

    An image that another model's latent file does not have has no line there.
    """
    latent, classes, parts = everyone[0].latent, everyone[0].classes, []
    for checkpoint, places in zip(everyone, points, strict=True):
        known = np.isin(latent["hashes"][rows], checkpoint.latent["hashes"])
        images = rows[known]
        parts.append(
            {
                "model": checkpoint.id,
                "image": [f"{h:016x}" for h in latent["hashes"][images]],
                "x": places[known, 0],
                "y": places[known, 1],
                "class": [classes[k] for k in latent["labels"][images]],
                **origin(checkpoint),
            }
        )
    return csv_bytes(*parts)
