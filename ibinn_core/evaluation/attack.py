r"""Adversarial attacks change an image a little, so that its class changes. Some attacks keep the image typical.

An attack looks within a ball around the image x₀ for the image with the largest objective,

.. math::
    \max_{\|x - x_0\|_\infty \le \varepsilon,\ x \in [0, 1]^D}
    \; \ell(x, y) \; - \; \lambda \, \bigl|\log q(x) - E\bigr| ,

where y is the true class. ℓ is the cross-entropy -log q(y|x), or the margin max over k ≠ y of log q(k|x) - log q(y|x)
(Carlini and Wagner 2017), which still grows where a model is sure. λ = 0 is the plain attack: one step is FGSM
(Goodfellow et al. 2015), several are PGD (Madry et al. 2018). λ > 0 is the *adaptive* attack, which keeps the image
typical by the typicality test (Fetaya et al. 2020); E is the mean log-likelihood of held-out images.

Each gradient is taken at the image rounded to 8 bits. The attack keeps the best image of its steps with the full λ.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from ..checkpoint import Checkpoint, load
from ..exploration.arrays import as_count, as_number, class_numbers
from ..exploration.typicality import reference_of
from ..measures.scores import as_labels
from ..models.checks import check_finite
from ..models.preprocessing import LEVELS, dequantize

if TYPE_CHECKING:
    from numpy.typing import ArrayLike
    from torch import Tensor

    from ..models.classifier import Classifier, GenerativeClassifier

STEPS = 20
WEIGHT = 0.1  # λ of the adaptive attack in tools/attacks.py and in the app
_PLAIN = 0.5  # share of the steps, at the start, in which the adaptive attack has λ = 0
_BATCH = 64  # images attacked at once, to bound the memory

#: The losses, with the first step's length in units of ε/T; a long first step leads out of a plateau.
LOSSES = {"cross-entropy": 4, "margin": 10}


def attack(
    model: Classifier | Checkpoint | str | Path,
    x: Tensor,
    labels: Tensor | ArrayLike,
    levels: float,
    *,
    loss: str = "cross-entropy",
    steps: int = STEPS,
    weight: float = 0.0,
    reference: ArrayLike | None = None,
) -> Tensor:
    r"""Changes images a little, so that a model assigns them to other classes (equations: this module).

    The first of T steps is :math:`\min(1, c/T) \varepsilon` long, with c = 4 for the cross-entropy and 10 for the
    margin. The steps become shorter by equal amounts. The adaptive attack takes the first half of the steps with λ = 0.

    Arguments:
        model: any model in evaluation mode; or a checkpoint, its id or its folder.
        x: images as ``model.log_prob`` takes them, floats ``(N, C, H, W)`` over [0, 1] on the model's device. The
            attack first removes the images' noise, and starts at the centres of the grey levels.
        labels: true classes y of the images, ``(N,)`` integers in 0..K-1, or a list of names.
        levels: 256 ε, the largest change of a value, in grey levels, from 1 to 255.
        loss: ℓ, ``"cross-entropy"`` or ``"margin"``.
        steps: T, 1 or more.
        weight: λ, 0 or more.
        reference: log q of held-out images, ``(M,)`` in nats, whose mean is E; by default the checkpoint's numbers.

    Returns:
        Images in the form of ``x``, at the centres of grey levels. No value differs by more than ε from its start.

    Raises:
        ValueError: for invalid images or labels, and for values out of their range.
        UnsupportedError: for λ > 0 and a model without a likelihood.
        CheckpointError: if the checkpoint cannot be used.
    """
    import torch

    if isinstance(model, (str, Path, Checkpoint)):
        model = load(model)
    if len(model.config.image_shape) != 3:
        raise ValueError(f"attacks need a model of images, and this one takes vectors of {model.config.dims} numbers")
    check_finite(x, model.config.image_shape, "images", model.dtype)
    if not len(x):
        return x.clone()
    given = class_numbers(labels, model.dataset)
    given = as_labels(given.cpu() if isinstance(given, torch.Tensor) else given, len(x), model.num_classes)
    classes = torch.from_numpy(given.astype(np.int64)).to(x.device)
    levels = as_number(levels, "levels, in grey levels of 0..255,", 1, LEVELS - 1)
    steps = as_count(steps, 1, "the number of steps")
    weight = as_number(weight, "the weight of the typicality", 0)
    if loss not in LOSSES:
        raise ValueError(f"the loss must be one of {', '.join(LOSSES)}, not {loss!r}")
    if model.training:
        raise ValueError("the model is in training mode: call its eval() first, so that each image is judged by itself")
    if weight and not model.has_likelihood:
        raise model._unsupported("has no likelihood", "an attack cannot keep its images typical; use weight 0")
    given = model if reference is None else reference
    mean = float(reference_of(given).mean(dtype=np.float64)) if weight else 0.0
    start = ((LEVELS * x).floor().clamp(0, LEVELS - 1) + 0.5) / LEVELS
    with torch.enable_grad():
        parts = zip(start.split(_BATCH), classes.split(_BATCH), strict=True)
        return torch.cat([_attack(model, part, y, levels, loss, steps, weight, mean) for part, y in parts])


def objective(
    model: Classifier,
    x: Tensor,
    labels: Tensor,
    weight: float = 0.0,
    mean: float = 0.0,
    loss: str = "cross-entropy",
) -> Tensor:
    r"""The objective that an attack maximises, :math:`\ell(x, y) - \lambda |\log q(x) - E|` in nats, ``(N,)``.

    It is differentiable. ``x`` are images ``(N, C, H, W)`` with their noise, ``labels`` y ``(N,)``, ``weight`` λ and
    ``mean`` E in nats.
    """
    if model.has_likelihood:
        generative = cast("GenerativeClassifier", model)
        z, log_det = generative(x)
        value = _loss(generative.mixture.log_posterior(z), labels, loss)
        if weight:
            value = value - weight * (generative.mixture.log_marginal(z) + log_det - mean).abs()
        return value
    given: Any = model(x)
    logits = cast("Any", model).head(given[0]) if isinstance(given, tuple) else given  # a VIB returns mean and spread
    return _loss(logits.log_softmax(1), labels, loss)


def _loss(log_posterior: Tensor, labels: Tensor, loss: str) -> Tensor:
    of_labels = log_posterior.gather(1, labels[:, None])[:, 0]
    if loss == "margin":
        return log_posterior.scatter(1, labels[:, None], -math.inf).amax(1) - of_labels
    return -of_labels


def round_within(x: Tensor, start: Tensor, levels: float) -> Tensor:
    """Rounds images ``(N, C, H, W)`` to the nearest centres of grey levels, at most ``levels`` from ``start``."""
    origin, reach = (LEVELS * start).floor(), math.floor(levels)
    moved = (LEVELS * (x - start)).round().clamp(-origin, LEVELS - 1 - origin).clamp(-reach, reach)
    return (origin + moved + 0.5) / LEVELS


def _attack(
    model: Classifier,
    start: Tensor,
    labels: Tensor,
    levels: float,
    loss: str,
    steps: int,
    weight: float,
    mean: float,
) -> Tensor:
    import torch

    x, best, epsilon = start, start, levels / LEVELS
    highest = torch.full((len(start),), -math.inf, dtype=start.dtype, device=start.device)
    for step in range(steps + 1):
        counted = weight if step >= _PLAIN * steps else 0.0
        point = round_within(x, start, levels).requires_grad_()
        value = objective(model, dequantize(point, model.noise), labels, counted, mean, loss)
        if step and counted == weight:  # the start does not count as a step
            better = value.detach() > highest
            highest = torch.where(better, value.detach(), highest)
            best = torch.where(better[:, None, None, None], point.detach(), best)
        if step < steps:
            (gradient,) = torch.autograd.grad(value.sum(), point)
            length = epsilon * min(1.0, LOSSES[loss] / steps) * (1 - step / steps)
            moved = x + length * gradient.nan_to_num(0.0, 0.0, 0.0).sign() - start
            x = (start + moved.clamp(-epsilon, epsilon)).clamp(0, 1)
    return best
