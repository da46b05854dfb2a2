"""Walks through latent space and pixel space: arrays in, arrays out.

Every function takes NumPy arrays or torch tensors and returns what it was given; none needs a model.
"""

from .interpolation import interpolate
from .projection import Basis, align, plane_of_means, principal_components, project
from .rotation import random_axis, rotate_rgb, rotation_matrix
from .typicality import typicality, typicality_threshold

__all__ = [
    "Basis",
    "align",
    "interpolate",
    "plane_of_means",
    "principal_components",
    "project",
    "random_axis",
    "rotate_rgb",
    "rotation_matrix",
    "typicality",
    "typicality_threshold",
]
