r"""Adversarial attacks: the smallest changes of an image that change its class, and whether the likelihood notices.

An attack looks within a ball around the image x₀ for the image that raises an objective most, ℓ less a part for the
likelihood,

.. math::
    \max_{\|x - x_0\| \le \varepsilon,\ x \in [0, 1]^D}
    \; \ell(x, y) \; - \; \lambda \, \bigl|\log q(x) - E\bigr| ,

y the true class. ℓ is the cross-entropy -log q(y|x), or the margin max over k ≠ y of log q(k|x) - log q(y|x) (Carlini
and Wagner 2017), which still grows where a model is sure. λ = 0 is the plain attack: one step is FGSM (Goodfellow et
al. 2015), several are PGD (Madry et al. 2018). λ > 0 is the *adaptive* attack, which stays typical by the typicality
test (:func:`ibinn_core.exploration.typicality`); E is the mean log-likelihood of held-out images. Such tests break on
CIFAR-10, found Fetaya et al. 2020, *Understanding the Limitations of Conditional Generative Models*.

Each gradient is taken at the image rounded to 8 bits within the ball, with the noise under which models are measured
(:func:`ibinn_core.dequantize`), and ignores the rounding. The best of the images on the way is kept.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np

from ..checkpoint import Checkpoint, load
from ..data.images import to_uint8, to_unit
from ..exploration.arrays import as_count, as_number
from ..exploration.typicality import reference_of
from ..measures.scores import as_labels
from ..models.preprocessing import LEVELS, dequantize

if TYPE_CHECKING:
    from numpy.typing import ArrayLike
    from torch import Tensor

    from ..models.classifier import Classifier, GenerativeClassifier

NORMS = ("linf", "l2")
STEPS = 20
WEIGHT = 0.1  # λ of the adaptive attack as it is measured and shown
_PLAIN = 0.5  # the share of the steps that the adaptive attack takes with λ = 0
_BATCH = 64  # images that are attacked at once; bounds the memory, not the result
_ROUNDING = 1e-6  # relative: as much of a radius is float32's


def _cross_entropy(log_posterior: Tensor, labels: Tensor) -> Tensor:
    return -log_posterior.gather(1, labels[:, None])[:, 0]


def _margin(log_posterior: Tensor, labels: Tensor) -> Tensor:
    others = log_posterior.scatter(1, labels[:, None], -math.inf)
    return others.amax(1) + _cross_entropy(log_posterior, labels)


class _Loss(NamedTuple):
    of: Callable[[Tensor, Tensor], Tensor]  # log-posterior (N, K) and labels (N,) to values (N,) in nats
    first: int  # the first step in units of ε/T: a long one leads off a plateau, on which a model may be sure


LOSSES: dict[str, _Loss] = {"cross-entropy": _Loss(_cross_entropy, 4), "margin": _Loss(_margin, 10)}


def attack(
    model: Classifier | Checkpoint | str | Path,
    x: Tensor,
    labels: Tensor | ArrayLike,
    levels: float | None = None,
    *,
    norm: str = "linf",
    loss: str = "cross-entropy",
    steps: int = STEPS,
    weight: float = 0.0,
    reference: ArrayLike | None = None,
    epsilon: float | None = None,
) -> Tensor:
    r"""Images near the given ones that a model takes for another class than theirs; see this module's text.

    The first of T steps is :math:`\min(1, c/T) \varepsilon` long, c = 4 for the cross-entropy and 10 for the margin,
    and the others get shorter by the same amount each. The adaptive attack takes the first half of its steps with λ =
    0: where a model is sure, the likelihood alone would hold the image where it is.

    Arguments:
        model: any model in evaluation mode, with ``weight`` above 0 one that has a likelihood; or a checkpoint, its id
            or its folder.
        x: images as ``model.log_prob`` takes them, floats ``(N, C, H, W)`` over [0, 1] on the model's device. An attack
            starts at the centres of their grey levels.
        labels: their true classes y, ``(N,)`` integers in 0..K-1.
        levels: 256 ε, the radius of the ball in grey levels; from 0 to 256, for ``"l2"`` times the root of the number
            of values.
        norm: ``"linf"``, the largest change of a value, or ``"l2"``, the root of the sum of the squared changes.
        loss: ℓ, ``"cross-entropy"`` or ``"margin"``.
        steps: T, 1 or more.
        weight: λ, 0 or more, a number without a unit: both parts of the objective are in nats.
        reference: log q of held-out images, ``(M,)`` in nats, whose mean is E; by default those that the model's
            checkpoint stores.
        epsilon: ε, until version 0.2, as are 8-bit images ``(N, H, W, C)`` for ``x``, which give the same.

    Returns:
        Images like ``x``, at the centres of grey levels, so that a file can hold them; none farther than ε from its
        image.

    Raises:
        ValueError: for images or labels that are none of the model's, and for values out of their range.
        UnsupportedError: for λ > 0 and a model without a likelihood.
        CheckpointError: if the checkpoint cannot be used.

    Example:
        >>> images, labels = ib.data.sample()
        >>> x = ib.to_unit(images)
        >>> attacked = ib.evaluation.attack(ib.load("gamma-1"), x, labels, levels=4, steps=5)
        >>> int(256 * (attacked - x).abs().max())
        4
    """
    import torch

    if isinstance(model, (str, Path, Checkpoint)):
        model = load(model)
    if epsilon is not None:
        warnings.warn("epsilon is now levels, 256 epsilon", DeprecationWarning, stacklevel=2)
        levels = LEVELS * epsilon
    if isinstance(x, np.ndarray):
        warnings.warn("attack now takes and gives what log_prob takes: call to_unit", DeprecationWarning, stacklevel=2)
        given = to_unit(x).to(model.device, model.dtype)
        options = {"norm": norm, "loss": loss, "steps": steps, "weight": weight, "reference": reference}
        return to_uint8(attack(model, given, labels, levels, **options))  # pyright: ignore[reportReturnType]
    model.evaluate(x[:0])  # refuses images of another shape
    if not len(x):
        return x.clone()
    classes = torch.as_tensor(labels).cpu().numpy()
    classes = torch.from_numpy(as_labels(classes, len(x), model.num_classes).astype(np.int64)).to(x.device)
    ball = _ball(model, levels, norm)
    weight, steps = as_number(weight, "the weight of the typicality"), as_count(steps, 1, "the number of steps")
    if loss not in LOSSES:
        raise ValueError(f"the loss must be one of {', '.join(LOSSES)}, not {loss!r}")
    if model.training:
        raise ValueError("the model is being trained: call its eval() first, so that each image is judged by itself")
    mean, start = _mean_of(model, weight, reference), ((LEVELS * x).floor().clamp(0, LEVELS - 1) + 0.5) / LEVELS
    if ball.epsilon == 0:
        return start
    with torch.enable_grad():
        parts = zip(start.split(_BATCH), classes.split(_BATCH), strict=True)
        return torch.cat([_attack(model, part, y, ball, loss, steps, weight, mean) for part, y in parts])


def objective(
    model: Classifier,
    x: Tensor,
    labels: Tensor,
    weight: float = 0.0,
    mean: float = 0.0,
    loss: str = "cross-entropy",
) -> Tensor:
    r"""What an attack raises, :math:`\ell(x, y) - \lambda |\log q(x) - E|` in nats, ``(N,)``, differentiable.

    ``x`` are images as the model takes them, ``(N, C, H, W)``, with their noise; ``labels`` are true classes y,
    ``(N,)``; ``weight`` is λ, and ``mean`` is E in nats.
    """
    if model.has_likelihood:
        generative = cast("GenerativeClassifier", model)
        z, log_det = generative(x)
        value = LOSSES[loss].of(generative.mixture.log_posterior(z), labels)
        if weight:
            value = value - weight * (generative.mixture.log_marginal(z) + log_det - mean).abs()
        return value
    given: Any = model(x)
    logits = cast("Any", model).head(given[0]) if isinstance(given, tuple) else given  # a VIB gives a mean and a spread
    return LOSSES[loss].of(logits.log_softmax(1), labels)


def round_within(x: Tensor, start: Tensor, epsilon: float, norm: str) -> Tensor:
    """Images ``x`` rounded to the centres of grey levels, within ε of ``start``; all ``(N, C, H, W)`` in [0, 1].

    Values are rounded to the nearest level. Those that came to lie farther from the start than they were are moved to
    the level before, where the ball needs it: in L∞ all beyond ε, in L2 those first that were moved farthest.
    """
    origin = (LEVELS * start).floor()
    exact = (LEVELS * (x - start)).flatten(1)
    moved = exact.round().clamp(-origin.flatten(1), LEVELS - 1 - origin.flatten(1))
    radius = LEVELS * epsilon * (1 + _ROUNDING)
    if norm == "linf":
        moved = moved.clamp(-math.floor(radius), math.floor(radius))
    else:
        surplus = moved.abs() - exact.abs()
        surplus, order = surplus.sort(dim=1, descending=True)
        saved = (2 * moved.abs().gather(1, order) - 1) * (surplus > 0)  # of the squared length, by a step back
        needed = moved.square().sum(1, keepdim=True) - radius**2
        back = (surplus > 0) & (saved.cumsum(1) - saved < needed)
        moved = moved - moved.sign() * back.to(moved).scatter(1, order, back.to(moved))
    return (origin + moved.reshape(x.shape) + 0.5) / LEVELS


def _attack(
    model: Classifier,
    start: Tensor,
    labels: Tensor,
    ball: _Ball,
    loss: str,
    steps: int,
    weight: float,
    mean: float,
) -> Tensor:
    """:func:`attack` of one batch ``start``."""
    import torch

    x = best = start
    highest = torch.full((len(start),), -math.inf, dtype=start.dtype, device=start.device)
    for step in range(steps + 1):
        counted = weight if step >= _PLAIN * steps else 0.0
        point = round_within(x, start, ball.epsilon, ball.norm).requires_grad_()
        value = objective(model, dequantize(point, model.noise), labels, counted, mean, loss)
        if step and counted == weight:  # the start is none of those on the way
            better = value.detach() > highest
            highest = torch.where(better, value.detach(), highest)
            best = torch.where(better[:, None, None, None], point.detach(), best)
        if step < steps:
            (gradient,) = torch.autograd.grad(value.sum(), point)
            length = ball.epsilon * min(1.0, LOSSES[loss].first / steps) * (1 - step / steps)
            x = ball.project(x + length * ball.direction(gradient.nan_to_num(0.0, 0.0, 0.0)), start)
    return best


class _Ball(NamedTuple):
    """The images within ε of a start: the geometry of both norms."""

    epsilon: float
    norm: str

    def direction(self, gradient: Tensor) -> Tensor:
        """The step of length one that goes up most steeply, of the shape of the gradient; 0 where that is 0."""
        if self.norm == "linf":
            return gradient.sign()
        return gradient / _lengths(gradient).clamp(min=1e-30)

    def project(self, x: Tensor, start: Tensor) -> Tensor:
        """The nearest images within the ball, then within [0, 1]."""
        moved = x - start
        if self.norm == "linf":
            moved = moved.clamp(-self.epsilon, self.epsilon)
        else:
            moved = moved * (self.epsilon / _lengths(moved).clamp(min=self.epsilon))
        return (start + moved).clamp(0, 1)


def _lengths(values: Tensor) -> Tensor:
    """The L2 norm of each row of ``(N, C, H, W)``, ``(N, 1, 1, 1)``."""
    return values.flatten(1).norm(dim=1)[:, None, None, None]


def _ball(model: Classifier, levels: float | None, norm: str) -> _Ball:
    if norm not in NORMS:
        raise ValueError(f"the norm must be one of {', '.join(NORMS)}, not {norm!r}")
    levels = as_number(levels, "the number of grey levels")
    most = LEVELS * (1.0 if norm == "linf" else math.sqrt(model.config.dims))
    if not 0 <= levels <= most:
        raise ValueError(f"the number of grey levels must be from 0 to {most:.4g}, not {levels:g}")
    return _Ball(levels / LEVELS, norm)


def _mean_of(model: Classifier, weight: float, reference: ArrayLike | None) -> float:
    """E, in nats; 0 for the plain attack, which has no use for it."""
    if weight < 0:
        raise ValueError(f"the weight of the typicality must be 0 or more, not {weight}")
    if not weight:
        return 0.0
    if not model.has_likelihood:
        raise model._unsupported("has no likelihood", "an attack on it has nothing to stay typical of; use weight 0")
    return float(reference_of(model if reference is None else reference).mean(dtype=np.float64))
