"""The test set in latent space, without its images: what ``latent.npz`` of a checkpoint holds.

N test images, K classes, D latent dimensions; a row of the N belongs to the image whose pixels have the
row's hash, in any copy of the data set, in any order (:func:`ibinn_core.data.locate`).

=====================  ==================  ==========================================================
``labels``             (N,) uint8          the true classes
``hashes``             (N,) uint64         of each image's pixels
``log_prob``           (N,) float32        log q(x) in nats, at dequantised pixels, or at the
                                           pixel centres for a model of Gaussian noise
``posterior``          (N, K) float32      q(y | x)
``neighbors``          (N, 8) unsigned     rows of the nearest latents in all D dimensions, nearest first
``class_means``        (K, D) float32      μ_y
``empirical_means``    (K, D) float32      class means of training images' latents
``spread``             () float32          root mean square deviation from them, per dimension
``reference``          (M,) float32        log q(x) of held-out training images, for the typicality test
``means_coordinates``  (N, K-1) float16    in the dimensions that the class means span; the first two are
                                           the plane of Fig. 7
``pca_coordinates``    (N, Q) float16      in the principal components of the latents
``lda_coordinates``    (N, K-1) float16    in the directions that separate the training latents best
``umap_coordinates``   (N, 2) float32      UMAP of the principal components; no basis, it is not linear
``*_origin``           (D,) float32        of the means, pca and lda views
``*_directions``       (P, D) float32      of the same views, float16 for pca and lda: coordinates are
                                           (z - origin) · directions
=====================  ==================  ==========================================================

A model without latents has only labels, hashes and posterior; one with latents but no likelihood (i-RevNet,
VIB) has all except log_prob, reference, class_means and the means view, which belong to the mixture. D is the
length of the model's own latents. There are Q = D / 64 principal components, at least 8 and at most 32, or fewer if D
or the number of training images is less.
"""

from pathlib import Path

import numpy as np

from ..exploration.projection import Basis
from ..models.kinds import DEFAULT, KINDS
from .names import LATENT
from .validation import refusal

NEIGHBORS = 8
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
    """Names of the arrays that a model of this kind (:data:`ibinn_core.models.kinds.KINDS`) has."""
    kind = KINDS[model]
    if not kind.has_latents:
        return list(_COMMON)
    return [name for name in LATENT_ARRAYS if kind.has_likelihood or name not in _OF_LIKELIHOOD]


def problem_of(arrays: dict[str, np.ndarray], num_classes: int, model: str = DEFAULT) -> str | None:
    """Why these arrays are not a valid ``latent.npz``, as words to follow "it"; ``None`` if they are valid."""
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


def view(arrays: dict[str, np.ndarray], name: str) -> Basis:
    """The basis of the view ``"means"``, ``"pca"`` or ``"lda"``."""
    return Basis(arrays[f"{name}_origin"], arrays[f"{name}_directions"].astype(np.float32))


def read_latent(path: Path, num_classes: int, model: str) -> dict[str, np.ndarray]:
    """The arrays of the file ``path``.

    Raises:
        CheckpointError: if it is missing or damaged.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except FileNotFoundError as error:
        raise refusal(path.parent, f"it has no {LATENT}") from error
    except Exception as error:  # numpy and zipfile raise nearly anything on damaged files
        raise refusal(path.parent, f"its {LATENT} is damaged") from error
    problem = problem_of(arrays, num_classes, model)
    if problem:
        raise refusal(path.parent, f"its {LATENT} {problem}")
    return arrays
