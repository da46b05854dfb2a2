"""The test set in latent space, without its images: what ``latent.npz`` of a checkpoint holds.

N test images, K classes, D latent dimensions; a row of the N belongs to the image whose pixels have the
row's hash, in any copy of the data set, in any order (:func:`ibinn_core.data.locate`). With many classes only some of
the test images are described, 100,000 / K at most; the card is of all of them.

=====================  ==================  ==========================================================
``labels``             (N,) uint8          the true classes
``hashes``             (N,) uint64         of each image's pixels
``log_prob``           (N,) float32        log q(x) in nats, at dequantised pixels, or at the
                                           pixel centres for a model of Gaussian noise
``posterior``          (N, K) float32      q(y | x)
``neighbors``          (N, 8) unsigned     rows of the nearest latents in all D dimensions, nearest first
``class_means``        (K, D) float32      μ_y; in the file (K, K-1), in the dimensions that they span
``empirical_means``    (K, D) float32      class means of training images' latents; in the file float16
                                           where that moves none by more than 0.002 of the spread
``spread``             () float32          root mean square deviation from them, per dimension
``reference``          (M,) float32        log q(x) of held-out training images, for the typicality test
``means_coordinates``  (N, K-1) float16    in the dimensions that the class means span; the first two are
                                           the plane of Fig. 7
``pca_coordinates``    (N, Q) float16      in the principal components of the latents
``lda_coordinates``    (N, R) float16      in the directions that separate the training latents best, K - 1 or 32
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

from ..archives import Header
from ..exploration.projection import Basis, project
from ..models.config import TrainingConfig
from ..models.kinds import DEFAULT, KINDS, VIB_LATENT_DIMS
from .npz import check_npz, headers_of, layout_problem, read_npz

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


def problem_of(
    arrays: dict[str, np.ndarray], num_classes: int, model: str = DEFAULT, dims: int | None = None
) -> str | None:
    """Why these arrays are not a valid ``latent.npz``, as words to follow "it"; ``None`` if they are valid.

    Arguments:
        arrays: by their names.
        num_classes: K.
        model: the kind of model.
        dims: D; any number if ``None``.
    """
    found = problem_of_headers(headers_of(arrays), num_classes, model, dims)
    return found or _problem_of_values(arrays, num_classes, model)


def problem_of_headers(headers: dict[str, Header], num_classes: int, model: str, dims: int | None = None) -> str | None:
    """The same by types and shapes alone, which need not be read from all of the file."""
    names = arrays_of(model)
    layout = {name: LATENT_ARRAYS[name] for name in names}
    sizes = {"K": num_classes, "8": NEIGHBORS, "2": 2, "P": num_classes - 1, **({} if dims is None else {"D": dims})}
    if "class_means" in headers and headers["class_means"].shape == (num_classes, num_classes - 1):
        layout["class_means"] = ("f", "KP")
    alien = [name for name in LATENT_ARRAYS if name in headers and name not in names]
    problem = layout_problem(headers, layout, sizes, may_be_empty=("means_coordinates",))
    if problem is None and alien:
        return f"holds {', '.join(alien)}, which {KINDS[model].name} does not have"
    return problem


def _problem_of_values(arrays: dict[str, np.ndarray], num_classes: int, model: str) -> str | None:
    names = arrays_of(model)
    for name in names:
        # A class without training images has no empirical mean: NaN.
        allowed = np.isnan(arrays[name]) if name == "empirical_means" else False
        if LATENT_ARRAYS[name][0] == "f" and not (np.isfinite(arrays[name]) | allowed).all():
            return f"holds {name} that are not finite"
    labels, posterior = arrays["labels"], arrays["posterior"]
    rows = arrays["neighbors"] if "neighbors" in names else np.zeros(0, int)
    if (rows < 0).any() or (rows >= len(labels)).any() or (labels >= num_classes).any():
        return "holds neighbors or labels out of range"
    if (posterior < 0).any() or (np.abs(posterior.sum(1, dtype=np.float64) - 1) > 0.01).any():
        return "holds a posterior that is no distribution over the classes"
    if "spread" in names and not arrays["spread"] >= 0:
        return "holds a spread below zero"
    return None


def as_stored(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The arrays as the file has them: with a hundred classes, means in all D dimensions are a third of it."""
    stored = dict(arrays)
    if "empirical_means" in arrays:
        stored["empirical_means"] = _halved(arrays["empirical_means"], float(arrays["spread"]))
    if "class_means" in arrays and problem_of(arrays, len(arrays["class_means"])) is None:
        means = arrays["class_means"]
        inside = project(means, view(arrays, "means"))
        if np.allclose(_in_all_dimensions(inside, arrays), means, rtol=0, atol=1e-6 * np.abs(means).max(initial=1)):
            stored["class_means"] = inside
    return stored


def _as_read(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The inverse of :func:`as_stored`, up to rounding; arrays of older files are as they should be."""
    if "empirical_means" not in arrays:
        return arrays
    with np.errstate(over="ignore"):  # as below
        arrays = arrays | {"empirical_means": arrays["empirical_means"].astype(np.float32)}
    if "class_means" not in arrays or arrays["class_means"].shape == arrays["empirical_means"].shape:
        return arrays
    return arrays | {"class_means": _in_all_dimensions(arrays["class_means"], arrays)}


def _halved(means: np.ndarray, spread: float) -> np.ndarray:
    """In half precision; as they are, if that would move one by more than 0.002 of the spread."""
    with np.errstate(over="ignore", invalid="ignore"):
        halved = means.astype(np.float16)
        moved = np.abs(halved.astype(means.dtype) - means)  # NaN where a class has no training images
    return means if (moved > 0.002 * spread).any() else halved


def _in_all_dimensions(inside: np.ndarray, arrays: dict[str, np.ndarray]) -> np.ndarray:
    """Points ``(K, K-1)`` of the view of the means, ``(K, D)`` float32."""
    basis = view(arrays, "means")
    with np.errstate(over="ignore", invalid="ignore"):  # what comes out of a stranger's numbers is looked at afterwards
        return (basis.origin + inside.astype(np.float64) @ basis.directions).astype(np.float32)


def view(arrays: dict[str, np.ndarray], name: str) -> Basis:
    """The basis of the view ``"means"``, ``"pca"`` or ``"lda"``."""
    return Basis(arrays[f"{name}_origin"], arrays[f"{name}_directions"].astype(np.float32))


def latent_dims(training: TrainingConfig) -> int:
    """D, the length of a model's latents by its config."""
    return VIB_LATENT_DIMS if training.model == "vib" else training.architecture.dims


def check_latent(path: Path, num_classes: int, model: str, dims: int) -> None:
    """Raises a CheckpointError unless the headers of the arrays in the file ``path`` fit; reads no array."""
    check_npz(path, LATENT_ARRAYS, lambda headers: problem_of_headers(headers, num_classes, model, dims))


def read_latent(
    path: Path, num_classes: int, model: str, dims: int | None = None, manifest: dict[str, str] | None = None
) -> dict[str, np.ndarray]:
    """The arrays of the file ``path``, compared with the manifest if there is one.

    Raises:
        CheckpointError: if it is missing, damaged or not the one that was saved.
    """

    def read(arrays: dict[str, np.ndarray]) -> tuple[dict[str, np.ndarray], str | None]:
        problem = problem_of_headers(headers_of(arrays), num_classes, model, dims)
        if problem:
            return arrays, problem
        arrays = _as_read(arrays)
        return arrays, _problem_of_values(arrays, num_classes, model)

    return read_npz(path, LATENT_ARRAYS, read, manifest)
