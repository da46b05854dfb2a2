"""The numbers of Table 1, measured on whole test sets."""

from .calibration import (
    PAPER_EDGES,
    Calibration,
    Reliability,
    calibration,
    reliability,
    top_label_error,
    top_label_reliability,
)
from .measure import Measured, Scores, encode_images, measure, score_images
from .midpoints import midpoint_bits, midpoints, pairs_of_classes
from .scores import (
    arithmetic_mean,
    cross_information,
    detection_curve,
    detection_score,
    entropy_increase,
    geometric_mean,
    overconfidence,
    predictive_entropy,
    roc_auc,
    roc_curve,
)

__all__ = [
    "PAPER_EDGES",
    "Calibration",
    "Measured",
    "Reliability",
    "Scores",
    "arithmetic_mean",
    "calibration",
    "cross_information",
    "detection_curve",
    "detection_score",
    "encode_images",
    "entropy_increase",
    "geometric_mean",
    "measure",
    "midpoint_bits",
    "midpoints",
    "overconfidence",
    "pairs_of_classes",
    "predictive_entropy",
    "reliability",
    "roc_auc",
    "roc_curve",
    "score_images",
    "top_label_error",
    "top_label_reliability",
]
