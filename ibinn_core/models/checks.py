"""The checks of a model's inputs, which raise a ValueError. A model that PyTorch traces checks only shape and dtype."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from ..exploration.arrays import pixel_problem

if TYPE_CHECKING:  # allows checking images without torch
    import torch
    from torch import Tensor

LARGEST_LATENT = 1e12  # largest latent that a model takes; leaves float32 room for squares and sums


def is_traced(values: Tensor) -> bool:
    """Whether ``torch.compile``, ``torch.export`` or ``torch.func`` traces the tensor, which has no values then."""
    import torch
    from torch._C._functorch import is_functorch_wrapped_tensor

    return torch.compiler.is_compiling() or is_functorch_wrapped_tensor(values)


def check_finite(values: Tensor, shape: tuple[int, ...], what: str, dtype: torch.dtype) -> None:
    """Raises a ValueError unless ``values`` is a finite tensor ``(N, *shape)`` of the model's ``dtype``."""
    check_type(values, shape, what, dtype)
    if not is_traced(values) and not values.isfinite().all():
        raise ValueError(f"{what} must be finite, but hold NaN or infinity")
    check_size(values.detach().flatten(1), what)


def check_type(values: Tensor, shape: tuple[int, ...], what: str, dtype: torch.dtype) -> None:
    """Raises a ValueError unless ``values`` is a tensor ``(N, *shape)`` of the model's ``dtype``."""
    import torch

    if dtype == torch.bfloat16:
        raise ValueError("bfloat16 is too coarse for a model: call its float() or half()")
    is_tensor = isinstance(values, torch.Tensor)
    if is_tensor and values.dtype == dtype and values.ndim and tuple(values.shape[1:]) == tuple(shape):
        return
    found = f"{values.dtype} of shape {tuple(values.shape)}" if is_tensor else type(values).__name__
    advice = ""
    if what == "images" and str(getattr(values, "dtype", "")).endswith("uint8"):
        advice = ": convert 8-bit pixels with to_unit"
    elif is_tensor and values.is_floating_point() and values.dtype != dtype:
        advice = f": convert them with .to({dtype})"
    expected = f"{what} must be {dtype} of shape (N, {', '.join(map(str, shape))}) in a torch tensor"
    raise ValueError(f"{expected}, not {found}{advice}")


def check_size(values: Tensor, what: str) -> None:
    """Raises a ValueError for 8-bit values as images, or absurdly large values."""
    import torch

    if is_traced(values):
        return
    largest = values.abs().amax(1)
    if what != "images":
        if (largest > LARGEST_LATENT).any():
            raise ValueError(f"{what} must lie within {LARGEST_LATENT:g} of 0, not {largest.max().item():.3g}")
        return
    # In double precision, so that sums of decoded values do not overflow.
    columns = values.amin(1), values.mean(1, dtype=torch.float64), largest
    for of_image in zip(*(column.tolist() for column in columns), strict=True):
        if problem := pixel_problem(*of_image):
            raise ValueError(f"images {problem}")


def warn_of_bare_pixels(x: Tensor) -> None:
    """Warns if the first of these images consists of centres of 8-bit pixels."""
    if is_traced(x) or x.ndim != 4 or not len(x):
        return
    levels = 256 * x[0].detach().double() - 0.5
    if (levels == levels.round()).all():
        why = "8-bit pixels without noise do not have the density of an image: use model.preprocess or dequantize."
        warnings.warn(why, stacklevel=3)


def check_labels(labels: Tensor, num_classes: int) -> None:
    """Raises a ValueError unless these are labels ``(N,)`` in 0..K-1, or distributions ``(N, K)`` of floats."""
    import torch

    expected = f"labels must be whole numbers of shape (N,), or floats of shape (N, {num_classes}), in a torch tensor"
    if not isinstance(labels, torch.Tensor):
        raise ValueError(f"{expected}, not {type(labels).__name__}")
    is_whole = not labels.is_floating_point() and not labels.is_complex() and labels.dtype != torch.bool
    if not (labels.ndim == 1 if is_whole else labels.is_floating_point() and labels.shape[1:] == (num_classes,)):
        raise ValueError(f"{expected}, not {labels.dtype} of shape {tuple(labels.shape)}")
    if is_traced(labels) or not len(labels):
        return
    if not is_whole and ((labels < 0).any() or ((labels.sum(1) - 1).abs() > 0.01).any()):
        raise ValueError("label distributions must be 0 or more, and each row must sum to 1")
    if is_whole and not 0 <= int(labels.min()) <= int(labels.max()) < num_classes:
        raise ValueError(f"labels must be from 0 to {num_classes - 1}, not {int(labels.min())} to {int(labels.max())}")
