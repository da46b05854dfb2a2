"""Linear views of latent space (Fig. 7)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from .arrays import as_count, as_floats, numpy_inside, to_numpy


class Basis(NamedTuple):
    """A linear view of latent space: an origin ``(D,)``, and directions ``(P, D)`` with orthonormal rows."""

    origin: np.ndarray
    directions: np.ndarray


def principal_components(points: ArrayLike, dims: int) -> Basis:
    """The P = ``dims`` principal directions of points ``(M, D)`` around their mean, largest variance first.

    The entry of largest absolute value in a direction is positive. Raises a ValueError if the points are not finite
    floats, or if P is larger than M - 1 or D.
    """
    points = as_floats(to_numpy(points), 2, "points")
    dims = as_count(dims, 1, "the number of directions")
    if not dims <= min(points.shape[0] - 1, points.shape[1]):
        raise ValueError(f"{len(points)} points of {points.shape[1]} dimensions have fewer than {dims} directions")
    origin = points.mean(0, dtype=np.float64)
    centred = points - origin
    if not np.isfinite(np.square(centred, dtype=np.float64).sum()):
        raise ValueError("the points lie too far apart to compute with: scale them down")
    _, _, directions = np.linalg.svd(centred, full_matrices=False)
    directions = directions[:dims]
    largest = np.take_along_axis(directions, np.abs(directions).argmax(1)[:, None], 1)
    return Basis(origin, directions * np.sign(largest))


def plane_of_means(class_means: ArrayLike, dims: int = 2) -> Basis:
    """The plane in which the class means ``(K, D)`` differ most (Fig. 7): their :func:`principal_components`."""
    return principal_components(class_means, dims)


@numpy_inside
def project(z: ArrayLike, basis: Basis) -> np.ndarray:
    """Coordinates of latents in a view, ``(N, P)``.

    Raises a ValueError if the latents are not finite floats ``(N, D)``, or have another D than the view.

    Example:
        >>> z = np.random.default_rng(0).normal(size=(5, 3))
        >>> basis = ib.exploration.principal_components(z, dims=3)
        >>> coordinates = ib.exploration.project(z, basis)
        >>> np.allclose(basis.origin + coordinates @ basis.directions, z)  # with all D directions nothing is lost
        True
    """
    z = as_floats(z, 2, "latents")
    origin = as_floats(to_numpy(basis[0]), 1, "origins")
    directions = as_floats(to_numpy(basis[1]), 2, "directions")
    if directions.shape[1:] != origin.shape:
        raise ValueError(f"directions of shape {directions.shape} need an origin of equal length, not {origin.shape}")
    if z.shape[1:] != origin.shape:
        raise ValueError(f"latents of {z.shape[1]} dimensions do not fit a view of {origin.size} dimensions")
    return ((z - origin) @ directions.T).astype(z.dtype)


@numpy_inside
def align(means_a: ArrayLike, means_b: ArrayLike) -> np.ndarray:
    """The rotation (or reflection) R, ``(P, P)``, for which ``means_a @ R`` is closest to ``means_b``.

    This is orthogonal Procrustes over the class means ``(K, P)`` in two views, each around its own centre. With R,
    classes keep their places when the model changes. If P ≥ K, several R are equally close, and rounding chooses one.
    Raises a ValueError if the means are not finite floats of one shape.

    Example:
        >>> means = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 3.0]])
        >>> quarter_turn = np.array([[0.0, 1.0], [-1.0, 0.0]])
        >>> np.allclose(ib.exploration.align(means, means @ quarter_turn), quarter_turn)
        True
    """
    means_a = as_floats(means_a, 2, "class means")
    means_b = as_floats(means_b, 2, "class means")
    if means_a.shape != means_b.shape:
        raise ValueError(
            f"the two sets of class means must have the same shape, not {means_a.shape} and {means_b.shape}"
        )
    if not means_a.size:
        raise ValueError(f"class means to align must not be empty; these have the shape {means_a.shape}")
    from scipy.linalg import orthogonal_procrustes  # not needed for listing checkpoints

    # The rotation does not depend on scale, so avoid products that overflow or underflow.
    centred = [means - means.mean(0) for means in (means_a.astype(np.float64), means_b.astype(np.float64))]
    one, other = (means / size if (size := np.abs(means).max()) else means for means in centred)
    if not (np.isfinite(one).all() and np.isfinite(other).all()):
        raise ValueError("the class means lie too far apart to compute with: scale them down")
    return orthogonal_procrustes(one, other)[0].astype(means_a.dtype)
