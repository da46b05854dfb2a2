"""The numbers of Table 1, measured on whole test sets."""

from .calibration import PAPER_EDGES, Calibration, calibration, top_label_error
from .measure import Measured, encode_images, measure

__all__ = [
    "PAPER_EDGES",
    "Calibration",
    "Measured",
    "calibration",
    "encode_images",
    "measure",
    "top_label_error",
]
