"""Walks, moves, attributes, projections, corruptions and typicality: functions of arrays.

Functions of images, latents or likelihoods take NumPy arrays or torch tensors, and return the same kind on the same
device. Views (:class:`Basis`) and a model's :class:`Styles` always hold NumPy arrays.
"""

from .attributes import attributes
from .corruption import (
    add_gaussian_noise,
    add_uniform_noise,
    blend,
    random_axis,
    rotate_in_plane,
    rotate_rgb,
    rotation_matrix,
)
from .counterfactual import Counterfactual, counterfactual
from .interpolation import interpolate
from .projection import Basis, align, plane_of_means, principal_components, project
from .style import Styles, class_span, style_components, style_direction, transplant
from .typicality import TYPICAL, typical_range, typicality, typicality_p_value, typicality_threshold

__all__ = [
    "TYPICAL",
    "Basis",
    "Counterfactual",
    "Styles",
    "add_gaussian_noise",
    "add_uniform_noise",
    "align",
    "attributes",
    "blend",
    "class_span",
    "counterfactual",
    "interpolate",
    "plane_of_means",
    "principal_components",
    "project",
    "random_axis",
    "rotate_in_plane",
    "rotate_rgb",
    "rotation_matrix",
    "style_components",
    "style_direction",
    "transplant",
    "typical_range",
    "typicality",
    "typicality_p_value",
    "typicality_threshold",
]
