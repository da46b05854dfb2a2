"""Paths through latent space and pixel space: functions of arrays.

Functions of images, latents or likelihoods take NumPy arrays or torch tensors, and return the type of their first
argument, except that views (:class:`Basis`) and a model's :class:`Styles` always hold NumPy arrays. No function needs a
model, though :func:`counterfactual` takes one in place of its classes.

==================  ==================================================================================
``interpolation``   walks from latent to latent
``style``           the class part of a latent, and everything else: moves that change no posterior
``counterfactual``  where a latent is taken for another class
``attributes``      what can be measured on an image
``projection``      linear views
``rotation``        of colours, and in the plane
``corruption``      noise and blending
``typicality``      how far a likelihood is from that of typical images
==================  ==================================================================================
"""

from .attributes import attributes
from .corruption import add_gaussian_noise, add_uniform_noise, blend
from .counterfactual import Counterfactual, LatentClasses, counterfactual
from .interpolation import interpolate
from .projection import Basis, align, plane_of_means, principal_components, project
from .rotation import random_axis, rotate_in_plane, rotate_rgb, rotation_matrix
from .style import Styles, class_span, style_components, style_direction, transplant
from .typicality import TYPICAL, typicality, typicality_p_value, typicality_threshold

__all__ = [
    "TYPICAL",
    "Basis",
    "Counterfactual",
    "LatentClasses",
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
    "typicality",
    "typicality_p_value",
    "typicality_threshold",
]
