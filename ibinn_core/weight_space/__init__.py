"""Families of models (``family``), mixed weights of two models (``mixing``), and the file of a curve."""

from ..models.fields import plain_gamma
from .curve import ALIGNMENT, FamilyError, Point
from .family import Family, MixedCheckpoint, family
from .mixing import why_not

__all__ = [
    "ALIGNMENT",
    "Family",
    "FamilyError",
    "MixedCheckpoint",
    "Point",
    "family",
    "plain_gamma",
    "why_not",
]
