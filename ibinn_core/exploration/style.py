r"""The class part of a latent and its style.

The posterior of the mixture depends on a latent only through differences of the scores

.. math::
    s_k(z) = z^T \mu_k - \tfrac12 \|\mu_k\|^2 + w_k, \qquad q(y | z) = \mathrm{softmax}_y\, s_y(z)

(Eqs. 2, 53 of the paper: all classes have the covariance 1, so the scores do not contain :math:`\|z\|^2`). Let the rows
of S, at most K - 1, be an orthonormal basis of the span of all :math:`\mu_a - \mu_b`. The *class part* of z is
:math:`S z`. What is orthogonal to the span is *style*: a move along it changes no posterior. This holds for latents,
not for decoded images that are clipped to [0, 1].
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from .arrays import as_count, as_floats, numpy_inside, to_numpy

#: The smallest absolute correlation with which an attribute explains a direction.
EXPLAINS = 0.5

_EXACT = 400  # most rows or columns for which a full singular value decomposition is fast
_NOTHING = 1e-9  # relative length of a vector that is only rounding error


@numpy_inside
def class_span(means: ArrayLike) -> np.ndarray:
    """An orthonormal basis of the span of the class means' differences, ``(K-1, D)``, or fewer rows.

    With K - 1 rows, the basis is the polar factor of the differences in an orthonormal frame of the classes. So it
    depends smoothly on the means ``(K, D)``. Raises a ValueError for means that are not finite floats.
    """
    means = as_floats(means, 2, "class means")
    return span_of(means).astype(means.dtype)


def span_of(means: np.ndarray) -> np.ndarray:
    """Computes :func:`class_span` in float64."""
    if not means.size:
        raise ValueError(f"class means must not be empty; these have the shape {means.shape}")
    if len(means) == 1:
        return np.zeros((0, means.shape[1]))
    scaled = means.astype(np.float64) / max(np.abs(means).max(), np.finfo(np.float64).tiny)
    left, sizes, right = np.linalg.svd(contrasts(len(means)) @ scaled, full_matrices=False)
    rank = int((sizes > _NOTHING).sum())
    return left @ right if rank == len(means) - 1 else right[:rank]


def contrasts(count: int) -> np.ndarray:
    """Returns Helmert's matrix ``(K-1, K)``: orthonormal rows, each orthogonal to a vector of ones."""
    rows = np.tril(np.ones((count, count)), -1)[1:] - np.diag(np.arange(1.0, count), 1)[: count - 1]
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def off_span(vectors: np.ndarray, span: np.ndarray) -> np.ndarray:
    """Removes from vectors ``(..., D)`` their part in a span with orthonormal rows ``(K-1, D)``."""
    for _ in range(2):  # the second pass removes the first one's rounding error
        vectors = vectors - (vectors @ span.T) @ span
    return vectors


@numpy_inside
def style_direction(
    z: ArrayLike, attribute: ArrayLike, means: ArrayLike, labels: ArrayLike | None = None
) -> np.ndarray:
    r"""The direction in latent space that changes an attribute and no posterior, ``(D,)``.

    The direction is the covariance of latents and attribute off the span of the class means (:func:`class_span`):

    .. math::
        v = (1 - S^T S) \frac1N \sum_i (a_i - \bar a)\, z_i.

    Its length is such that one step changes the attribute by one standard deviation, by linear regression of the
    attribute on :math:`v^T z`. The attribute may also be 1 for images with a property and 0 for others.

    Arguments:
        z: latents of training images, ``(N, D)``, at least two.
        attribute: an attribute of the same images, ``(N,)``, such as one of :func:`.attributes`.
        means: μ_y, ``(K, D)``.
        labels: classes of the images, integers ``(N,)``, to compare only images of a class; ``None`` compares all.

    Raises:
        ValueError: for arrays of other shapes or types, and an attribute that is constant or depends on the class part
            alone.
    """
    z, means = as_floats(z, 2, "latents"), as_floats(means, 2, "class means")
    values = _as_values(attribute, len(z), "an attribute")
    _check_dims(z, means)
    groups = np.zeros(len(z), int) if labels is None else _as_labels(labels, len(z))
    centred = values - _averages(values, groups)[groups]
    deviation = np.sqrt(np.square(centred).mean())
    if not deviation > _NOTHING * max(np.abs(values).max(), np.finfo(np.float64).tiny):
        raise ValueError("the attribute is the same for all of these latents, so that no direction changes it")
    # Since the attribute is centred, centring the latents would change nothing.
    covariance = (centred.astype(z.dtype) @ z).astype(np.float64) / len(z)
    direction = off_span(covariance, span_of(means))
    length = np.linalg.norm(direction)
    if not length > _NOTHING * np.linalg.norm(covariance):
        raise ValueError("the attribute depends only on the class part of these latents, so no style changes it")
    unit = direction / length
    along = z @ unit.astype(z.dtype)
    along = along - _averages(along, groups)[groups]
    # cov(uᵀz, a) = |direction|, so the slope of the regression of the attribute on uᵀz is |direction| / var(uᵀz).
    return (unit * deviation * np.square(along, dtype=np.float64).mean() / length).astype(z.dtype)


@numpy_inside
def style_components(z: ArrayLike, labels: ArrayLike, means: ArrayLike, dims: int = 6) -> np.ndarray:
    """The directions in which latents vary most within their classes and off the span of the class means, ``(P, D)``.

    The directions are orthogonal and sorted by falling variance. The length of each is the latents' deviation along it.
    Its entry of largest absolute value is positive. See :func:`style_direction` for latents and means; labels are
    integers ``(N,)``. ``dims`` is P, at least 1, less than N and D. Other arguments raise a ValueError.
    """
    z, means = as_floats(z, 2, "latents"), as_floats(means, 2, "class means")
    _check_dims(z, means)
    groups = _as_labels(labels, len(z))
    dims = as_count(dims, 1, "the number of directions")
    if not dims < min(z.shape):
        raise ValueError(f"{len(z)} latents of {z.shape[1]} dimensions have fewer than {dims} directions of style")
    span = span_of(means)
    # Keeps the latents' precision, since there may be ten thousand latents with thousands of dimensions.
    centred = z - np.stack([z[groups == k].mean(0) for k in range(groups.max() + 1)])[groups]
    centred -= (centred @ span.T.astype(z.dtype)) @ span.astype(z.dtype)
    sizes, directions = _leading(centred, dims)
    directions = off_span(directions.astype(np.float64), span)
    largest = np.take_along_axis(directions, np.abs(directions).argmax(1)[:, None], 1)
    return (directions * np.where(largest < 0, -1, 1) * sizes[:, None] / np.sqrt(len(z))).astype(z.dtype)


def _leading(values: np.ndarray, dims: int) -> tuple[np.ndarray, np.ndarray]:
    """Computes the largest singular values ``(dims,)`` and their right vectors ``(dims, D)``."""
    if min(values.shape) <= _EXACT or not 0 < dims < min(values.shape):
        _, sizes, directions = np.linalg.svd(values, full_matrices=False)
        return sizes[:dims], directions[:dims]
    from scipy.sparse.linalg import svds  # not needed for listing checkpoints

    start = np.random.default_rng(0).standard_normal(min(values.shape)).astype(values.dtype)
    _, sizes, directions = svds(values, k=dims, v0=start)
    order = np.argsort(-sizes)
    return sizes[order], np.asarray(directions)[order]


class Styles(NamedTuple):
    """The directions of style of a model: A for measured attributes, then P principal directions.

    Attributes:
        attributes: names of the A attributes (:func:`.attributes`).
        directions: ``(A + P, D)`` float32, off the span of the class means. A step along one of the first A changes its
            attribute in the decoded image by about one standard deviation; the last P are :func:`style_components`.
        correlations: correlation of the coordinate along each direction with each attribute, within classes,
            ``(A + P, A)``; the directions were found on other images.
        responses: change of each attribute of the decoded image by a step along each direction, in standard deviations,
            ``(A + P, A)``.
        deviations: standard deviation of each attribute over the training images, ``(A,)``.
    """

    attributes: tuple[str, ...]
    directions: np.ndarray
    correlations: np.ndarray
    responses: np.ndarray
    deviations: np.ndarray

    @property
    def explanations(self) -> tuple[str | None, ...]:
        """The attribute that explains each direction: its own, else the most correlated (0.5 or more), or ``None``."""
        rest = self.correlations[len(self.attributes) :]
        if not self.attributes:
            return (None,) * len(rest)
        best = np.abs(rest).argmax(1)
        is_enough = np.abs(rest).max(1) >= EXPLAINS
        found = (self.attributes[i] if enough else None for i, enough in zip(best, is_enough, strict=True))
        return (*self.attributes, *found)

    @property
    def names(self) -> tuple[str, ...]:
        """The attributes' names, then ``"principal 1"`` and so on."""
        count = len(self.directions) - len(self.attributes)
        return (*self.attributes, *(f"principal {number + 1}" for number in range(count)))

    def off_span(self, means: np.ndarray) -> Styles:
        """The same styles, but orthogonal to the span of other class means, up to rounding in float32."""
        exact = off_span(self.directions.astype(np.float64), span_of(means))
        return self._replace(directions=exact.astype(np.float32))


def mix_styles(one: Styles, other: Styles, share: float) -> Styles:
    """Interpolates styles of two models with the same attributes: (1 - ``share``) of ``one``, ``share`` of ``other``.

    Principal directions are paired by how well they agree, whatever their order and sign.
    """
    if one.attributes != other.attributes:
        raise ValueError(f"the two styles have different attributes: {one.attributes} and {other.attributes}")
    first, second = _paired(one, other)
    mixed = {
        name: (1 - share) * np.asarray(getattr(first, name), np.float64) + share * getattr(second, name)
        for name in Styles._fields[1:]
    }
    lengths = [np.linalg.norm(styles.directions.astype(np.float64), axis=1) for styles in (first, second)]
    between = (1 - share) * lengths[0] + share * lengths[1]
    found = np.maximum(np.linalg.norm(mixed["directions"], axis=1), np.finfo(np.float64).tiny)
    mixed["directions"] *= (between / found)[:, None]
    return Styles(one.attributes, **{name: values.astype(np.float32) for name, values in mixed.items()})


def _paired(one: Styles, other: Styles) -> tuple[Styles, Styles]:
    """Pairs the principal directions of two styles: equally many in both, with matching signs."""
    from scipy.optimize import linear_sum_assignment  # not needed for listing checkpoints

    count = len(one.attributes)
    agreement = one.directions[count:].astype(np.float64) @ other.directions[count:].T
    pairs = linear_sum_assignment(-np.abs(agreement))
    signs = np.concatenate([np.ones(count), np.where(agreement[pairs] < 0, -1.0, 1.0)])[:, None]
    first, second = ([*range(count), *(count + rows)] for rows in pairs)
    of_rows = ("directions", "correlations", "responses")
    return (
        one._replace(**{name: getattr(one, name)[first] for name in of_rows}),
        other._replace(**{name: signs * getattr(other, name)[second] for name in of_rows}),
    )


@numpy_inside
def transplant(z: ArrayLike, other: ArrayLike, means: ArrayLike) -> np.ndarray:
    r"""Latents with the class part of other latents: :math:`z + S^T S (z' - z)`, ``(N, D)``.

    Their posterior is that of ``other``, and their style is that of ``z``.

    Arguments:
        z: latents that give the style, ``(N, D)``.
        other: latents that give the class part, ``(N, D)``, or one latent for all, ``(D,)``.
        means: μ_y, ``(K, D)``.

    Raises:
        ValueError: for arrays of other shapes or types.
    """
    z, means = as_floats(z, 2, "latents"), as_floats(means, 2, "class means")
    other = as_floats(other, 1 if np.ndim(other) == 1 else 2, "the other latents")
    _check_dims(z, means)
    if other.shape not in (z.shape, z.shape[1:]):
        raise ValueError(f"there must be one other latent, or one for each latent, not {other.shape} for {z.shape}")
    span = span_of(means)
    return (z + ((other.astype(np.float64) - z) @ span.T) @ span).astype(z.dtype)


def _check_dims(z: np.ndarray, means: np.ndarray) -> None:
    if z.shape[1] != means.shape[1]:
        raise ValueError(
            f"latents and class means must have the same number of dimensions, not {z.shape} and {means.shape}"
        )


def _as_values(values: object, count: int, what: str) -> np.ndarray:
    """Converts values to finite float64 ``(count,)``; integers and booleans are allowed."""
    found = to_numpy(np.asarray(values))
    if found.dtype.kind in "biu":
        found = found.astype(np.float64)
    found = as_floats(found, 1, what).astype(np.float64)
    if len(found) != count or count < 2:
        raise ValueError(f"{what} must have a value for each of at least two latents, not {len(found)} for {count}")
    return found


def _as_labels(labels: object, count: int) -> np.ndarray:
    """Converts labels to integers ``(count,)``, numbered from 0 without gaps."""
    found = np.asarray(to_numpy(labels))
    if found.shape != (count,) or found.dtype.kind not in "iu" or not count:
        raise ValueError(
            f"labels must be integers, one for each of the {count} latents, not {found.dtype} {found.shape}"
        )
    return np.unique(found, return_inverse=True)[1].reshape(count)


def _averages(values: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Computes the mean of each group's values."""
    return np.bincount(groups, values) / np.bincount(groups)
