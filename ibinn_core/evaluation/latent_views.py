"""The test set in latent space, measured for a checkpoint (:mod:`ibinn_core.checkpoint.arrays`)."""

import numpy as np

from ..checkpoint.arrays import NEIGHBORS
from ..data.images import pixel_hash
from ..data.loading import some_of
from ..exploration.geometry import class_averages
from ..exploration.projection import Basis, plane_of_means, project
from .metrics import Measured

COMPONENTS = 32  # most dimensions of each view, except the class means' view
MAX_PROBABILITIES = 100_000  # most posterior probabilities in the file, over all images and classes


def described_rows(images: int, num_classes: int) -> np.ndarray:
    """Selects the test images for a ``latent.npz``: all, or random ones if there are many classes."""
    return some_of(np.arange(images), max(1, MAX_PROBABILITIES // num_classes))


def posterior_arrays(images: np.ndarray, labels: np.ndarray, posterior: np.ndarray) -> dict[str, np.ndarray]:
    """Returns the arrays that every model has, for the test set and its posterior ``(N, K)``."""
    return {"labels": labels.astype(np.uint8), "hashes": pixel_hash(images), "posterior": posterior}


def latent_arrays(
    class_means: np.ndarray | None,
    images: np.ndarray,
    labels: np.ndarray,
    test: Measured,
    train: Measured,
    train_labels: np.ndarray,
    reference: np.ndarray | None,
) -> dict[str, np.ndarray]:
    """Returns the arrays of a ``latent.npz`` for a model with latents; some of them need a likelihood.

    ``images``, ``labels`` and ``test`` are the test set, its classes and the model's outputs. ``train`` and
    ``train_labels`` are the outputs and classes of training images. The ``class_means`` μ_y ``(K, D)`` and the
    ``reference``, log q(x) of held-out training images ``(M,)``, are ``None`` without a likelihood.
    """
    num_classes = test.posterior.shape[1]
    empirical = class_averages(train.latents, train_labels, num_classes).astype(np.float32)
    count, dims = train.latents.shape
    spread = np.sqrt(np.square(train.latents - empirical[train_labels], dtype=np.float64).mean())
    arrays = {
        **posterior_arrays(images, labels, test.posterior),
        "neighbors": _nearest(test.latents),
        "empirical_means": empirical,
        "spread": np.float32(spread),
    }
    views = {
        "pca": _leading_components(train.latents, min(count - 1, dims, COMPONENTS, max(8, dims // 64))),
        "lda": _discriminant_directions(train.latents, train_labels, min(num_classes - 1, COMPONENTS)),
    }
    if class_means is not None and reference is not None:
        arrays["log_prob"] = test.log_prob
        arrays["reference"] = reference.astype(np.float32)
        arrays["class_means"] = class_means.astype(np.float32)
        views["means"] = plane_of_means(class_means, num_classes - 1)
    for name, basis in views.items():
        arrays[f"{name}_coordinates"] = project(test.latents, basis)
        arrays[f"{name}_origin"] = np.asarray(basis.origin, np.float32)
        arrays[f"{name}_directions"] = np.asarray(basis.directions, np.float32)
    arrays["umap_coordinates"] = _umap(arrays["pca_coordinates"])
    # Half precision suffices for figures, and saves a fifth of the file.
    for name in ("pca_coordinates", "pca_directions", "lda_coordinates", "lda_directions", "means_coordinates"):
        if name in arrays:
            arrays[name] = arrays[name].astype(np.float16)
    return arrays


def _leading_components(latents: np.ndarray, dims: int) -> Basis:
    from sklearn.decomposition import PCA

    fitted = PCA(dims, svd_solver="randomized", random_state=0).fit(latents)
    return Basis(np.asarray(fitted.mean_), np.asarray(fitted.components_))


def _discriminant_directions(latents: np.ndarray, labels: np.ndarray, dims: int) -> Basis:
    """Computes orthonormal linear discriminants within 256 principal components, to avoid overfitting."""
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    reduced = _leading_components(latents, min(256, len(latents) - 1, latents.shape[1]))
    lda = LinearDiscriminantAnalysis().fit(project(latents, reduced), labels)
    directions, _ = np.linalg.qr(reduced.directions.T @ lda.scalings_[:, :dims])
    return Basis(reduced.origin, directions.T)


def _nearest(latents: np.ndarray) -> np.ndarray:
    from sklearn.neighbors import NearestNeighbors

    nearest = NearestNeighbors(n_neighbors=NEIGHBORS, algorithm="brute").fit(latents)
    return nearest.kneighbors(return_distance=False).astype(np.min_scalar_type(len(latents) - 1))


def _umap(coordinates: np.ndarray) -> np.ndarray:
    try:
        from umap import UMAP
    except ImportError as error:
        install = "pip install 'ibinn-explorer[umap]'"
        raise ImportError(f"a map of a checkpoint's latents needs the package umap-learn: {install}") from error

    return np.asarray(UMAP(random_state=0, n_jobs=1).fit_transform(coordinates), dtype=np.float32)
