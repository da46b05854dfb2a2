"""Checks and conversions of NumPy arrays and torch tensors, without importing torch."""

import functools
import math
from collections.abc import Callable, Sequence
from numbers import Integral
from typing import Any

import numpy as np

LARGEST_PIXEL = 1e6  # in units of [0, 1]: squares of larger values leave the range of float32


def numpy_inside(function: Callable) -> Callable:
    """Gives ``function`` NumPy arrays in place of tensors; if its first argument is a tensor, so is the result.

    Half precision becomes float32 inside, and the result has the type and device of the first argument. The wrapped
    function raises a ValueError if its result is not finite: the values were too large.
    """

    @functools.wraps(function)
    def wrapper(first: Any, *args: object, **kwargs: object) -> object:  # an array or a tensor
        with np.errstate(over="ignore", invalid="ignore"):
            result = function(to_numpy(first), *map(to_numpy, args), **{k: to_numpy(v) for k, v in kwargs.items()})
            if hasattr(first, "new_tensor"):
                result = first.new_tensor(result)
                is_finite = bool(result.isfinite().all())
            else:
                result = result.astype(np.float16) if getattr(first, "dtype", None) == np.float16 else result
                is_finite = bool(np.isfinite(result).all())
        if not is_finite:
            raise ValueError("the values are too large to compute with in their type: scale them down")
        return result

    return wrapper


def to_numpy(value: Any) -> Any:  # other values keep their type, whatever it is
    """The values of a tensor or an array as a NumPy array that LAPACK can compute with; anything else as it is."""
    if hasattr(value, "detach"):
        value = value.detach().cpu()
        value = (value.float() if value.is_floating_point() and value.element_size() < 4 else value).numpy()
    if isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.dtype.itemsize not in (4, 8):
        return value.astype(np.float32 if value.dtype.itemsize < 4 else np.float64)
    return value


def as_floats(values: object, ndim: int, what: str) -> np.ndarray:
    """``values`` as a finite float array of ``ndim`` dimensions, or a ValueError in which ``what`` names them."""
    wanted = f"{what} must be floats with {ndim} {'dimension' if ndim == 1 else 'dimensions'}"
    try:
        array = to_numpy(np.asarray(values))
    except ValueError as error:  # lists of several lengths
        raise ValueError(f"{wanted}, not lists of several lengths") from error
    if array.ndim != ndim or not np.issubdtype(array.dtype, np.floating):
        raise ValueError(f"{wanted}, not {array.dtype} of shape {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{what} must be finite, but hold NaN or infinity")
    return array


def as_images(values: object) -> np.ndarray:
    """``values`` as float images ``(N, C, H, W)`` of one or three channels, or a ValueError in one sentence."""
    x = as_floats(values, 4, "images")
    if x.shape[1] not in (1, 3):
        raise ValueError(f"images must have the shape (N, C, H, W) with 1 or 3 channels, not {x.shape}")
    if not (x.shape[2] and x.shape[3]):
        raise ValueError(f"images must have at least one pixel, not the shape {x.shape}")
    flat = x.reshape(len(x), math.prod(x.shape[1:]))
    for of_image in zip(flat.min(1), flat.mean(1, dtype=np.float64), np.abs(flat).max(1), strict=True):
        problem = pixel_problem(*of_image)
        if problem:
            raise ValueError(f"images {problem}")
    return x


def pixel_problem(lowest: float, mean: float, largest: float) -> str | None:
    """Why finite values cannot be pixels in about [0, 1], as words to follow "images"; ``None`` if they may be pixels.

    A model may decode values far outside [0, 1]. But an image without negative values that is on average twice as
    bright as white has 8-bit values. ``largest`` is the largest absolute value.
    """
    if largest > LARGEST_PIXEL:
        return f"must hold values about [0, 1], not {largest:.3g}"
    if lowest >= 0 and mean > 2:
        return f"must hold values about [0, 1], and {mean:.3g} on average looks like 8-bit pixels: use to_unit"
    return None


def as_number(value: Any, what: str, least: float = -math.inf, most: float = math.inf) -> float:
    """``value`` as a finite number from ``least`` to ``most``, or a ValueError in which ``what`` names it."""
    number = as_float(value)
    if not (math.isfinite(number) and least <= number <= most):
        limits = f" from {least} to {most}"
        if most == math.inf:
            limits = f", {least} or more"
        if least == -math.inf:
            limits = ""
        raise ValueError(f"{what} must be a finite number{limits}, not {value!r}")
    return number


def as_float(value: Any) -> float:  # whatever a caller gave
    """``value`` as a number, which may be infinite; NaN if it is no number."""
    try:
        return math.nan if isinstance(value, str) else float(value)
    except (TypeError, ValueError, OverflowError, RuntimeError):  # the last of a tensor of several
        return math.nan


def as_count(value: Any, least: int, what: str) -> int:  # whatever a caller gave
    """``value`` as a whole number from ``least`` on, or a ValueError in which ``what`` names it."""
    if not isinstance(value, Integral) or isinstance(value, bool) or value < least:
        raise ValueError(f"{what} must be a whole number from {least} on, not {value!r}")
    return int(value)


def index_of(name: str, names: Sequence[str], what: str) -> int:
    """The index of a name among ``names``, or a ValueError in which ``what`` says whose name it is."""
    if name not in names:
        raise ValueError(f"there is no {what} {name!r}; known ones: {', '.join(names) or 'none'}")
    return names.index(name)


def class_numbers(classes: Any, dataset: Any) -> Any:  # whatever a caller gave, and a data set or None
    """The numbers of classes given by name, or by a list of names, in ``dataset``; other values stay unchanged."""
    if isinstance(classes, str):
        return index_of(classes, getattr(dataset, "classes", ()), "class")
    return [class_numbers(one, dataset) for one in classes] if isinstance(classes, (list, tuple)) else classes


def requantize(values: np.ndarray) -> np.ndarray:
    """Float values clipped to [0, 1] and moved to the centre of their 8-bit level, like those of an image."""
    # Rounding errors must not move a pixel that did not change into the next level.
    levels = np.floor(np.clip(values * 256 + 1e-6, 0, 255))
    return (levels + 0.5) / 256
