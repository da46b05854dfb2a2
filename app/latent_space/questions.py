"""The questions about planes of latent space: positions of test images under a model, and the model's answers."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from app.answer import Answer
from app.desk import at_once
from app.figures.latent import frame_of
from app.inference.bits import bits_per_dim
from app.inference.computations import typicality_of
from app.latent_space import clouds
from app.latent_space.lasso_text import from_text
from app.models import registry
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.checkpoint import view as view_basis

NEIGHBORS = 8


@dataclass(frozen=True)
class Cloud:
    """N test images and K class means in a plane that all models of the data set share."""

    model: str
    plane: str  # name of the view
    classes: tuple[str, ...]
    places: np.ndarray  # float32 (N, 2)
    means: np.ndarray | None  # (K, 2); in PCA and LDA the centres of the classes' images; None for UMAP
    hashes: np.ndarray  # uint64 (N,)
    labels: np.ndarray  # (N,)
    predicted: np.ndarray  # (N,)
    confidence: np.ndarray  # the largest posterior, float32 (N,)
    bits: np.ndarray  # bits/dim, (N,)
    frame: np.ndarray  # lower left and upper right corner of what is visible at first, (2, 2)
    lasso: np.ndarray  # whether each image is in the URL's lasso, (N,)

    def table(self) -> pd.DataFrame:
        """The images as a table, one row per image."""
        names = np.array(self.classes)
        return pd.DataFrame(
            {
                "model": self.model,
                "plane": self.plane,
                "image": [f"{one:016x}" for one in self.hashes],
                "x": self.places[:, 0],
                "y": self.places[:, 1],
                "class": names[self.labels],
                "prediction": names[self.predicted],
                "confidence": self.confidence,
                "bits_per_dim": self.bits,
                "in_lasso": self.lasso,
            }
        )


@at_once
def cloud(model: str, view: str, lasso: str = "") -> Cloud:
    """The test images in one of the stored views: ``"means"``, ``"pca"``, ``"lda"`` or ``"umap"`` (Fig. 7)."""
    known = registry.by_id(model)
    latent = known.latent
    found = clouds.cloud(known, view)
    followed = clouds.track_of(known) if view == "means" else None
    means = None if view == "umap" else found.means  # UMAP's distances mean nothing
    frame = followed.frame if followed else frame_of(found.points, means)
    return Cloud(
        model,
        view,
        known.classes,
        found.points,
        means,
        latent["hashes"],
        latent["labels"].astype(int),
        latent["posterior"].argmax(1),
        latent["posterior"].max(1).astype(np.float32),
        bits_per_dim(known, latent["log_prob"]),
        frame,
        np.isin(latent["hashes"], lassoed(known, lasso)),
    )


def lassoed(known: Checkpoint, lasso: str) -> np.ndarray:
    """The hashes of the images in a lasso, ``(n,)``."""
    first = registry.family_of(known)[0].latent  # mixed models were measured on fewer images
    return from_text(lasso, first["hashes"], first["labels"])


@at_once
def answer_around(model: str, image: str) -> Answer:
    """The stored answer on the test image with this hash, and on the test images nearest to it, nearest first.

    Distances are measured in the K - 1 dimensions of the class means, which alone decide the posterior. A classifier
    without a mixture has no such dimensions: the answer is on the image alone.

    Raises:
        LookupError: The model's file does not have the image.
    """
    known = registry.by_id(model)
    latent = known.latent
    row = clouds.row_of(known, image)
    if row < 0:
        raise LookupError(f"The model {model} was not measured on the image {image}.")
    rows = np.array([row])
    if "means_coordinates" in latent:
        places = latent["means_coordinates"].astype(np.float32)
        distances = ((places - places[row]) ** 2).sum(1)
        distances[row] = -1  # the image itself is first, before equal images
        rows = np.argsort(distances, kind="stable")[: 1 + NEIGHBORS]
    answer = Answer(
        model,
        known.classes,
        latent["posterior"][rows].astype(np.float32),
        images=np.array([f"{one:016x}" for one in latent["hashes"][rows]]),
    )
    if not known.has_likelihood:
        return answer
    log_prob = latent["log_prob"][rows].astype(np.float64)
    return replace(answer, log_prob=log_prob, labels_known=known.gamma != 0, **typicality_of(known, log_prob))


@at_once
def plane_axes(model: str) -> np.ndarray:
    """The two directions of the plane of the class means that all models of the data set share, ``(2, D)``."""
    known = registry.by_id(model)
    directions = np.asarray(view_basis(known.latent, "means").directions, np.float64)
    dims = len(directions)
    corners = clouds.turned(known, "means", np.concatenate([np.zeros((1, dims)), np.eye(dims)]))
    return (corners[1:] - corners[0]).astype(np.float64).T @ directions
