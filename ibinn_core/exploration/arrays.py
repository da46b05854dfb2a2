"""Checks and conversions of NumPy arrays and torch tensors, without importing torch."""

import functools
import math
from collections.abc import Callable, Sequence
from numbers import Integral
from typing import Any

import numpy as np

LARGEST_PIXEL = 1e6  # in units of [0, 1]; leaves float32 room for squares and sums


def numpy_inside(function: Callable) -> Callable:
    """Gives ``function`` arrays instead of tensors; if the first argument is a tensor, the result is a tensor too.

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


def to_numpy(value: Any) -> Any:  # other values keep their type
    """Converts a tensor or an array to a NumPy array that LAPACK supports; other values stay unchanged."""
    if hasattr(value, "detach"):
        value = value.detach().cpu()
        value = (value.float() if value.is_floating_point() and value.element_size() < 4 else value).numpy()
    if isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.dtype.itemsize not in (4, 8):
        return value.astype(np.float32 if value.dtype.itemsize < 4 else np.float64)
    return value


def as_floats(values: object, ndim: int | tuple[int, ...], what: str) -> np.ndarray:
    """Converts ``values`` to a finite float array of ``ndim`` dimensions; ``what`` is their name in errors."""
    allowed = ndim if isinstance(ndim, tuple) else (ndim,)
    wanted = f"{what} must be floats with {' or '.join(map(str, allowed))} {'dimension' if ndim == 1 else 'dimensions'}"
    try:
        array = to_numpy(np.asarray(values))
    except ValueError as error:  # lists of unequal lengths
        raise ValueError(f"{wanted}, not lists of several lengths") from error
    if array.ndim not in allowed or not np.issubdtype(array.dtype, np.floating):
        raise ValueError(f"{wanted}, not {array.dtype} of shape {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{what} must be finite, but hold NaN or infinity")
    return array


def as_images(values: object) -> np.ndarray:
    """Converts ``values`` to float images ``(N, C, H, W)`` of one or three channels; raises a ValueError otherwise."""
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
    """Says why finite values cannot be pixels in about [0, 1], in words that follow "images"; ``None`` if they can.

    A model may decode values far outside [0, 1]. But an image without negative values must have 8-bit values
    if its mean is above 2. ``largest`` is the largest absolute value.
    """
    if largest > LARGEST_PIXEL:
        return f"must hold values in about [0, 1], not {largest:.3g}"
    if lowest >= 0 and mean > 2:
        return f"must hold values in about [0, 1], and {mean:.3g} on average looks like 8-bit pixels: use to_unit"
    return None


def as_number(value: Any, what: str, least: float = -math.inf, most: float = math.inf) -> float:
    """Converts ``value`` to a finite number from ``least`` to ``most``; ``what`` is its name in errors."""
    number = as_float(value)
    if not (math.isfinite(number) and least <= number <= most):
        limits = f" from {least} to {most}"
        if most == math.inf:
            limits = f", {least} or more"
        if least == -math.inf:
            limits = ""
        raise ValueError(f"{what} must be a finite number{limits}, not {value!r}")
    return number


def as_float(value: Any) -> float:  # any value from a caller
    """Converts ``value`` to a number, perhaps infinite; NaN if that fails."""
    try:
        return math.nan if isinstance(value, str) else float(value)
    except (TypeError, ValueError, OverflowError, RuntimeError):  # RuntimeError: a tensor with several values
        return math.nan


def as_count(value: Any, least: int, what: str) -> int:  # any value from a caller
    """Converts ``value`` to an integer of at least ``least``; ``what`` is its name in errors."""
    if not isinstance(value, Integral) or isinstance(value, bool) or value < least:
        raise ValueError(f"{what} must be a whole number from {least} on, not {value!r}")
    return int(value)


def index_of(name: str, names: Sequence[str], what: str) -> int:
    """Returns the index of a name among ``names``; the ValueError for other names calls them ``what``."""
    if name not in names:
        raise ValueError(f"there is no {what} {name!r}; known ones: {', '.join(names) or 'none'}")
    return names.index(name)


def class_numbers(classes: Any, dataset: Any) -> Any:  # any value, and a data set or None
    """Converts names of classes in ``dataset``, or a list of names, to numbers; other values stay unchanged."""
    if isinstance(classes, str):
        return index_of(classes, getattr(dataset, "classes", ()), "class")
    return [class_numbers(one, dataset) for one in classes] if isinstance(classes, (list, tuple)) else classes


def requantize(values: np.ndarray) -> np.ndarray:
    """Clips float values to [0, 1] and moves them to the centre of their 8-bit level, as in an image."""
    # Rounding errors must not move an unchanged pixel to the level below.
    levels = np.floor(np.clip(values * 256 + 1e-6, 0, 255))
    return (levels + 0.5) / 256
