"""Reading the ``.npz`` files of a checkpoint, which may come from somebody unknown, and comparing them with a layout.

A layout names every array, with the kinds of its numbers (as ``numpy.dtype.kind``) and a letter for each of its sizes.
"""

import io
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import numpy as np

from ..archives import ArchiveError, Header, read_arrays, read_headers
from ..files import UnreadableError, check_regular
from .manifest import check_unchanged, read_file
from .names import EXPANDED, LIMITS
from .validation import refusal

Layout = Mapping[str, tuple[str, str]]
Arrays = dict[str, np.ndarray]
_LONGEST_NAME = 31  # bytes of a text in an array


def headers_of(arrays: Arrays) -> dict[str, Header]:
    """What arrays say of themselves, as :func:`ibinn_core.archives.read_headers` has it."""
    return {name: Header(array.dtype, array.shape) for name, array in arrays.items()}


def layout_problem(
    headers: Mapping[str, Header], layout: Layout, sizes: dict[str, int], may_be_empty: Collection[str] = ()
) -> str | None:
    """Why the headers do not fit a layout, as words to follow "it"; ``None`` if they do.

    Arguments:
        headers: by the arrays' names.
        layout: of all arrays that must be there.
        sizes: those that are known, by their letters; what the headers say of others is added.
        may_be_empty: names of arrays.
    """
    missing = [name for name in layout if name not in headers]
    if missing:
        return f"lacks {', '.join(missing)}"
    for name, (kinds, shape) in layout.items():
        header = headers[name]
        fits = header.dtype.kind in kinds and header.dtype.itemsize <= (_LONGEST_NAME if kinds == "S" else 8)
        fits = fits and len(header.shape) == len(shape)
        if not (fits and all(sizes.setdefault(s, n) == n for s, n in zip(shape, header.shape, strict=True))):
            return f"holds {name} of a shape or type that does not belong there"
        if 0 in header.shape and name not in may_be_empty:
            return f"holds no {name}"
    return None


def check_npz(path: Path, layout: Layout, problem_of: Callable[[dict[str, Header]], str | None]) -> None:
    """Raises a CheckpointError unless the file ``path`` is there and ``problem_of`` its headers is none."""
    try:
        check_regular(path, LIMITS[path.name])
        with open(path, "rb") as file:
            headers = read_headers(file, layout, EXPANDED[path.name])
    except FileNotFoundError as error:
        raise refusal(path.parent, f"it has no {path.name}") from error
    except UnreadableError as error:
        raise refusal(path.parent, f"its {path.name} is damaged: it {error}") from error
    except (ArchiveError, OSError) as error:
        raise refusal(path.parent, f"its {path.name} is damaged") from error
    _refuse(path, problem_of(headers))


def read_npz(
    path: Path, layout: Layout, read: Callable[[Arrays], tuple[Arrays, str | None]], manifest: dict[str, str] | None
) -> Arrays:
    """What ``read`` makes of the arrays in the file ``path``, which is compared with the manifest if there is one.

    Raises:
        CheckpointError: if it is missing, damaged or not the one that was saved, or ``read`` names a problem.
    """
    data = read_file(path.parent, path.name)
    try:
        arrays = read_arrays(io.BytesIO(data), layout, EXPANDED[path.name])
    except ArchiveError as error:
        raise refusal(path.parent, f"its {path.name} is damaged") from error
    arrays, problem = read(arrays)
    _refuse(path, problem)
    check_unchanged(path.parent, path.name, data, manifest)
    return arrays


def _refuse(path: Path, problem: str | None) -> None:
    if problem:
        raise refusal(path.parent, f"its {path.name} {problem}")
