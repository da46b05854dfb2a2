"""The test set in latent space, without its images: what ``latent.npz`` of a checkpoint holds.

N test images, K classes, D latent dimensions; a row of the N belongs to the image whose pixels have the
row's hash, in whatever copy of the data set, whatever its order (:func:`ibinn_core.data.locate`).

=====================  ==================  ==========================================================
``labels``             (N,) uint8          the true classes
``hashes``             (N,) uint64         of each image's pixels
``log_prob``           (N,) float32        log q(x) in nats, at dequantised pixels, or at the
                                           pixel centres for a model of Gaussian noise
``posterior``          (N, K) float32      q(y | x)
``neighbors``          (N, 8) unsigned     rows of the nearest latents in all D dimensions, nearest first
``class_means``        (K, D) float32      μ_y
``empirical_means``    (K, D) float32      class means of training images' latents
``spread``             () float32          root mean square deviation from them, a dimension
``reference``          (M,) float32        log q(x) of held-out training images, for the typicality test
``means_coordinates``  (N, K-1) float32    in the dimensions that the class means span; the first two are
                                           the plane of Fig. 7
``pca_coordinates``    (N, 32) float16     in the principal components of the latents
``lda_coordinates``    (N, K-1) float16    in the directions that separate the training latents best
``umap_coordinates``   (N, 2) float32      UMAP of the principal components; no basis, it is not linear
``*_origin``           (D,) float32        of the means, pca and lda views
``*_directions``       (P, D) float32      of the same views, float16 for pca and lda: coordinates are
                                           (z - origin) · directions
=====================  ==================  ==========================================================

A model without latents has labels, hashes and posterior alone; one with latents and no likelihood (i-RevNet,
VIB) all but log_prob, reference, class_means and the means view, which belong to the mixture. Its D is the
length of its own latents, and there are as many principal components as D allows.
"""

from typing import TYPE_CHECKING

import numpy as np

from .data import pixel_hash
from .exploration.geometry import class_averages
from .exploration.projection import Basis, plane_of_means, project
from .kinds import DEFAULT, KINDS

if TYPE_CHECKING:  # reading a latent file needs no torch
    from .evaluation.measure import Measured

NEIGHBORS = 8
COMPONENTS = 32
#: Every array: its kind of numbers and its shape. N, K, D as above, M and P any number, 8 as it stands.
LATENT_ARRAYS = {
    "labels": ("u", "N"),
    "hashes": ("u", "N"),
    "log_prob": ("f", "N"),
    "posterior": ("f", "NK"),
    "neighbors": ("ui", "N8"),
    "class_means": ("f", "KD"),
    "empirical_means": ("f", "KD"),
    "spread": ("f", ""),
    "reference": ("f", "M"),
    **{f"{view}_coordinates": ("f", f"N{size}") for view, size in (("means", "P"), ("pca", "Q"), ("lda", "R"))},
    "umap_coordinates": ("f", "N2"),
    **{f"{view}_origin": ("f", "D") for view in ("means", "pca", "lda")},
    **{f"{view}_directions": ("f", f"{size}D") for view, size in (("means", "P"), ("pca", "Q"), ("lda", "R"))},
}


_COMMON = ("labels", "hashes", "posterior")
_OF_LIKELIHOOD = ("log_prob", "class_means", "reference", "means_coordinates", "means_origin", "means_directions")


def arrays_of(model: str) -> list[str]:
    """Names of the arrays that a model of this kind (:data:`ibinn_core.kinds.KINDS`) has."""
    kind = KINDS[model]
    if not kind.has_latents:
        return list(_COMMON)
    return [name for name in LATENT_ARRAYS if kind.has_likelihood or name not in _OF_LIKELIHOOD]


def problem_of(arrays: dict[str, np.ndarray], num_classes: int, model: str = DEFAULT) -> str | None:
    """What is wrong with arrays that a stranger calls a ``latent.npz``, to follow "it ..."; ``None`` if nothing."""
    names = arrays_of(model)
    missing = [name for name in names if name not in arrays]
    if missing:
        return f"lacks {', '.join(missing)}"
    alien = [name for name in LATENT_ARRAYS if name in arrays and name not in names]
    if alien:
        return f"holds {', '.join(alien)}, which {KINDS[model].name} does not have"
    sizes = {"K": num_classes, "8": NEIGHBORS, "2": 2}
    for name in names:
        kind, shape = LATENT_ARRAYS[name]
        array = np.asarray(arrays[name])  # numpy gives bytes for what is no array in the file
        fits = array.dtype.kind in kind and array.ndim == len(shape)
        if not (fits and all(sizes.setdefault(s, n) == n for s, n in zip(shape, array.shape, strict=True))):
            return f"holds {name} of a shape or type that does not belong there"
        # A class without training images has no empirical mean: NaN.
        if kind == "f" and name != "empirical_means" and not np.isfinite(array).all():
            return f"holds {name} that are not finite"
    labels = arrays["labels"]
    rows = arrays["neighbors"] if "neighbors" in names else np.zeros(0, int)
    if (rows < 0).any() or (rows >= len(labels)).any() or (labels >= num_classes).any():
        return "holds neighbors or labels out of range"
    return None


def posterior_arrays(images: np.ndarray, labels: np.ndarray, posterior: np.ndarray) -> dict[str, np.ndarray]:
    """Those arrays of the module's table that every model has, for the test set and its posterior ``(N, K)``."""
    return {"labels": labels.astype(np.uint8), "hashes": pixel_hash(images), "posterior": posterior}


def latent_arrays(
    class_means: np.ndarray | None,
    images: np.ndarray,
    labels: np.ndarray,
    test: "Measured",
    train: "Measured",
    train_labels: np.ndarray,
    reference: np.ndarray | None,
) -> dict[str, np.ndarray]:
    """All arrays of the module's table, or those of a model with latents and no likelihood.

    Arguments:
        class_means: μ_y, ``(K, D)``; ``None`` without a likelihood, as is ``reference`` then.
        images, labels: the test set, uint8 ``(N, H, W, C)`` and integers ``(N,)``.
        test, train: the test images and some training images as the model sees them.
        train_labels: of the latter.
        reference: log q(x) of held-out training images.
    """
    num_classes = test.posterior.shape[1]
    empirical = class_averages(train.latents, train_labels, num_classes).astype(np.float32)
    spread = np.sqrt(np.square(train.latents - empirical[train_labels], dtype=np.float64).mean())
    arrays = {
        **posterior_arrays(images, labels, test.posterior),
        "neighbors": _nearest(test.latents),
        "empirical_means": empirical,
        "spread": np.float32(spread),
    }
    views = {
        "pca": _leading_components(train.latents, min(COMPONENTS, train.latents.shape[1])),
        "lda": _discriminant_directions(train.latents, train_labels, num_classes - 1),
    }
    if class_means is not None:
        arrays["log_prob"], arrays["reference"] = test.log_prob, reference.astype(np.float32)
        arrays["class_means"] = class_means.astype(np.float32)
        views["means"] = plane_of_means(class_means, num_classes - 1)
    for name, basis in views.items():
        arrays[f"{name}_coordinates"] = project(test.latents, basis)
        arrays[f"{name}_origin"] = np.asarray(basis.origin, np.float32)
        arrays[f"{name}_directions"] = np.asarray(basis.directions, np.float32)
    arrays["umap_coordinates"] = _umap(arrays["pca_coordinates"])
    for name in ("pca", "lda"):  # which are for looking at; half precision is a fifth of the whole file
        for part in ("coordinates", "directions"):
            arrays[f"{name}_{part}"] = arrays[f"{name}_{part}"].astype(np.float16)
    return arrays


def view(arrays: dict[str, np.ndarray], name: str) -> Basis:
    """The basis of the view ``"means"``, ``"pca"`` or ``"lda"``."""
    return Basis(arrays[f"{name}_origin"], arrays[f"{name}_directions"].astype(np.float32))


def _leading_components(latents: np.ndarray, dims: int) -> Basis:
    """The first principal components; randomised, since an exact SVD of all latents takes minutes."""
    from sklearn.decomposition import PCA

    fitted = PCA(dims, svd_solver="randomized", random_state=0).fit(latents)
    return Basis(fitted.mean_, fitted.components_)


def _discriminant_directions(latents: np.ndarray, labels: np.ndarray, dims: int) -> Basis:
    """Linear discriminants, orthonormalised. In D dimensions they overfit, so within 256 components."""
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    reduced = _leading_components(latents, min(256, len(latents) - 1, latents.shape[1]))
    lda = LinearDiscriminantAnalysis().fit(project(latents, reduced), labels)
    directions, _ = np.linalg.qr(reduced.directions.T @ lda.scalings_[:, :dims])
    return Basis(reduced.origin, directions.T)


def _nearest(latents: np.ndarray) -> np.ndarray:
    from sklearn.neighbors import NearestNeighbors

    _, rows = NearestNeighbors(n_neighbors=NEIGHBORS + 1, algorithm="brute").fit(latents).kneighbors(latents)
    own = rows == np.arange(len(rows))[:, None]
    own[~own.any(1), -1] = True  # among exact duplicates a row may not be its own nearest
    return rows[~own].reshape(len(rows), NEIGHBORS).astype(np.min_scalar_type(len(rows) - 1))


def _umap(coordinates: np.ndarray) -> np.ndarray:
    from umap import UMAP

    return UMAP(random_state=0, n_jobs=1).fit_transform(coordinates).astype(np.float32)
