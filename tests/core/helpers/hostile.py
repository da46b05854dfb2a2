"""Hostile arguments for hypothesis: arrays of every shape, type, layout and size of numbers, and what is no array."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

#: The same cases on every machine; a machine that is busy is no failure.
TRIED = settings(
    max_examples=80, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)

FLOATS = [np.float16, np.float32, np.float64, np.longdouble]
OTHERS = [np.uint8, np.int64, np.bool_, np.complex64, "U3", object]
TORCH_FLOATS = [torch.float16, torch.bfloat16, torch.float32, torch.float64]
SCALARS = [0, 1, 0.5, -1, 2, 3, 10**9, 2**70, 1e308, -1e308, 1e-320, float("nan"), float("inf"), float("-inf")]
NONSENSE = [None, "text", b"bytes", [], {}, object(), True, [[1.0], [1.0, 2.0]], 2**70, 1 + 2j]


def scalars():
    """Numbers in and out of any range, and other values."""
    return st.sampled_from([*SCALARS, *NONSENSE])


def _fill(kind: str, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    values = rng.random(shape)
    some = rng.random(shape) < 0.2
    return {
        "unit": values,
        "constant": np.full(shape, 0.5),
        "zero": np.zeros(shape),
        "8-bit": np.floor(256 * values),
        "normal": rng.standard_normal(shape),
        "NaN": np.where(some, np.nan, values),
        "infinite": np.where(some, np.inf, values),
        "huge": 1e30 * (values - 0.5),
        "immense": 1e300 * (values - 0.5),
        "tiny": 1e-300 * values,
    }[kind]


FILLS = ["unit", "unit", "constant", "zero", "8-bit", "normal", "NaN", "infinite", "huge", "immense", "tiny"]


@st.composite
def arrays(draw, shape: tuple[int, ...], fills: list[str] = FILLS) -> Any:
    """A NumPy array or a tensor, mostly of ``shape``, or another value."""
    if draw(st.integers(0, 11)) == 0:
        return draw(st.sampled_from(NONSENSE))
    values = _fill(draw(st.sampled_from(fills)), draw(shapes(shape)), np.random.default_rng(draw(st.integers(0, 9))))
    if draw(st.booleans()):
        return _tensor(draw, values)
    dtype = draw(st.sampled_from(FLOATS * 3 + OTHERS))
    with np.errstate(all="ignore"):
        array = np.array(values).astype(dtype)
    layout = draw(st.sampled_from(["C", "F", "reversed", "strided", "broadcast", "read-only", "list"]))
    if layout == "list":
        return array.tolist()
    return _laid_out(array, layout)


@st.composite
def shapes(draw, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Mostly ``shape``; else with one size changed, one dimension more or less, or nothing in it."""
    kind = draw(st.sampled_from(["same"] * 6 + ["size", "size", "more", "less", "empty"]))
    sizes = list(shape)
    if kind == "same" or not sizes:
        return shape
    place = draw(st.integers(0, len(sizes) - 1))
    if kind == "size":
        sizes[place] = draw(st.sampled_from([1, 2, 3, 5, 7]))
    elif kind == "more":
        sizes.insert(place, draw(st.sampled_from([1, 2])))
    elif kind == "less":
        del sizes[place]
    else:
        sizes[place] = 0
    return tuple(sizes)


def _laid_out(array: np.ndarray, layout: str) -> np.ndarray:
    if layout == "F":
        return np.asfortranarray(array)
    if layout == "reversed":
        return np.flip(array)
    if layout == "strided" and array.ndim:
        return np.repeat(array, 2, axis=-1)[..., ::2]
    if layout == "broadcast" and array.ndim and array.shape[0]:
        return np.broadcast_to(array[:1], array.shape)
    if layout == "read-only":
        array.flags.writeable = False
    return array


def _tensor(draw, values: np.ndarray) -> torch.Tensor:
    dtype = draw(st.sampled_from(TORCH_FLOATS * 3 + [torch.uint8, torch.int64, torch.bool, torch.complex64]))
    with np.errstate(all="ignore"):
        if dtype in (torch.uint8, torch.int64):
            values = np.nan_to_num(values, nan=0, posinf=9, neginf=-9).clip(-9, 300)
    tensor = torch.from_numpy(np.array(values)).to(dtype)
    layout = draw(st.sampled_from(["plain", "transposed", "expanded", "with gradient"]))
    if layout == "transposed" and tensor.ndim > 1:
        return tensor.transpose(-1, -2).contiguous().transpose(-1, -2)
    if layout == "expanded" and tensor.ndim and len(tensor):
        return tensor[:1].expand(tensor.shape)
    if layout == "with gradient" and tensor.is_floating_point():
        return tensor.requires_grad_()
    return tensor


def outcome(function: Callable, *arguments: Any, **options: Any) -> tuple[Any, bool]:
    """The result of a function, and whether it has one: a refusal must be a ValueError or TypeError in a sentence.

    Neither may change an argument.
    """
    before = [_bytes(argument) for argument in arguments]
    try:
        result = function(*arguments, **options), True
    except (ValueError, TypeError) as error:
        message = str(error)
        assert message and "\n" not in message and len(message) < 400, message
        result = None, False
    assert [_bytes(argument) for argument in arguments] == before, "an argument was changed"
    return result


def _bytes(value: Any) -> bytes | None:
    if isinstance(value, torch.Tensor):
        value = value.detach()
        return repr(value.tolist()).encode()
    return value.tobytes() if isinstance(value, np.ndarray) and value.dtype != object else None


def plain(value: Any) -> np.ndarray:
    """An array or tensor in double precision; the real parts of complex numbers."""
    if isinstance(value, torch.Tensor):
        value = value.detach()
        value = value.real.double() if value.is_complex() else value.double()
    if isinstance(value, np.ndarray) and value.dtype.kind == "c":
        value = value.real
    return np.asarray(value, dtype=np.float64)


def is_of_type(result: Any, first: Any) -> bool:
    """Whether a result has the type and dtype of the first argument, where that is an array or a tensor."""
    if isinstance(first, torch.Tensor):
        return isinstance(result, torch.Tensor) and result.dtype == first.dtype
    if not isinstance(first, np.ndarray):
        return isinstance(result, np.ndarray)
    wanted = np.float64 if first.dtype == np.longdouble else first.dtype
    return isinstance(result, np.ndarray) and result.dtype == wanted
