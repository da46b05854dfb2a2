"""Corruptions of one's own: functions of Python that a person's own program registers, never a link or a checkpoint.

As for flows (:mod:`ibinn_core.models.own`), the environment variable ``IBINN_CORRUPTIONS``, set by whoever starts the
process, lists files. The file ``my_fog.py`` registers the corruption ``my_fog``, and the page Out of distribution
offers it beside the others.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from ..models.own.files import OwnFileError, brief, files_of, run
from .arrays import as_images, as_share, to_numpy

CORRUPTIONS = "IBINN_CORRUPTIONS"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
Corruption = Callable[[np.ndarray, float], np.ndarray]
_registered: dict[str, Corruption] = {}
_lock = threading.RLock()


class CorruptionError(ValueError):
    """Raised for a corruption that nobody registered, or that fails; the message is one sentence.

    Example:
        >>> ib.exploration.corrupt("nobody's", np.zeros((1, 1, 8, 8), np.float32), 0.5)
        Traceback (most recent call last):
        ibinn_core.exploration.own_corruption.CorruptionError: There is no corruption "nobody's"; register one ...
    """


def register_corruption(name: str, function: Corruption) -> None:
    """Gives a corruption of one's own a name; an earlier one of that name is replaced.

    Arguments:
        name: letters, digits, hyphens and underscores, 40 at most; in a file for ``IBINN_CORRUPTIONS`` that of the
            file without its ``.py``.
        function: takes images, floats ``(N, C, H, W)`` over [0, 1], and a strength from 0, which leaves them as they
            are, to 1; gives images of the same shape, which are clipped to [0, 1].

    Raises:
        ValueError: for another name.
        TypeError: for what is no function.

    Example:
        >>> ib.exploration.register_corruption("fog", lambda x, strength: x + strength * (0.8 - x))
        >>> foggy = ib.exploration.corrupt("fog", np.zeros((1, 1, 2, 2), np.float32), 0.5)
        >>> round(float(foggy[0, 0, 0, 0]), 3)
        0.4
    """
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ValueError(
            f"a corruption has a name of letters, digits, hyphens and underscores, 40 at most: not {name!r}"
        )
    if not callable(function):
        raise TypeError(f"the corruption {name!r} must be a function, not a {type(function).__name__}")
    with _lock:
        _registered[name] = function


def own_corruptions() -> list[str]:
    """The names of the corruptions that are registered, or have a file in ``IBINN_CORRUPTIONS``; runs none.

    Example:
        >>> ib.exploration.register_corruption("fog", lambda x, strength: x + strength * (0.8 - x))
        >>> "fog" in ib.exploration.own_corruptions()
        True
    """
    return sorted({*_registered, *(name for name in files_of(CORRUPTIONS) if _NAME.fullmatch(name))})


def corrupt(name: str | Corruption, x: ArrayLike, strength: float) -> np.ndarray:
    """Images under a corruption of one's own.

    Arguments:
        name: under which it is registered, or the function itself.
        x: images, floats ``(N, C, H, W)`` over [0, 1], an array or a tensor.
        strength: from 0 to 1.

    Returns:
        Float32 ``(N, C, H, W)``, from 0 to just below 1; a tensor as ``x`` is if that is one.

    Raises:
        ValueError: for images of another shape or dtype, or another strength.
        CorruptionError: if nobody registered it, its file cannot be run, or it fails, or gives other than finite floats
            of the same shape.

    Example:
        >>> ib.exploration.register_corruption("fog", lambda x, strength: x + strength * (0.8 - x))
        >>> ib.exploration.corrupt("fog", np.zeros((2, 1, 8, 8), np.float32), 1.0).shape
        (2, 1, 8, 8)
    """
    function = name if callable(name) else _function(name)
    name = name if isinstance(name, str) else getattr(name, "__name__", "of one's own")
    images, strength = as_images(to_numpy(x)), as_share(strength, "the strength of a corruption")
    try:
        found = np.asarray(function(images.copy(), strength))
    except Exception as error:  # what a person's own function raises is anyone's guess
        raise CorruptionError(f"The corruption {name!r} failed ({brief(error)}).") from error
    if found.shape != images.shape or found.dtype.kind != "f":
        raise CorruptionError(
            f"The corruption {name!r} should give finite floats of the shape {images.shape}, and gave {found.dtype} "
            f"of the shape {found.shape}."
        )
    if not np.isfinite(found).all():
        raise CorruptionError(f"The corruption {name!r} should give finite floats, and gave NaN or infinity.")
    result = np.clip(found.astype(np.float32), 0, np.nextafter(np.float32(1), np.float32(0)))
    like = getattr(x, "new_tensor", None)  # of a tensor
    return result if like is None else like(result)


def _function(name: str) -> Corruption:
    with _lock:
        if name not in _registered and name in (files := files_of(CORRUPTIONS)):
            try:
                run(name, files[name])
            except OwnFileError as error:
                raise CorruptionError(f"The corruption {name!r} is made by {error}.") from error
        if name not in _registered:
            raise CorruptionError(
                f"There is no corruption {name!r}; register one of that name with "
                f"ibinn_core.exploration.register_corruption, in {name}.py if {CORRUPTIONS} names that file."
            )
        return _registered[name]
