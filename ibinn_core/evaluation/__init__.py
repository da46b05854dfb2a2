"""Measures of a model, on whole test sets. What is measured stands in :mod:`ibinn_core.measures`."""

import warnings
from importlib import import_module

from ..measures.calibration import (
    PAPER_EDGES,
    Calibration,
    Reliability,
    calibration,
    fit_temperature,
    reliability,
    top_label_error,
    top_label_reliability,
)
from ..measures.scores import (
    cross_entropy,
    detection_curve,
    detection_score,
    disagreement,
    entropy_increase,
    error_rate,
    overconfidence,
    predictive_entropy,
    roc_auc,
    roc_curve,
)
from .attack import attack
from .landscape import Landscape, landscape_of
from .metrics import Measured, encode_images, metrics, score_images
from .out_of_distribution import measure_sets
from .predictions import Predictions, predict

#: Old names, which work until version 0.2, and the new ones.
_RENAMED = {
    "Answers": "evaluation.Predictions",
    "ask": "evaluation.predict",
    "measure": "evaluation.metrics",
    "scores": "measures.scores",
    "table1": "evaluation.results",
}

__all__ = [
    "PAPER_EDGES",
    "Calibration",
    "Landscape",
    "Measured",
    "Predictions",
    "Reliability",
    "attack",
    "calibration",
    "cross_entropy",
    "detection_curve",
    "detection_score",
    "disagreement",
    "encode_images",
    "entropy_increase",
    "error_rate",
    "fit_temperature",
    "landscape_of",
    "measure_sets",
    "metrics",
    "overconfidence",
    "predict",
    "predictive_entropy",
    "reliability",
    "roc_auc",
    "roc_curve",
    "score_images",
    "top_label_error",
    "top_label_reliability",
]


def __getattr__(name: str) -> object:
    if name not in _RENAMED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    new = _RENAMED[name]
    warnings.warn(f"ib.evaluation.{name} is now ib.{new}", DeprecationWarning, stacklevel=2)
    found = globals().get(new.removeprefix("evaluation."))
    return found or import_module(f"..{new}", __name__)
