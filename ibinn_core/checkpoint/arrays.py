"""The arrays of a checkpoint: ``latent.npz`` describes test images, ``style.npz`` has directions of style.

``latent.npz`` describes N test images, with K classes and D latent dimensions. N is at most 100,000 / K.

``style.npz`` has A attributes and S directions of style. The first A directions belong to the attributes
(:class:`ibinn_core.exploration.Styles`).
"""

import io
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from ..archives import read_arrays
from ..exploration.projection import Basis
from ..exploration.style import Styles
from ..models.kinds import KINDS
from .format import EXPANDED, LATENT, STYLE, refusal
from .verify import Manifest, read_file, refusing

NEIGHBORS = 8
MAX_DIRECTIONS = 100
_NAME = re.compile(rb"[a-z][a-z_]{0,30}")
_LONGEST_NAME = 31  # most bytes of a text in an array

Arrays = dict[str, np.ndarray]
#: For each array by name: the allowed kinds of numbers (``numpy.dtype.kind``), and a letter for the size of each axis.
Layout = Mapping[str, tuple[str, str]]
#: Each model has the arrays that :func:`arrays_of` lists.
LATENT_ARRAYS: Layout = {
    "labels": ("u", "N"),  # the true classes
    "hashes": ("u", "N"),  # hash of each image's pixels, by which ``data.locate`` finds the image
    "log_prob": ("f", "N"),  # log q(x) in nats, at dequantised pixels, or at pixel centres for Gaussian noise
    "posterior": ("f", "NK"),  # q(y | x)
    "neighbors": ("ui", "N8"),  # rows of the nearest latents in all D dimensions, nearest first
    "class_means": ("f", "KD"),  # μ_y; in some files (K, K-1), coordinates in the span of the means
    "empirical_means": ("f", "KD"),  # class means of training images' latents, NaN for a class without images
    "spread": ("f", ""),  # root mean square deviation from these means, per dimension
    "reference": ("f", "M"),  # log q(x) of held-out training images, for the typicality test
    "means_coordinates": ("f", "NP"),  # P = K - 1; the first two coordinates are those of Fig. 7
    "means_origin": ("f", "D"),  # origin of this view; coordinates are (z - origin) · directions
    "means_directions": ("f", "PD"),
    "pca_coordinates": ("f", "NQ"),  # in the principal components of the training latents, at most 32
    "pca_origin": ("f", "D"),
    "pca_directions": ("f", "QD"),
    "lda_coordinates": ("f", "NR"),  # in the K - 1 directions that separate the classes best, at most 32
    "lda_origin": ("f", "D"),
    "lda_directions": ("f", "RD"),
    "umap_coordinates": ("f", "N2"),  # UMAP of the principal components; UMAP is not linear and has no basis
}
STYLE_ARRAYS: Layout = {
    "attributes": ("S", "A"),  # names from :func:`ibinn_core.exploration.attributes`
    "directions": ("f", "SD"),  # each as long as one step; reading makes them orthogonal to the class means' span again
    "correlations": ("f", "SA"),  # of directions and attributes, on held-out images
    "responses": ("f", "SA"),  # change of the decoded image's attributes per step, in standard deviations
    "deviations": ("f", "A"),  # standard deviations of the attributes over the training images
}
_OF_LIKELIHOOD = ("log_prob", "class_means", "reference", "means_coordinates", "means_origin", "means_directions")


def arrays_of(model: str) -> list[str]:
    """Returns the names of the arrays in ``latent.npz`` for this kind of model."""
    kind = KINDS[model]
    if not kind.has_latents:
        return ["labels", "hashes", "posterior"]
    return [name for name in LATENT_ARRAYS if kind.has_likelihood or name not in _OF_LIKELIHOOD]


def layout_problem(arrays: Arrays, layout: Layout, sizes: dict[str, int], may_be_empty: bool = False) -> str | None:
    """Says why arrays do not fit a layout, or returns ``None``. Adds the arrays' sizes to the known ``sizes``."""
    if missing := [name for name in layout if name not in arrays]:
        return f"lacks {', '.join(missing)}"
    for name, (kinds, shape) in layout.items():
        array = arrays[name]
        fits = array.dtype.kind in kinds and array.dtype.itemsize <= (_LONGEST_NAME if kinds == "S" else 8)
        fits = fits and array.ndim == len(shape)
        if not (fits and all(sizes.setdefault(s, n) == n for s, n in zip(shape, array.shape, strict=True))):
            return f"holds {name} of a wrong shape or type"
        if not array.size and not may_be_empty:
            return f"holds no {name}"
        if kinds == "f":
            with np.errstate(over="ignore"):
                array = array.astype(np.float32)  # the code computes in float32
            # The empirical mean of a class without training images is NaN.
            if not (np.isfinite(array) | (np.isnan(array) & (name == "empirical_means"))).all():
                return f"holds {name} that are not finite"
        if name == "posterior" and ((array < 0).any() or (abs(array.sum(-1, dtype=np.float64) - 1) > 0.01).any()):
            return "holds a posterior whose rows are not distributions over the classes"
    return None


def latent_problem(arrays: Arrays, num_classes: int, model: str, dims: int) -> str | None:
    """Says why arrays do not fit a ``latent.npz``, in words that follow "it"; ``None`` if they fit.

    The arrays come from :func:`as_read` and have K classes; ``dims`` is D.
    """
    names = arrays_of(model)
    sizes = {"D": dims, "K": num_classes, "8": NEIGHBORS, "2": 2, "P": num_classes - 1}
    if problem := layout_problem(arrays, {name: LATENT_ARRAYS[name] for name in names}, sizes):
        return problem
    if strange := [name for name in arrays if name not in names]:
        return f"holds {', '.join(strange)}, which {KINDS[model].name} does not have"
    labels = arrays["labels"]
    rows = arrays.get("neighbors", np.zeros(0, int))
    if (rows < 0).any() or (rows >= len(labels)).any() or (labels >= num_classes).any():
        return "holds neighbors or labels out of range"
    return "holds a spread below zero" if arrays.get("spread", 0) < 0 else None


def style_problem(arrays: Arrays, dims: int) -> str | None:
    """Says why arrays do not fit a ``style.npz``, as :func:`latent_problem` does."""
    sizes = {"D": dims}
    if problem := layout_problem(arrays, STYLE_ARRAYS, sizes, may_be_empty=True):
        return problem
    names = arrays["attributes"].tolist()
    if not len(names) <= sizes["S"] <= MAX_DIRECTIONS:
        return f"holds {sizes['S']} directions, but needs at least {len(names)}, and at most {MAX_DIRECTIONS}"
    if len(set(names)) < len(names) or not all(_NAME.fullmatch(name) for name in names):
        return "holds attributes with invalid names"
    if (arrays["deviations"] < 0).any() or (np.abs(arrays["correlations"]) > 1.001).any():
        return "holds deviations or correlations out of range"
    return None


def read_latent(folder: Path, num_classes: int, model: str, dims: int, manifest: Manifest) -> Arrays:
    """Reads the arrays of ``latent.npz``; raises a CheckpointError if the file is missing, damaged or changed."""
    with refusing(folder, LATENT):
        data = read_file(folder, LATENT, manifest)
        arrays = as_read(read_arrays(io.BytesIO(data), LATENT_ARRAYS, EXPANDED[LATENT]))
    if problem := latent_problem(arrays, num_classes, model, dims):
        raise refusal(folder, f"its {LATENT} {problem}")
    return arrays


def as_read(arrays: Arrays) -> Arrays:
    """Expands arrays, since a file may store half precision, or class means as coordinates in their span."""
    with np.errstate(over="ignore", invalid="ignore"):  # the results are checked afterwards
        if "empirical_means" in arrays:
            arrays = arrays | {"empirical_means": arrays["empirical_means"].astype(np.float32)}
        if "class_means" in arrays and arrays["class_means"].shape != arrays["empirical_means"].shape:
            basis = view(arrays, "means")
            inside = arrays["class_means"].astype(np.float64)
            arrays = arrays | {"class_means": (basis.origin + inside @ basis.directions).astype(np.float32)}
    return arrays


def view(arrays: Arrays, name: str) -> Basis:
    """Returns the basis of the view ``"means"``, ``"pca"`` or ``"lda"``."""
    return Basis(arrays[f"{name}_origin"], arrays[f"{name}_directions"].astype(np.float32))


def read_style(folder: Path, dims: int, means: np.ndarray, manifest: Manifest) -> Styles:
    """Reads styles, made orthogonal to the span of ``means`` ``(K, D)``; see :func:`read_latent` for errors."""
    with refusing(folder, STYLE):
        arrays = read_arrays(io.BytesIO(read_file(folder, STYLE, manifest)), STYLE_ARRAYS, EXPANDED[STYLE])
    if problem := style_problem(arrays, dims):
        raise refusal(folder, f"its {STYLE} {problem}")
    return styles_of(arrays).off_span(means)


def styles_of(arrays: Arrays) -> Styles:
    """Converts valid arrays to styles."""
    names = tuple(name.decode("ascii") for name in arrays["attributes"].tolist())
    rest = (arrays[name].astype(np.float32) for name in Styles._fields[1:])
    return Styles(names, *rest)
