r"""What a latent would have to be for another class: the closed form along the centres, and the smallest move of all.

Along a straight line :math:`z + \alpha d` all scores

.. math::
    s_k(z) = z^T \mu_k - \tfrac12 \|\mu_k\|^2 + w_k

are linear in α. The target b gains on the class r by :math:`g_r = d^T (\mu_b - \mu_r)` a step. No class is ahead of b
from

.. math::
    \alpha^* = \max\Bigl(0, \max_{r: g_r > 0} \frac{s_r - s_b}{g_r}\Bigr)
    \quad\text{to}\quad \min_{r: g_r < 0} \frac{s_r - s_b}{g_r},

and nowhere if the first is larger than the second, or if an :math:`s_r` with :math:`g_r = 0` is ahead of
:math:`s_b`. It is not enough to ask who is ahead at the start: a class that is behind b there may overtake it before b
has overtaken all others.

The direction from the class a that the latent is in is that of ECINN (Hvilshøj, Iosifidis and Assent 2021, *ECINN:
Efficient Counterfactuals from Invertible Neural Networks*): :math:`d = m_b - m_a`, between the empirical centres of the
classes' latents. They go a fixed :math:`0.8 + 0.5\,\alpha_0` along it, with :math:`\alpha_0` where b overtakes a, in
place of α* where it has overtaken all.

The smallest move is another one. The target's cell, the latents where no class is ahead of it, is an intersection of
K - 1 half-spaces, :math:`(\mu_b - \mu_r)^T z \ge c_r`; its nearest point to z differs from z in the class part alone
(:func:`.class_span`), and is found exactly, by an active set of half-spaces in the dual (Goldfarb and Idnani 1983, *A
numerically stable dual method for solving strictly convex quadratic programs*).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from .arrays import as_floats, to_numpy
from .style import span_of

_ROUNDING = 1e-12  # relative: what is nearer to a plane lies on it
_MOST_STEPS = 50  # of the search for the nearest point, for each class


class LatentClasses(NamedTuple):
    """A model's classes in latent space, as arrays; what :func:`counterfactual` needs of it.

    Attributes:
        means: μ_y of the mixture, ``(K, D)``.
        log_weights: w_y, ``(K,)``; ``None`` if all are alike.
        centers: empirical class means of training images' latents, ``(K, D)``, with NaN for a class without images;
            ``None`` for the μ_y themselves.
    """

    means: Any
    log_weights: Any = None
    centers: Any = None


@dataclass(frozen=True, eq=False)
class Counterfactual:
    """Where latents are taken for another class; arrays of the type of the latents, or tensors if these are.

    Attributes:
        alpha: α*, ``(N,)``: how much of the way from centre to centre it takes until no class is ahead of the target;
            0 for a latent that is in the target's cell, infinite where there is no such α.
        until: the α from which on another class is ahead again, ``(N,)``; mostly infinite, NaN where α* is infinite.
        z: the latents at α*, ``(N, D)``: there the target and one other class have the same score; NaN where there is
            none.
        direction: from centre to centre, ``(N, D)``; 0 for a latent that is in the target's class.
        source: the class that each latent is in, ``(N,)`` integers.
        nearest: the latents that are nearest to the given ones among all of the target's cell, ``(N, D)``; NaN where
            the cell is empty, as it can be for means that span fewer than K - 1 dimensions.
        distance: how far these are, ``(N,)``, in the unit of latent space, the deviation of the mixture's classes.
    """

    alpha: Any
    until: Any
    z: Any
    direction: Any
    source: Any
    nearest: Any
    distance: Any

    def at(self, factor: float) -> Any:  # an array or a tensor
        """The latents at ``factor`` times α*, ``(N, D)``: beyond the flip if it is above 1; NaN where there is none.

        Raises:
            ValueError: for a factor that is no finite number.
        """
        if not isinstance(factor, (int, float, np.integer, np.floating)) or not np.isfinite(factor):
            raise ValueError(f"the factor must be one finite number, not {factor!r}")
        with np.errstate(invalid="ignore"):  # where there is none
            return self.z + ((factor - 1) * self.alpha)[:, None] * self.direction


def counterfactual(model: Any, z: Any, target: Any) -> Counterfactual:  # a model or LatentClasses
    """Where latents would be taken for another class: along the line between the centres, and nearest of all.

    See this module's text for the equations. What the results decode to is another question: a flip of the posterior is
    exact in latent space, and may need more than α* to be seen in the image (``docs/moves.md`` has measurements).

    Arguments:
        model: a :class:`ibinn_core.GenerativeClassifier`, or its classes as :class:`LatentClasses`.
        z: latents, ``(N, D)``.
        target: the class to get to, an integer in 0..K-1, or one for each latent, ``(N,)``.

    Raises:
        ValueError: for arrays of other shapes or types, or a target that is no class.

    Example:
        >>> model, x = ib.load("gamma-1"), ib.to_unit(ib.data.sample()[0][:4])
        >>> found = ib.exploration.counterfactual(model, model.encode(x), target=9)
        >>> first, second = model.mixture.log_posterior(found.z).topk(2, 1).values.T
        >>> torch.allclose(first, second, atol=1e-3)  # at the flip two classes are equally probable
        True
        >>> bool((model.mixture.log_posterior(found.at(1.5)).argmax(1) == 9).all())
        True
        >>> bool((found.distance <= found.alpha * found.direction.norm(dim=1)).all())  # the smallest move is smaller
        True
    """
    classes = model if isinstance(model, LatentClasses) else _classes_of(model)
    points = as_floats(to_numpy(z), 2, "latents")
    means, log_weights, centers = _checked(classes, points.shape[1])
    wanted = _targets(target, len(points), len(means))
    exact, rows = points.astype(np.float64), np.arange(len(points))
    scores = exact @ means.T - np.square(means).sum(1) / 2 + log_weights
    source = np.where(scores[rows, wanted] == scores.max(1), wanted, scores.argmax(1))
    direction = centers[wanted] - centers[source]
    alpha, until = on_top(scores, direction @ means.T, wanted)
    step = np.where(np.isfinite(alpha), alpha, np.nan)
    nearest, distance = _nearest(exact, scores, means, wanted)
    results = {
        "alpha": alpha,
        "until": until,
        "z": exact + step[:, None] * direction,
        "direction": direction,
        "nearest": nearest,
        "distance": distance,
    }
    like = {name: _like(z, points, values) for name, values in results.items()}
    return Counterfactual(source=source if not hasattr(z, "new_tensor") else z.new_tensor(source).long(), **like)


def on_top(scores: np.ndarray, gains: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """From which α to which no class is ahead of the wanted one on straight lines, ``(N,)`` each.

    Infinite and NaN where there is no such α; the second is infinite where nothing overtakes the wanted class again.

    Arguments:
        scores: at α = 0, ``(N, K)``.
        gains: what each class gains by a step along the line, ``(N, K)``.
        wanted: the classes, ``(N,)`` integers.

    Example:
        >>> from ibinn_core.exploration.counterfactual import on_top
        >>> gains = np.array([[0.0, 1.0, 3.0]])  # the last class gains most, and overtakes the second at 1.5
        >>> on_top(np.array([[0.0, -1.0, -4.0]]), gains, np.array([1]))
        (array([1.]), array([1.5]))
        >>> on_top(np.array([[0.0, -1.0, -2.0]]), gains, np.array([1]))  # before it has overtaken the first
        (array([inf]), array([nan]))
    """
    rows = np.arange(len(scores))
    behind = scores - scores[rows, wanted][:, None]  # by how much the target is behind each class
    gain = gains[rows, wanted][:, None] - gains
    gain[np.abs(gain) <= _ROUNDING * np.abs(gains).max(1, keepdims=True)] = 0.0
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        meets = behind / gain
    alpha = np.where(gain > 0, meets, 0.0).max(1, initial=0.0)
    until = np.where(gain < 0, meets, np.inf).min(1, initial=np.inf)
    never = ((gain == 0) & (behind > 0)).any(1) | (alpha > until)
    return np.where(never, np.inf, alpha), np.where(never, np.nan, until)


def _classes_of(model: Any) -> LatentClasses:
    if not getattr(model, "has_likelihood", False):
        raise ValueError("a counterfactual needs a model with a mixture in latent space, or LatentClasses")
    return LatentClasses(model.class_means, model.mixture.log_weights, model.empirical_class_means)


def _checked(classes: LatentClasses, dims: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Means, log-weights and centres in float64."""
    means = as_floats(to_numpy(classes.means), 2, "class means").astype(np.float64)
    if means.shape[1] != dims or not len(means):
        raise ValueError(f"latents of {dims} dimensions need class means of as many, not of the shape {means.shape}")
    weights = np.zeros(len(means)) if classes.log_weights is None else to_numpy(classes.log_weights)
    weights = as_floats(weights, 1, "the log-weights of classes").astype(np.float64)
    centers = means
    if classes.centers is not None:
        given = np.asarray(to_numpy(classes.centers))
        centers = np.where(np.isfinite(given), given, means) if given.shape == means.shape else given
        centers = as_floats(centers, 2, "the centres of classes").astype(np.float64)
    if weights.shape != means.shape[:1] or centers.shape != means.shape:
        raise ValueError(f"there must be a weight and a centre for each of the {len(means)} class means")
    return means, weights, centers


def _targets(target: object, count: int, num_classes: int) -> np.ndarray:
    found = np.asarray(to_numpy(target))
    if found.dtype.kind not in "iu" or found.shape not in ((), (count,)):
        raise ValueError(f"the target must be an integer, or one for each of the {count} latents")
    if ((found < 0) | (found >= num_classes)).any():
        raise ValueError(f"the target must be a class, from 0 to {num_classes - 1}")
    return np.broadcast_to(found, (count,)).astype(np.int64)


def _nearest(z: np.ndarray, scores: np.ndarray, means: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The points of the wanted classes' cells that are nearest to ``z`` (N, D), and how far they are, ``(N,)``."""
    span = span_of(means)
    inside = (means - means.mean(0)) @ span.T
    moves = np.zeros((len(z), len(span)))
    for one in np.unique(wanted):
        others = np.arange(len(means)) != one
        normals = inside[one] - inside[others]
        sizes = np.linalg.norm(normals, axis=1)
        for row in np.flatnonzero(wanted == one):
            behind = scores[row, others] - scores[row, one]
            moves[row] = _smallest_move(normals, sizes, behind)
    return z + moves @ span, np.linalg.norm(moves, axis=1)


def _smallest_move(normals: np.ndarray, sizes: np.ndarray, behind: np.ndarray) -> np.ndarray:
    """The shortest x with ``normals @ x >= behind``; NaN if there is none.

    The dual method of Goldfarb and Idnani: it begins with no move at all, and takes in the half-space that is violated
    most until none is. Those in the active set are met with equality, by a combination of their normals with weights
    that are not negative, so that each step is the shortest move into the half-spaces of the set.

    Arguments:
        normals: of the half-spaces, ``(R, P)``.
        sizes: their lengths, ``(R,)``.
        behind: how far each half-space is away, times its normal's length, ``(R,)``.
    """
    move, active, weights = np.zeros(normals.shape[1]), [], np.zeros(0)
    for _ in range(_MOST_STEPS * (len(normals) + 1)):
        lacking = behind - normals @ move
        rounding = _ROUNDING * np.maximum(np.abs(behind), sizes * np.linalg.norm(move))
        depth = np.where(lacking > rounding, lacking, 0.0) / np.maximum(sizes, np.finfo(np.float64).tiny)
        depth[active] = 0.0
        if not depth.any():
            return _onto(normals[active], behind[active]) if active else move
        found = _take_in(normals, behind, move, active, weights, int(depth.argmax()))
        if found is None:
            break
        move, active, weights = found
    return np.full(normals.shape[1], np.nan)


def _take_in(
    normals: np.ndarray, behind: np.ndarray, move: np.ndarray, active: list[int], weights: np.ndarray, new: int
) -> tuple[np.ndarray, list[int], np.ndarray] | None:
    """The active set with a half-space more, and the move into all of it; ``None`` if there is no such move."""
    normal, own = normals[new], 0.0
    while True:
        chosen = normals[active]
        shares = np.linalg.lstsq(chosen.T, normal, rcond=None)[0] if active else np.zeros(0)
        ahead = normal - shares @ chosen  # along which the half-spaces of the set stay met with equality
        closing = ahead @ normal
        is_free = closing > 1e-14 * (normal @ normal)
        full = (behind[new] - normal @ move) / closing if is_free else np.inf
        limits = np.where(shares > 0, weights / np.where(shares > 0, shares, 1), np.inf)
        step = min(full, limits.min(initial=np.inf))
        if step == np.inf:
            return None
        weights, own = weights - step * shares, own + step
        move = move + step * ahead if is_free else move
        if step == full:
            return move, [*active, new], np.append(weights, own)
        leaves = int(limits.argmin())
        active, weights = active[:leaves] + active[leaves + 1 :], np.delete(weights, leaves)


def _onto(normals: np.ndarray, behind: np.ndarray) -> np.ndarray:
    """The shortest x with ``normals @ x = behind``: what many steps would have summed up, without their rounding."""
    return np.linalg.lstsq(normals, behind, rcond=None)[0]


def _like(z: Any, points: np.ndarray, values: ArrayLike) -> Any:
    """Values of the type of the latents ``z``, whose numbers are ``points``."""
    if hasattr(z, "new_tensor"):
        return z.new_tensor(values)
    return np.asarray(values).astype(getattr(z, "dtype", points.dtype))
