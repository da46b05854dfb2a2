r"""Moves of a latent to another class, in closed form.

Along a straight line :math:`z + \alpha d` all scores

.. math::
    s_k(z) = z^T \mu_k - \tfrac12 \|\mu_k\|^2 + w_k

are linear in α. A step d changes the lead of the target b over the class r by :math:`g_r = d^T (\mu_b - \mu_r)`. No
class is ahead of b from

.. math::
    \alpha^* = \max\Bigl(0, \max_{r: g_r > 0} \frac{s_r - s_b}{g_r}\Bigr)
    \quad\text{to}\quad \min_{r: g_r < 0} \frac{s_r - s_b}{g_r} .

If the first number is larger than the second, or if an :math:`s_r` with :math:`g_r = 0` is ahead of :math:`s_b`, b
never leads. A class that is behind b at the start may overtake b before b has overtaken all other classes.

The direction is that of ECINN (Hvilshøj, Iosifidis and Assent 2021, *ECINN: Efficient Counterfactuals from Invertible
Neural Networks*): :math:`d = m_b - m_a`, between the empirical centres of the classes' latents. Here a is the class of
the latent. ECINN goes to :math:`0.8 + 0.5\,\alpha_0` instead of α*. At :math:`\alpha_0`, b overtakes a.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .arrays import as_floats, class_numbers, to_numpy

_ROUNDING = 1e-12  # a smaller gain, relative to the largest, counts as 0


@dataclass(frozen=True, eq=False)
class Counterfactual:
    """Where the posterior of latents flips. All values are arrays or tensors like the latents.

    Attributes:
        alpha: α*, ``(N,)``: the share of the way between the centres where the target takes the lead. 0 means that the
            target leads at the start, infinity that it never leads.
        until: the α from which another class leads again, ``(N,)``; mostly infinite, and NaN if α* is infinite.
        z: the latents at α*, ``(N, D)``; NaN if α* is infinite. At an α* above 0, the target ties with another class.
        direction: from the centre of the latent's class to the target's centre, ``(N, D)``; 0 for the same class.
        source: the class that the model gives to each latent, ``(N,)`` integers.
    """

    alpha: Any
    until: Any
    z: Any
    direction: Any
    source: Any

    def at(self, factor: float) -> Any:  # an array or a tensor
        """The latents at ``factor`` times α*, ``(N, D)``: beyond the flip for factors above 1, NaN for infinite α*."""
        if not isinstance(factor, (int, float, np.integer, np.floating)) or not np.isfinite(factor):
            raise ValueError(f"the factor must be one finite number, not {factor!r}")
        with np.errstate(invalid="ignore"):  # α* may be infinite
            return self.z + ((factor - 1) * self.alpha)[:, None] * self.direction


def counterfactual(model: Any, z: Any, target: Any) -> Counterfactual:  # a model, arrays or tensors
    """Where the posterior of latents flips on the way to another class (equations: this module).

    The flip is exact in latent space; the clipped image may need more than α* (``docs/ib-inns.md``).

    Arguments:
        model: a :class:`ibinn_core.GenerativeClassifier`.
        z: latents, ``(N, D)``.
        target: the class to reach, as a name or an integer in 0..K-1; or a class for each latent, ``(N,)``.

    Raises:
        ValueError: for a model without a mixture, latents of another shape or type, or a target that is not a class.

    Example:
        >>> model, x = ib.load("gamma-1"), ib.to_unit(ib.data.sample()[0][:4])
        >>> found = ib.exploration.counterfactual(model, model.encode(x), target=9)
        >>> bool((model.mixture.log_posterior(found.at(1.5)).argmax(1) == 9).all())
        True
    """
    if not getattr(model, "has_likelihood", False):
        raise ValueError("a counterfactual needs a model with a mixture in latent space")
    points, means = as_floats(to_numpy(z), 2, "latents"), _exact(model.class_means)
    if points.shape[1] != means.shape[1]:
        raise ValueError(f"the model has latents of {means.shape[1]} dimensions, not of the shape {points.shape}")
    found = means if model.empirical_class_means is None else _exact(model.empirical_class_means)
    centers = np.where(np.isfinite(found), found, means)  # a class without images has no empirical mean
    wanted = _targets(class_numbers(target, getattr(model, "dataset", None)), len(points), len(means))
    exact, rows = points.astype(np.float64), np.arange(len(points))
    scores = exact @ means.T - np.square(means).sum(1) / 2 + _exact(model.mixture.log_weights)
    source = np.where(scores[rows, wanted] == scores.max(1), wanted, scores.argmax(1))
    direction = centers[wanted] - centers[source]
    alpha, until = on_top(scores, direction @ means.T, wanted)
    step = np.where(np.isfinite(alpha), alpha, np.nan)
    results = (alpha, until, exact + step[:, None] * direction, direction)
    alpha, until, flipped, direction = (_like(z, points, values) for values in results)
    source = z.new_tensor(source).long() if hasattr(z, "new_tensor") else source
    return Counterfactual(alpha, until, flipped, direction, source)


def on_top(scores: np.ndarray, gains: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The first and last α, ``(N,)`` each, at which no class is ahead of the wanted class, for scores linear in α.

    If the wanted class never leads, the first is infinite and the last is NaN. If no class overtakes it again, the last
    is infinite. ``scores`` are the scores at α = 0 and ``gains`` their changes by a step of 1, both ``(N, K)``.
    ``wanted`` are integers ``(N,)``.
    """
    rows = np.arange(len(scores))
    behind = scores - scores[rows, wanted][:, None]  # how far the target is behind each class
    gain = gains[rows, wanted][:, None] - gains
    gain[np.abs(gain) <= _ROUNDING * np.abs(gains).max(1, keepdims=True)] = 0.0
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        meets = behind / gain
    alpha = np.where(gain > 0, meets, 0.0).max(1, initial=0.0)
    until = np.where(gain < 0, meets, np.inf).min(1, initial=np.inf)
    never = ((gain == 0) & (behind > 0)).any(1) | (alpha > until)
    return np.where(never, np.inf, alpha), np.where(never, np.nan, until)


def _exact(values: Any) -> np.ndarray:  # the values may be a tensor of a model
    return np.asarray(to_numpy(values), np.float64)


def _targets(target: object, count: int, num_classes: int) -> np.ndarray:
    found = np.asarray(to_numpy(target))
    if found.dtype.kind not in "iu" or found.shape not in ((), (count,)):
        raise ValueError(f"the target class must be a name or an integer, or one for each of the {count} latents")
    if ((found < 0) | (found >= num_classes)).any():
        raise ValueError(f"the target class must be from 0 to {num_classes - 1}")
    return np.broadcast_to(found, (count,)).astype(np.int64)


def _like(z: Any, points: np.ndarray, values: ArrayLike) -> Any:
    """Converts values to the type of the latents ``z``, whose numbers are ``points``."""
    if hasattr(z, "new_tensor"):
        return z.new_tensor(values)
    is_half = getattr(z, "dtype", None) == np.float16
    return np.asarray(values).astype(np.float16 if is_half else points.dtype)
