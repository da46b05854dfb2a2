"""The models of a family at any γ: the weights between two checkpoints.

====================  =======================================================================
``mixing``            a family, and the model at any γ from the weights of its two neighbours
``mixed_checkpoint``  such a model as a checkpoint, with its numbers and its latents
``curve``             what such models are worth, as it is stored beside the checkpoints
``slider``            the same as plain values, for a slider in a browser
====================  =======================================================================
"""

from .curve import ALIGNMENT, NUMBERS, Blend, FamilyError, Place, write_curve
from .mixed_checkpoint import MixedCheckpoint
from .mixing import Family, family, why_not
from .slider import plain_gamma, slider_data

__all__ = [
    "ALIGNMENT",
    "NUMBERS",
    "Blend",
    "Family",
    "FamilyError",
    "MixedCheckpoint",
    "Place",
    "family",
    "plain_gamma",
    "slider_data",
    "why_not",
    "write_curve",
]
