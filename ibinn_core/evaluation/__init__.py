"""Evaluates a model on images; :mod:`ibinn_core.measures` computes measures from arrays."""

import warnings
from importlib import import_module

from . import results as results  # ib.evaluation.results
from .attack import attack
from .loss_landscape import landscape_of
from .metrics import Measured, encode_images, metrics, score_images
from .predictions import Predictions, predict

__all__ = [
    "Measured",
    "Predictions",
    "attack",
    "encode_images",
    "landscape_of",
    "metrics",
    "predict",
    "results",
    "score_images",
]

_SCORES = (
    "detection_curve",
    "detection_score",
    "entropy_increase",
    "overconfidence",
    "predictive_entropy",
    "roc_auc",
    "roc_curve",
)
_CALIBRATION = (
    "PAPER_EDGES",
    "Calibration",
    "Reliability",
    "calibration",
    "reliability",
    "top_label_error",
    "top_label_reliability",
)
#: Names of version 0.1 and their new names. Version 1.1 removes the old names.
_RENAMED = {
    "measure": "evaluation.metrics",
    **{name: f"measures.scores.{name}" for name in _SCORES},
    **{name: f"measures.calibration.{name}" for name in _CALIBRATION},
}


def __getattr__(name: str) -> object:
    if name not in _RENAMED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    new = _RENAMED[name]
    warnings.warn(f"version 1.1 will remove ib.evaluation.{name}: use ib.{new}", DeprecationWarning, stacklevel=2)
    module, _, found = new.rpartition(".")
    return getattr(import_module(f"ibinn_core.{module}"), found)


def __dir__() -> list[str]:
    return sorted(__all__)
