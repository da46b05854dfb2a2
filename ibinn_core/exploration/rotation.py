"""RGB rotation: the paper's way out of the distribution (Section 4.2, Fig. 12)."""

import numpy as np

from .arrays import as_floats, numpy_inside, requantize

PAPER_ANGLE = 0.3 * np.pi


def random_axis(seed: int) -> np.ndarray:
    """A random unit vector in RGB space, uniform over the sphere, ``(3,)``; the same for the same ``seed``.

    Example:
        >>> round(float(np.linalg.norm(ib.exploration.random_axis(seed=7))), 6)
        1.0
    """
    vector = np.random.default_rng(seed).standard_normal(3)
    return vector / np.linalg.norm(vector)


def rotation_matrix(alpha: float, axis) -> np.ndarray:
    """The matrix of a rotation, ``(3, 3)``, by Rodrigues' formula.

    Arguments:
        alpha: angle in radians.
        axis: ``(3,)``, of any length except zero.

    Raises:
        ValueError: for an axis that is not three finite numbers, or all zero, or an angle that is not finite.

    Example:
        >>> turn = ib.exploration.rotation_matrix(2 * np.pi / 3, axis=(1, 1, 1))  # a third of a turn about grey
        >>> np.allclose(turn @ [1, 0, 0], [0, 1, 0])  # from red to green
        True
    """
    axis = np.asarray(axis, dtype=np.float64)
    length = np.linalg.norm(axis)
    if axis.shape != (3,) or not np.isfinite(length) or length == 0:
        raise ValueError("the axis of a rotation must be three finite numbers that are not all zero")
    if not np.isfinite(alpha):
        raise ValueError(f"the angle of a rotation must be finite, not {alpha}")
    x, y, z = axis / length
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(alpha) * cross + (1 - np.cos(alpha)) * cross @ cross


@numpy_inside
def rotate_rgb(x, alpha: float, axis=(1.0, 1.0, 1.0)):
    """Images with the colour of every pixel rotated about mid-grey.

    Arguments:
        x: images, floats over [0, 1], ``(N, 3, H, W)``.
        alpha: angle in radians; 0.3 π in the paper.
        axis: of the rotation in RGB space, ``(3,)``.

    Returns:
        ``(N, 3, H, W)``, clipped to [0, 1] and requantised to 8 bits (pixel centres).

    Raises:
        ValueError: for images of another shape or dtype, and as :func:`rotation_matrix` does.

    Example:
        >>> red = ib.to_unit(np.full((1, 32, 32, 3), [255, 0, 0], dtype=np.uint8))
        >>> turned = ib.exploration.rotate_rgb(red, 2 * np.pi / 3)  # a third of a turn about the grey axis
        >>> ib.to_uint8(turned)[0, 0, 0].tolist()
        [0, 255, 0]
    """
    x = as_floats(x, 4, "images")
    if x.shape[1] != 3:
        raise ValueError(f"an RGB rotation needs images of shape (N, 3, H, W), not {x.shape}")
    rotated = np.einsum("ij,njhw->nihw", rotation_matrix(alpha, axis), x - 0.5) + 0.5
    return requantize(rotated).astype(x.dtype)
