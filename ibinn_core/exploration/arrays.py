"""NumPy arrays and torch tensors alike, without importing torch."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

MAX_CHANNELS = 4  # of an image: RGB with opacity


def numpy_inside(function: Callable) -> Callable:
    """Gives ``function`` NumPy arrays in place of tensors; if its first argument is a tensor, so is the result."""

    @functools.wraps(function)
    def wrapper(first: Any, *args: object, **kwargs: object) -> object:  # noqa: ANN401  # an array or a tensor
        result = function(to_numpy(first), *map(to_numpy, args), **{k: to_numpy(v) for k, v in kwargs.items()})
        return first.new_tensor(result) if hasattr(first, "new_tensor") else result

    return wrapper


def to_numpy(value: Any) -> Any:  # noqa: ANN401  # what is not a tensor keeps its type, which may be any
    """A tensor's values as a NumPy array; anything else as it is."""
    return value.detach().cpu().numpy() if hasattr(value, "detach") else value


def as_floats(values: object, ndim: int, what: str) -> np.ndarray:
    """``values`` as a float array of ``ndim`` dimensions.

    Raises:
        ValueError: for values that are not finite floats with so many dimensions; ``what`` names them in the message.
    """
    array = np.asarray(values)
    if array.ndim != ndim or not np.issubdtype(array.dtype, np.floating):
        raise ValueError(f"{what} must be floats with {ndim} dimensions, not {array.dtype} of shape {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{what} must be finite, but hold NaN or infinity")
    return array


def as_images(values: object) -> np.ndarray:
    """``values`` as float images ``(N, C, H, W)`` of one to four channels, or a ValueError in one sentence."""
    x = as_floats(values, 4, "images")
    if not 1 <= x.shape[1] <= MAX_CHANNELS:
        raise ValueError(f"images must have the shape (N, C, H, W) with one to {MAX_CHANNELS} channels, not {x.shape}")
    return x


def requantize(values: np.ndarray) -> np.ndarray:
    """Float values clipped to [0, 1] and moved to the centre of their 8-bit level, as the values of any image are."""
    # Rounding errors must not move a pixel that did not change into the next level.
    levels = np.floor(np.clip(values * 256 + 1e-6, 0, 255))
    return (levels + 0.5) / 256
