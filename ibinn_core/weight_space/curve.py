"""The measured curve of a family: points at some γ, stored beside the checkpoints.

The points and their numbers are in ``<data set>.curve.json``. The arrays are in ``<data set>.curve.npz``, for P points,
N test images and K classes:

===================  ======================  ==============================================================
``rows``             (N,) unsigned           which test images: rows of a checkpoint's ``latent.npz``
``hashes``           (N,) uint64             their pixel hashes
``coordinates``      (P, N, K-1) float16     latents in the dimensions that the class means span; the axes of each
                                             point are turned to be as near as possible to those of the last
``class_means``      (P, K, K-1) float32     the class means in the same axes
``log_prob``         (P, N) float16          log q(x) in nats, less the mean over the point's images
``posterior``        (P, N, K) float16       q(y | x)
``log_prob_mean``    (P,) float64            that mean
``reference``        (P, M) float16          log q(x) of held-out training images, less the same mean
``alignment_*``      (P, ...) float32        what :class:`ibinn_core.layers.Alignment` stores besides the means
===================  ======================  ==============================================================

The files may come from a stranger, so everything that is read is checked.
"""

import hashlib
import io
import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BeforeValidator, Field, TypeAdapter

from ..archives import read_arrays as read_archive
from ..files import read_bytes, write_bytes, write_json
from ..measures import on
from ..models.schema import STORED, Finite, Flag, NonNegative, Share, Text, checked

#: The largest files that are read, and what the arrays may expand to, in bytes.
MOST_JSON, MOST_ARRAYS, MOST_EXPANDED = 2**22, 2**27, 2**28
MOST_POINTS = 1000
JSON, ARRAYS = ".curve.json", ".npz"
#: What is measured at every point of a curve.
NUMBERS = tuple(measure.curve_name for measure in on("curve"))
#: What an alignment stores besides the means, all of which may be interpolated.
ALIGNMENT = ("location", "log_scale", "matrix", "offset")
#: The arrays: kind of number, shape (S is K - 1, D dimensions) and a limit far beyond the numbers of any model.
_ARRAYS = {
    "rows": ("u", "N", math.inf),
    "hashes": ("u", "N", math.inf),
    "coordinates": ("f", "PNS", 1e4),
    "class_means": ("f", "PKS", 1e4),
    "log_prob": ("f", "PN", 1e9),
    "posterior": ("f", "PNK", 1.0),
    "log_prob_mean": ("f", "P", 1e9),
    "reference": ("f", "PM", 1e9),
    "alignment_location": ("f", "PD", 1e4),
    "alignment_log_scale": ("f", "PD", 30.0),
    "alignment_matrix": ("f", "PSS", 1e4),
    "alignment_offset": ("f", "PS", 1e4),
}


class FamilyError(ValueError):
    """There is no model at a γ, or no family; the message says why.

    Example:
        >>> ib.family("cifar10").at(-1)
        Traceback (most recent call last):
        ibinn_core.weight_space.curve.FamilyError: gamma must be a number from 0 to inf, where models are, not -1
    """


@dataclass(frozen=True)
class Point:
    """A point of a family's curve: a γ, the weights of the model there, and its numbers.

    Attributes:
        gamma: γ.
        left, right: ids of the trained models whose weights are mixed; both the same at a trained γ.
        share: t, the share of ``right``, from 0 to below 1.
        error: of the test set, 0 to 1. All numbers are NaN for a family without a measured curve.
        bits_per_dim: mean over the test set.
        calibration_top_label, calibration_paper: expected calibration errors, 0 to 1, as on a card.
        cross_entropy: of the true classes, mean over the test set in nats.
        measured: whether the numbers were measured at exactly this γ, not interpolated between two points.
    """

    __pydantic_config__ = STORED

    gamma: Annotated[
        float,
        Field(strict=True, ge=0, allow_inf_nan=True),
        BeforeValidator(lambda stored: math.inf if stored == "inf" else stored),
    ]
    left: Text
    right: Text
    share: Share
    error: Share
    bits_per_dim: Finite
    calibration_top_label: Share
    calibration_paper: Share
    cross_entropy: NonNegative
    measured: Flag = True


@dataclass(frozen=True)
class Curve:
    """The JSON file of a curve."""

    checkpoints: dict[str, str]  # by id, the digests of the weights that were measured
    places: Annotated[list[Point], Field(max_length=MOST_POINTS)]  # the points, under their name in the file
    measured: dict[str, Any] = field(default_factory=dict)  # how, in plain JSON
    arrays_sha256: str | None = None  # of the file of arrays; older versions did not store it
    format: Literal[1] = 1


_CURVE = TypeAdapter(Curve)


def plain_gamma(gamma: float) -> float | str:
    """γ as JSON has it: infinity as ``"inf"``."""
    return "inf" if math.isinf(gamma) else float(gamma)


def read_curve(path: Path | None) -> Curve | None:
    """The stored curve, or ``None`` if there is none; a FamilyError if the file is damaged or of another version."""
    if path is None or not path.exists():
        return None
    try:
        curve = checked(_CURVE, json.loads(read_bytes(path, MOST_JSON).decode("utf-8")))
        curve.places.sort(key=lambda point: point.gamma)
        if len({point.gamma for point in curve.places}) < len(curve.places):
            raise ValueError("two of its places have the same gamma")
    except (OSError, ValueError, OverflowError, RecursionError) as error:
        raise FamilyError(
            f"the curve at {path} is damaged or of another version ({error}): measure it again"
        ) from error
    return curve


def read_arrays(path: Path, curve: Curve, classes: int, dims: int) -> dict[str, np.ndarray]:
    """The arrays that belong to the file of a curve, for K ``classes`` and D ``dims``.

    Raises:
        FamilyError: if the file is damaged or missing, or does not fit the curve.
    """
    path = path.with_suffix(ARRAYS)
    try:
        data = read_bytes(path, MOST_ARRAYS)
        if curve.arrays_sha256 is not None and hashlib.sha256(data).hexdigest() != curve.arrays_sha256:
            raise ValueError("its SHA-256 is another than the curve says")
        arrays = read_archive(io.BytesIO(data), _ARRAYS, MOST_EXPANDED)
        _check(arrays, {"P": len(curve.places), "K": classes, "S": classes - 1, "D": dims})
    except (OSError, ValueError, TypeError) as error:
        raise FamilyError(f"the arrays at {path} are damaged or missing ({error}): measure the curve again") from error
    return arrays


def _check(arrays: dict[str, np.ndarray], sizes: dict[str, int]) -> None:
    """Raises a ValueError unless all arrays are there, of the right shapes, with numbers that a model can give."""
    aligned = any(name.startswith("alignment_") for name in arrays)  # a model need not be
    wanted = [name for name in _ARRAYS if aligned or not name.startswith("alignment_")]
    if missing := [name for name in wanted if name not in arrays]:
        raise ValueError(f"it lacks {', '.join(missing)}")
    for name in wanted:
        array, (kind, letters, largest) = arrays[name], _ARRAYS[name]
        shape = [sizes.setdefault(letter, size) for letter, size in zip(letters, array.shape, strict=False)]
        if array.dtype.kind != kind or array.ndim != len(letters) or list(array.shape) != shape or not array.size:
            raise ValueError(f"its {name} are {array.dtype} of shape {array.shape}, which does not fit the rest")
        if not float(np.abs(array).max()) <= largest:  # nor may there be NaN
            raise ValueError(f"its {name} are larger than {largest:g}, or no numbers")
    posterior = arrays["posterior"].astype(np.float32)
    if posterior.min() < 0 or np.abs(posterior.sum(-1) - 1).max() > 0.01:  # in half precision
        raise ValueError("its posterior holds no probabilities")
    if aligned and np.linalg.matrix_rank(arrays["alignment_matrix"]).min() < sizes["S"]:
        raise ValueError("its alignment cannot be undone")


def write_curve(path: Path, curve: Curve, arrays: dict[str, np.ndarray]) -> None:
    """Stores a curve at ``path``, and the arrays listed above beside it. The SHA-256 of the arrays is added."""
    archive = io.BytesIO()
    np.savez_compressed(archive, **arrays)  # pyright: ignore[reportArgumentType]  # no array has the name of an option
    write_bytes(path.with_suffix(ARRAYS), data := archive.getvalue())
    stored = _CURVE.dump_python(curve) | {"arrays_sha256": hashlib.sha256(data).hexdigest()}
    for place in stored["places"]:
        place["gamma"] = plain_gamma(place["gamma"])
        del place["measured"]  # which they all are
    write_json(path, stored)
