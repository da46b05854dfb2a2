"""Linear views of latent space (Fig. 7)."""

from typing import NamedTuple

import numpy as np

from .arrays import as_floats, numpy_inside, to_numpy


class Basis(NamedTuple):
    """An affine view: where its origin lies, and its orthonormal directions.

    Attributes:
        origin: ``(D,)``.
        directions: ``(P, D)``, rows orthonormal.
    """

    origin: np.ndarray
    directions: np.ndarray


def principal_components(points, dims: int) -> Basis:
    """The ``dims`` principal directions of ``points`` (M, D) around their mean, largest variance first.

    A direction's sign is arbitrary; it is chosen so that its largest entry is positive.

    Raises:
        ValueError: for points that are not finite floats, or more dimensions than they span.
    """
    points = as_floats(to_numpy(points), 2, "points")
    if not 0 < dims <= min(points.shape[0] - 1, points.shape[1]):
        raise ValueError(f"{len(points)} points span at most {len(points) - 1} dimensions, not {dims}")
    origin = points.mean(0, dtype=np.float64)
    _, _, directions = np.linalg.svd(points - origin, full_matrices=False)
    directions = directions[:dims]
    largest = np.take_along_axis(directions, np.abs(directions).argmax(1)[:, None], 1)
    return Basis(origin, directions * np.sign(largest))


def plane_of_means(class_means, dims: int = 2) -> Basis:
    """The plane in which the class means (K, D) differ most: Fig. 7. K means span K - 1 dimensions.

    Raises:
        ValueError: as :func:`principal_components` does.
    """
    return principal_components(class_means, dims)


@numpy_inside
def project(z, basis: Basis):
    """Coordinates of latents ``z`` (N, D) in ``basis``, ``(N, P)``.

    Raises:
        ValueError: for latents that are not finite floats, or of another D than the view's.
    """
    z = as_floats(z, 2, "latents")
    origin, directions = (np.asarray(to_numpy(part)) for part in basis)
    if z.shape[1:] != origin.shape:
        raise ValueError(f"latents of {z.shape[1]} dimensions have no place in a view of {origin.size}")
    return ((z - origin) @ directions.T).astype(z.dtype)


@numpy_inside
def align(means_a, means_b):
    """The rotation (or reflection) R, ``(P, P)``, for which ``means_a @ R`` lies closest to ``means_b``.

    Orthogonal Procrustes over class means in two views, each ``(K, P)`` around its own centre, so that
    the same classes stay in the same place when the model changes.

    Raises:
        ValueError: for means that are not finite floats of one shape.
    """
    means_a, means_b = as_floats(means_a, 2, "class means"), as_floats(means_b, 2, "class means")
    if means_a.shape != means_b.shape:
        raise ValueError(f"the two sets of class means must have one shape, not {means_a.shape} and {means_b.shape}")
    from scipy.linalg import orthogonal_procrustes  # which listing checkpoints does not need

    return orthogonal_procrustes(means_a - means_a.mean(0), means_b - means_b.mean(0))[0]
