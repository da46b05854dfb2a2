"""The measured curve of a family: the models between its checkpoints at some γ, as two files beside them.

Some of these models are measured (``python -m ibinn_core curve``), each at one place of the curve. The results are
stored beside the checkpoints: the numbers as ``<data set>.curve.json``, and as ``<data set>.curve.npz``, for P places,
N test images and K classes:

===================  ======================  ==============================================================
``rows``             (N,) unsigned           which test images these are, rows of a checkpoint's ``latent.npz``
``hashes``           (N,) uint64             their pixel hashes
``coordinates``      (P, N, K-1) float16     their latents in the dimensions that the class means span; the axes of
                                             each place are turned to be as near as can be to those of the last
``class_means``      (P, K, K-1) float32     the class means in the same axes
``log_prob``         (P, N) float16          log q(x) in nats, less the mean over the place's images
``posterior``        (P, N, K) float16       q(y | x)
``log_prob_mean``    (P,) float64            that mean
``reference``        (P, M) float16          log q(x) of held-out training images, less the same mean
``alignment_*``      (P, ...) float32        what :class:`ibinn_core.layers.Alignment` stores besides the means
===================  ======================  ==============================================================

Whoever wrote them may be unknown: sizes are held against one another and against the models, numbers against their
ranges, and the arrays against the SHA-256 that the JSON file has, so that damage is told before anything is computed.
"""

import hashlib
import io
import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field, TypeAdapter

from ..archives import read_arrays as read_archive
from ..files import read_bytes, write_bytes, write_json
from ..models.schema import STORED, Finite, NonNegative, Share, Text, checked

CURVE_FORMAT = 1
#: The largest files that are read, and what the arrays may expand to, in bytes.
MOST_JSON, MOST_ARRAYS, MOST_EXPANDED = 2**22, 2**27, 2**28
MOST_PLACES = 1000
#: The largest numbers of each array, far beyond those of any model: what is computed from them stays finite.
_LARGEST = {
    **dict.fromkeys(("coordinates", "class_means", "alignment_location", "alignment_offset", "alignment_matrix"), 1e4),
    **dict.fromkeys(("log_prob", "log_prob_mean", "reference"), 1e9),
    "alignment_log_scale": 30.0,
    "posterior": 1.0,
}
#: The arrays whose names do not begin with ``alignment_``.
_ARRAYS = ("rows", "hashes", "coordinates", "class_means", "log_prob", "posterior", "log_prob_mean", "reference")
#: What an alignment stores besides the means, all of which may be interpolated.
ALIGNMENT = ("location", "log_scale", "matrix", "offset")
JSON, ARRAYS = ".curve.json", ".curve.npz"
#: What is measured at every place of a curve.
NUMBERS = ("error", "bits_per_dim", "calibration_top_label", "calibration_paper", "cross_entropy")


class FamilyError(ValueError):
    """Raised if there is no model at a γ, or no family; the message says why.

    Example:
        >>> ib.family("fashion-mnist")
        Traceback (most recent call last):
        ibinn_core.weight_space.curve.FamilyError: there is no family of models of 'fashion-mnist' in ...
    """


@dataclass(frozen=True)
class Place:
    """A measured place of a family's curve: a trained model, or one mixed from two.

    Attributes:
        gamma: γ.
        left, right: ids of the neighbours; both the same at a trained model.
        share: t, the share of ``right``.
        error: of the test set, 0 to 1.
        bits_per_dim: mean over the test set.
        calibration_top_label, calibration_paper: expected calibration errors, 0 to 1, as on a card.
        cross_entropy: of the true classes, mean over the test set in nats.
    """

    __pydantic_config__ = STORED

    gamma: Annotated[float, Field(strict=True, ge=0, allow_inf_nan=True)]
    left: Text
    right: Text
    share: Share
    error: Share
    bits_per_dim: Finite
    calibration_top_label: Share
    calibration_paper: Share
    cross_entropy: NonNegative


@dataclass(frozen=True)
class Blend:
    """The two models from whose weights a model is mixed.

    Attributes:
        gamma: γ of the mixed model.
        left, right: ids of the two checkpoints, the smaller γ first.
        share: t, the share of ``right``, above 0 and below 1.
        numbers: its measures, by the names in :data:`NUMBERS`; ``None`` without a curve.
        measured: whether they were measured at exactly this γ, or interpolated between the two nearest places of the
            curve.
    """

    gamma: float
    left: str
    right: str
    share: float
    numbers: dict[str, float] | None = None
    measured: bool = False


_PLACES = TypeAdapter(list[Place])


def read_curve(path: Path | None) -> dict | None:
    """The stored curve, or ``None`` if there is none; a FamilyError if the file is damaged or of another version."""
    if path is None or not path.exists():
        return None
    try:
        stored = json.loads(read_bytes(path, MOST_JSON).decode("utf-8"))
        if stored["format"] != CURVE_FORMAT or not isinstance(stored["checkpoints"], dict):
            raise ValueError("of another format")
        if len(stored["places"]) > MOST_PLACES:
            raise ValueError(f"it has more than {MOST_PLACES} places")
        places = checked(_PLACES, [{**place, "gamma": _gamma(place["gamma"])} for place in stored["places"]])
        if len({place.gamma for place in places}) < len(places):
            raise ValueError("two of its places have the same gamma")
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise FamilyError(
            f"the curve at {path} is damaged or of another version ({error}): measure it again"
        ) from error
    return {**stored, "places": sorted(places, key=lambda place: place.gamma)}


def _gamma(stored: object) -> object:
    """Infinity is a text in JSON; what else is no number is refused by the schema."""
    return math.inf if stored == "inf" else float(stored) if type(stored) is int else stored


def arrays_path(curve_path: Path) -> Path:
    """The file of the arrays that belongs to a curve."""
    return curve_path.with_name(curve_path.name.removesuffix(JSON) + ARRAYS)


def read_arrays(path: Path, places: int, classes: int, dims: int, sha256: object = None) -> dict[str, np.ndarray]:
    """The arrays stored in the file ``path``, of P ``places``, K ``classes`` and D ``dims``.

    Raises:
        FamilyError: if the file is damaged or missing, not of such a curve, or has another SHA-256 than the given one.
    """
    try:
        data = read_bytes(path, MOST_ARRAYS)
        if isinstance(sha256, str) and hashlib.sha256(data).hexdigest() != sha256:
            raise ValueError("its SHA-256 is another than the curve says")
        names = [*_ARRAYS, *(f"alignment_{name}" for name in ALIGNMENT)]
        arrays = read_archive(io.BytesIO(data), names, MOST_EXPANDED)
        missing = [name for name in _ARRAYS if name not in arrays]  # and models need not be aligned
        if missing:
            raise ValueError(f"it lacks {', '.join(missing)}")
        _check_layout(arrays, places, classes, dims)
        _check_numbers(arrays)
    except (OSError, ValueError, TypeError) as error:
        raise FamilyError(f"the arrays at {path} are damaged or missing ({error}): measure the curve again") from error
    return arrays


def _check_layout(arrays: dict[str, np.ndarray], places: int, classes: int, dims: int) -> None:
    """Raises a ValueError unless each array has the kind of numbers and the shape that belong to its name."""
    images, held_out, span = arrays["rows"].size, arrays["reference"].shape[-1:], classes - 1
    layout = {
        "rows": ("u", (images,)),
        "hashes": ("u", (images,)),
        "coordinates": ("f", (places, images, span)),
        "class_means": ("f", (places, classes, span)),
        "log_prob": ("f", (places, images)),
        "posterior": ("f", (places, images, classes)),
        "log_prob_mean": ("f", (places,)),
        "reference": ("f", (places, *held_out)),
        "alignment_location": ("f", (places, dims)),
        "alignment_log_scale": ("f", (places, dims)),
        "alignment_matrix": ("f", (places, span, span)),
        "alignment_offset": ("f", (places, span)),
    }
    for name, array in arrays.items():
        kind, shape = layout[name]
        if array.dtype.kind != kind or array.shape != shape or not array.size:
            raise ValueError(f"its {name} are {array.dtype} of shape {array.shape}, which does not fit the rest")
    aligned = [name for name in arrays if name.startswith("alignment_")]
    if 0 < len(aligned) < len(ALIGNMENT):
        raise ValueError("it has parts of what belongs together")


def _check_numbers(arrays: dict[str, np.ndarray]) -> None:
    """Raises a ValueError for numbers that no model gives."""
    for name, largest in _LARGEST.items():
        if name in arrays and not float(np.abs(arrays[name]).max()) <= largest:  # nor may there be NaN
            raise ValueError(f"its {name} are larger than {largest:g}, or no numbers")
    posterior = arrays["posterior"].astype(np.float32)
    if posterior.min() < 0 or np.abs(posterior.sum(-1) - 1).max() > 0.01:  # in half precision
        raise ValueError("its posterior holds no probabilities")
    if (
        "alignment_matrix" in arrays
        and not np.linalg.matrix_rank(arrays["alignment_matrix"]).min() == (arrays["alignment_matrix"].shape[-1])
    ):
        raise ValueError("its alignment cannot be undone")


def write_curve(
    path: Path, fingerprints: dict[str, str], places: list[Place], arrays: dict[str, np.ndarray], measured: dict
) -> None:
    """Stores what was measured beside the checkpoints: places by γ, and the arrays listed above.

    Arguments:
        path: of the JSON file.
        fingerprints: of the family's checkpoints, by their ids.
        places: by γ.
        arrays: by their names.
        measured: how, in plain JSON.
    """
    archive = io.BytesIO()
    np.savez_compressed(archive, **arrays)  # pyright: ignore[reportArgumentType]  # no array has the name of an option
    write_bytes(arrays_path(path), data := archive.getvalue())
    rows = [{**asdict(p), "gamma": "inf" if math.isinf(p.gamma) else p.gamma} for p in places]
    stored = {"format": CURVE_FORMAT, "checkpoints": fingerprints, "measured": measured}
    stored |= {"arrays_sha256": hashlib.sha256(data).hexdigest(), "places": rows}
    write_json(path, stored)
