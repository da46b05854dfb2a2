"""Measures of a model, on whole test sets. What is measured stands in :mod:`ibinn_core.measures`.

=======================  ==========================================================================
``metrics``              a model's latents, posteriors and log-densities; the numbers of its card
``predictions``          the classes of any images, and whether they are typical
``attack``               adversarial images, also such as stay typical
``disagreement``         two models on the same images: where they differ, and which is right
``landscape``            the loss over the distance of the class means (Fig. 4)
``out_of_distribution``  a model on images from out of its data set's distribution
``latent_views``         the test set in latent space, as a checkpoint stores it
``styles``               directions of style, as a checkpoint stores them
``family_curve``         the models between the checkpoints of a family
``results``              the paper's Tables 1 and 2 with our own models
=======================  ==========================================================================
"""

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
    SurePredictions,
    cross_entropy,
    detection_curve,
    detection_score,
    entropy_increase,
    error_rate,
    overconfidence,
    predictive_entropy,
    roc_auc,
    roc_curve,
    sure_predictions,
)
from .attack import attack
from .disagreement import Disagreement, disagreement
from .landscape import Landscape, landscape_of
from .metrics import Measured, encode_images, metrics, score_images
from .out_of_distribution import measure_sets
from .predictions import Predictions, predict

#: Old names, which work until version 0.2, and the new ones.
_RENAMED = {
    "Answers": "Predictions",
    "Scores": "Measured",
    "ask": "predict",
    "measure": "metrics",
    "table1": "results",
}

__all__ = [
    "PAPER_EDGES",
    "Calibration",
    "Disagreement",
    "Landscape",
    "Measured",
    "Predictions",
    "Reliability",
    "SurePredictions",
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
    "sure_predictions",
    "top_label_error",
    "top_label_reliability",
]


def __getattr__(name: str) -> object:
    if name not in _RENAMED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    new = _RENAMED[name]
    warnings.warn(f"ib.evaluation.{name} is now ib.evaluation.{new}", DeprecationWarning, stacklevel=2)
    return globals()[new] if new in globals() else import_module(f".{new}", __name__)
