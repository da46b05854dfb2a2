"""The numbers of Table 1, measured on whole test sets."""

from .calibration import PAPER_EDGES, Calibration, calibration, top_label_error
from .measure import Measured, Scores, encode_images, measure, score_images
from .scores import (
    arithmetic_mean,
    cross_information,
    detection_score,
    entropy_increase,
    geometric_mean,
    overconfidence,
    predictive_entropy,
    roc_auc,
)

__all__ = [
    "PAPER_EDGES",
    "Calibration",
    "Measured",
    "Scores",
    "arithmetic_mean",
    "calibration",
    "cross_information",
    "detection_score",
    "encode_images",
    "entropy_increase",
    "geometric_mean",
    "measure",
    "overconfidence",
    "predictive_entropy",
    "roc_auc",
    "score_images",
    "top_label_error",
]
