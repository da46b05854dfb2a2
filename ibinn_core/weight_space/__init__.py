"""The models of a family at any γ, with weights between two checkpoints (``mixing``), and their measured ``curve``."""

from .curve import ALIGNMENT, NUMBERS, Curve, FamilyError, Point, plain_gamma, write_curve
from .mixing import Family, MixedCheckpoint, family, why_not

__all__ = [
    "ALIGNMENT",
    "NUMBERS",
    "Curve",
    "Family",
    "FamilyError",
    "MixedCheckpoint",
    "Point",
    "family",
    "plain_gamma",
    "why_not",
    "write_curve",
]
