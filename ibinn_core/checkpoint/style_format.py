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

from ..archives import ArchiveError, Header, read_arrays, read_headers
from ..exploration.style import Styles
from ..files import UnreadableError, check_regular, write_bytes
from .manifest import check_unchanged, read_file, read_manifest, renew_entry
from .names import LIMITS, MOST_STYLES_EXPANDED, STYLE
from .validation import CheckpointError, id_of, refusal

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


def problem_of_headers(headers: dict[str, Header], dims: int) -> str | None:
    """Why arrays of these types and shapes are no valid ``style.npz``, as words to follow "it"; ``None`` if they are.

    Arguments:
        headers: by the arrays' names.
        dims: D.
    """
    missing = [name for name in STYLE_ARRAYS if name not in headers]
    if missing:
        return f"lacks {', '.join(missing)}"
    sizes = {"D": dims, "3": 3}
    for name, (kind, shape) in STYLE_ARRAYS.items():
        header = headers[name]
        fits = header.dtype.kind in kind and header.dtype.itemsize <= (31 if kind == "S" else 8)
        fits = fits and len(header.shape) == len(shape)
        if not (fits and all(sizes.setdefault(s, n) == n for s, n in zip(shape, header.shape, strict=True))):
            return f"holds {name} of a shape or type that does not belong there"
    if not sizes["A"] <= sizes["S"] <= MOST_DIRECTIONS:
        return f"holds {sizes['S']} directions for {sizes['A']} attributes"
    return None


def problem_of(arrays: dict[str, np.ndarray], dims: int) -> str | None:
    """The same by the values too."""
    headers = {name: Header(array.dtype, array.shape) for name, array in arrays.items()}
    problem = problem_of_headers(headers, dims)
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
    """Checks the headers of the arrays in the file ``path``; reads no array.

    Raises:
        CheckpointError: if it is damaged.
    """
    try:
        check_regular(path, LIMITS[STYLE])
        with open(path, "rb") as file:
            headers = read_headers(file, STYLE_ARRAYS, MOST_STYLES_EXPANDED)
    except UnreadableError as error:
        raise refusal(path.parent, f"its {STYLE} is damaged: it {error}", _remedy(path)) from error
    except (ArchiveError, OSError) as error:
        raise refusal(path.parent, f"its {STYLE} is damaged", _remedy(path)) from error
    problem = problem_of_headers(headers, dims)
    if problem:
        raise refusal(path.parent, f"its {STYLE} {problem}", _remedy(path))


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
    folder = path.parent
    if not path.exists():
        name = id_of(folder)
        raise CheckpointError(
            f"Checkpoint {name!r} has no {STYLE}, and so no directions of style: write them by "
            f"`python -m ibinn_core style {name}`."
        )
    data = read_file(folder, STYLE)
    try:
        arrays = read_arrays(io.BytesIO(data), STYLE_ARRAYS, MOST_STYLES_EXPANDED)
    except ArchiveError as error:
        raise refusal(folder, f"its {STYLE} is damaged", _remedy(path)) from error
    problem = problem_of(arrays, dims)
    if problem:
        raise refusal(folder, f"its {STYLE} {problem}", _remedy(path))
    check_unchanged(folder, STYLE, data, manifest)
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


def _remedy(path: Path) -> str:
    return f"fetch it again, or write it anew by `python -m ibinn_core style {id_of(path.parent)}`"
