"""Paths through latent space and pixel space: functions of arrays.

Functions of images, latents or likelihoods take NumPy arrays or torch tensors, and return the type of their first
argument, except that views (:class:`Basis`) always hold NumPy arrays. No function needs a model.
"""

from .corruption import add_gaussian_noise, add_uniform_noise, blend
from .interpolation import interpolate
from .projection import Basis, align, plane_of_means, principal_components, project
from .rotation import random_axis, rotate_in_plane, rotate_rgb, rotation_matrix
from .typicality import TYPICAL, typicality, typicality_p_value, typicality_threshold

__all__ = [
    "TYPICAL",
    "Basis",
    "add_gaussian_noise",
    "add_uniform_noise",
    "align",
    "blend",
    "interpolate",
    "plane_of_means",
    "principal_components",
    "project",
    "random_axis",
    "rotate_in_plane",
    "rotate_rgb",
    "rotation_matrix",
    "typicality",
    "typicality_p_value",
    "typicality_threshold",
]
