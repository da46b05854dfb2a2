"""The file of a family's curve, beside the checkpoints: points measured at several γ.

``<data set>.curve.json`` has the points, ``<data set>.curve.npz`` the arrays. Both may come from untrusted sources, so
everything is checked.
"""

import hashlib
import io
import json
from dataclasses import MISSING, dataclass, field, make_dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, TypeAdapter

from ..archives import npz
from ..archives import read_arrays as read_archive
from ..checkpoint.arrays import Layout, layout_problem
from ..checkpoint.format import RANGES
from ..files import read_bytes, write_bytes, write_json
from ..measures import on
from ..models.fields import LARGEST, STORED, Flag, Gamma, NonNegative, Share, Text, checked

#: The largest files that are read, and the largest expanded arrays, in bytes.
MAX_JSON, MAX_ARRAYS, MAX_EXPANDED = 2**22, 2**27, 2**28
MAX_POINTS = 1000
JSON, ARRAYS = ".curve.json", ".npz"
#: The ranges of a point's numbers, by name.
NUMBERS: dict[str, Any] = {measure.curve_name: RANGES.get(measure.unit, NonNegative) for measure in on("curve")}
_DRAWN = ("error", "bits_per_dim")  # the numbers that pages draw; an older curve may lack others
#: The arrays of an alignment besides the means.
ALIGNMENT = ("location", "log_scale", "matrix", "offset")
#: The arrays of P points, N test images, K classes and M held-out images. S = K - 1 is the dimension of the span of the
#: class means, D the dimension of latents.
_ARRAYS: Layout = {
    "rows": ("u", "N"),  # rows of the test images in a checkpoint's ``latent.npz``
    "hashes": ("u", "N"),  # hashes of the test images' pixels
    "coordinates": ("f", "PNS"),  # latents in the span, with axes close to the previous point's
    "class_means": ("f", "PKS"),  # class means in the same axes
    "log_prob": ("f", "PN"),  # log q(x) in nats, minus the mean over the point's images
    "posterior": ("f", "PNK"),  # q(y | x)
    "log_prob_mean": ("f", "P"),  # the mean that was subtracted from ``log_prob``
    "reference": ("f", "PM"),  # log q(x) of held-out training images, minus ``log_prob_mean``
}
#: The arrays of aligned models, as in :class:`ibinn_core.layers.Alignment`.
_ALIGNED: Layout = {
    "alignment_location": ("f", "PD"),
    "alignment_log_scale": ("f", "PD"),
    "alignment_matrix": ("f", "PSS"),
    "alignment_offset": ("f", "PS"),
}


class FamilyError(ValueError):
    """A family, its model at a γ, or its curve cannot be used; the message says why."""


_Fields: Any = make_dataclass(
    "_Fields",
    [(name, number, field(default=MISSING if name in _DRAWN else None)) for name, number in NUMBERS.items()],
    frozen=True,
    kw_only=True,
)


@dataclass(frozen=True)
class Point(_Fields):
    """A point of a family's curve: a γ, the weights of the model there, and its numbers.

    Each measure on the curve (:data:`ibinn_core.measures.MEASURES`) is an attribute too, with its number as on a card.
    ``error`` and the expected calibration errors are from 0 to 1. ``bits_per_dim`` and ``cross_entropy`` (nats) are
    means over the test set. All are NaN for a family without a measured curve. A number that an older curve lacks is
    ``None`` in :attr:`.Family.curve`, and NaN in :meth:`.Family.point`.

    Attributes:
        gamma: γ.
        left, right: ids of the trained models whose weights are mixed; equal at a trained γ.
        share: t, the share of ``right``, from 0 to below 1.
        measured: whether the numbers were measured at exactly this γ, not interpolated between two points.
    """

    __pydantic_config__ = STORED

    gamma: Gamma
    left: Text
    right: Text
    share: Share
    measured: Annotated[Flag, Field(exclude=True)] = True  # true for all stored points


@dataclass(frozen=True)
class Curve:
    """The JSON file of a curve."""

    checkpoints: dict[str, str]  # digests of the measured weights, by id
    places: Annotated[list[Point], Field(max_length=MAX_POINTS)]  # the points, which the file calls places
    arrays_sha256: str  # SHA-256 of the file of arrays
    measured: dict[str, Any] = field(default_factory=dict)  # conditions of the measurement, in plain JSON
    format: Literal[1] = 1


_CURVE = TypeAdapter(Curve)


def read_curve(path: Path | None) -> Curve | None:
    """Reads the stored curve, if there is one; raises a FamilyError if the file is damaged."""
    if path is None or not path.exists():
        return None
    try:
        curve = checked(_CURVE, json.loads(read_bytes(path, MAX_JSON).decode("utf-8")))
        curve.places.sort(key=lambda point: point.gamma)
        if len({point.gamma for point in curve.places}) < len(curve.places):
            raise ValueError("two of its points have the same gamma")
    except (OSError, ValueError, OverflowError, RecursionError) as error:
        raise FamilyError(
            f"the curve at {path} is damaged or of another version ({error}): measure it again"
        ) from error
    return curve


def read_arrays(path: Path, curve: Curve, classes: int, dims: int) -> dict[str, np.ndarray]:
    """Reads the arrays of a curve with K ``classes`` and D ``dims``; raises a FamilyError if they do not fit."""
    path = path.with_suffix(ARRAYS)
    try:
        data = read_bytes(path, MAX_ARRAYS)
        if hashlib.sha256(data).hexdigest() != curve.arrays_sha256:
            raise ValueError("its SHA-256 differs from that in the curve")
        arrays = read_archive(io.BytesIO(data), (*_ARRAYS, *_ALIGNED), MAX_EXPANDED)
        if problem := _problem(arrays, {"P": len(curve.places), "K": classes, "S": classes - 1, "D": dims}):
            raise ValueError(f"it {problem}")
    except (OSError, ValueError) as error:
        raise FamilyError(f"the arrays at {path} are damaged or missing ({error}): measure the curve again") from error
    return arrays


def _problem(arrays: dict[str, np.ndarray], sizes: dict[str, int]) -> str | None:
    """Says why arrays do not fit a family, in words that follow "it"; ``None`` if they fit."""
    layout = {**_ARRAYS, **_ALIGNED} if any(name in arrays for name in _ALIGNED) else _ARRAYS
    if problem := layout_problem(arrays, layout, sizes):
        return problem
    for name, array in arrays.items():
        if array.dtype.kind == "f" and float(np.abs(array).max()) > LARGEST:
            return f"holds {name} that are larger than {LARGEST:g}"
    if layout is not _ARRAYS:
        matrix = arrays["alignment_matrix"].astype(np.float32)  # NumPy cannot decompose half precision
        if np.linalg.matrix_rank(matrix).min() < sizes["S"]:
            return "holds an alignment that cannot be undone"
    return None


def write_curve(path: Path, fingerprints: dict[str, str], points: list[Point], measured: dict, arrays: dict) -> None:
    """Stores a curve at ``path``, and its arrays beside it.

    Fingerprints are :attr:`.Family.fingerprints`; ``measured`` has the conditions of the measurement, in plain JSON.
    """
    write_bytes(path.with_suffix(ARRAYS), data := npz(arrays))
    curve = Curve(fingerprints, points, hashlib.sha256(data).hexdigest(), measured)
    write_json(path, _CURVE.dump_python(curve, exclude_none=True))
