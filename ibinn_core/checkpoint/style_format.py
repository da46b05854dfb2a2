"""A model's directions of style: what ``style.npz`` of a checkpoint holds, so that nobody needs training images.

A attributes, S directions of which the first A are those of the attributes and the others principal ones, D latent
dimensions:

==================  =================  ==================================================================
``attributes``      (A,) bytes         the attributes' names, of :func:`ibinn_core.exploration.attributes`
``directions``      (S, D) float16     one step each; made orthogonal to the class means anew when read
``correlations``    (S, A) float32     of each direction with each attribute, on held-out images
``responses``       (S, A) float32     what a step changes in the decoded image, in deviations
``averages``        (A,) float32       of the attributes over the training images
``deviations``      (A,) float32       likewise
``images``          (3,) integers      how many were used to fit, for correlations, and for responses
==================  =================  ==================================================================

:class:`ibinn_core.exploration.Styles` says more of each. The empirical centres, along which counterfactuals go, are in
``latent.npz``.
"""

import io
import re
from pathlib import Path

import numpy as np

from ..archives import Header
from ..exploration.style import Styles
from ..files import write_bytes
from .manifest import read_manifest, renew_entry
from .names import STYLE
from .npz import check_npz, headers_of, layout_problem, read_npz
from .validation import CheckpointError, id_of

#: Every array: its kind of numbers and its shape; A, S and D as above.
STYLE_ARRAYS = {
    "attributes": ("S", "A"),
    "directions": ("f", "SD"),
    "correlations": ("f", "SA"),
    "responses": ("f", "SA"),
    "averages": ("f", "A"),
    "deviations": ("f", "A"),
    "images": ("ui", "3"),
}
MOST_DIRECTIONS = 100
_NAME = re.compile(rb"[a-z][a-z_]{0,30}")


def _problem_of_headers(headers: dict[str, Header], dims: int) -> str | None:
    sizes = {"D": dims, "3": 3}
    problem = layout_problem(headers, STYLE_ARRAYS, sizes, may_be_empty=STYLE_ARRAYS)
    if problem is None and not sizes["A"] <= sizes["S"] <= MOST_DIRECTIONS:
        return f"holds {sizes['S']} directions for {sizes['A']} attributes"
    return problem


def problem_of(arrays: dict[str, np.ndarray], dims: int) -> str | None:
    """Why these arrays are no valid ``style.npz`` of D latent dimensions, as words to follow "it"; else ``None``."""
    problem = _problem_of_headers(headers_of(arrays), dims)
    if problem:
        return problem
    names = arrays["attributes"].tolist()
    if len(set(names)) < len(names) or not all(_NAME.fullmatch(name) for name in names):
        return "holds attributes whose names are none"
    for name, (kind, _) in STYLE_ARRAYS.items():
        if kind == "f" and not np.isfinite(arrays[name]).all():
            return f"holds {name} that are not finite"
    if (arrays["deviations"] < 0).any() or (np.abs(arrays["correlations"]) > 1.001).any():
        return "holds deviations or correlations out of range"
    return None


def check_style(path: Path, dims: int) -> None:
    """Raises a CheckpointError unless the headers of the arrays in the file ``path`` fit; reads no array."""
    check_npz(path, STYLE_ARRAYS, lambda headers: _problem_of_headers(headers, dims))


def read_style(path: Path, dims: int, means: np.ndarray, manifest: dict[str, str] | None = None) -> Styles:
    """The styles in the file ``path``, off the span of the class means, compared with the manifest if there is one.

    Arguments:
        path: of the file.
        dims: D.
        means: μ_y, ``(K, D)``.
        manifest: of the checkpoint.

    Raises:
        CheckpointError: if it is missing, which the message says how to mend, damaged or not the one that was saved.
    """
    if not path.exists():
        name = id_of(path.parent)
        raise CheckpointError(
            f"Checkpoint {name!r} has no {STYLE}, and so no directions of style: write them by "
            f"`python -m ibinn_core style {name}`."
        )
    arrays = read_npz(path, STYLE_ARRAYS, lambda arrays: (arrays, problem_of(arrays, dims)), manifest)
    return styles_of(arrays).off_span(means)


def styles_of(arrays: dict[str, np.ndarray]) -> Styles:
    """The styles that valid arrays hold."""
    names = tuple(name.decode("ascii") for name in arrays["attributes"].tolist())
    rest = (arrays[name].astype(np.float32) for name in Styles._fields[1:])
    return Styles(names, *rest)


def bytes_of(arrays: dict[str, np.ndarray]) -> bytes:
    """What a ``style.npz`` with these arrays holds."""
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)  # pyright: ignore[reportArgumentType]  # no array has the name of an option
    return file.getvalue()


def write_style(folder: Path, arrays: dict[str, np.ndarray]) -> None:
    """Writes the ``style.npz`` of the checkpoint in ``folder``, and what its manifest says of it.

    Raises:
        CheckpointError: if its manifest is damaged; nothing is written then.
        WriteError: if it cannot be written.
    """
    read_manifest(folder)
    write_bytes(folder / STYLE, bytes_of(arrays))
    renew_entry(folder, STYLE)
