"""A model on whole test sets; :mod:`ibinn_core.measures` has the functions of arrays."""

import warnings

from ..measures import calibration as _calibration
from ..measures import scores as _scores
from . import results
from .attack import attack
from .landscape import landscape_of
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
    "score_images",
]

#: Old names, which work until version 0.2, and the new ones.
_RENAMED = {
    "Answers": ("evaluation.Predictions", Predictions),
    "ask": ("evaluation.predict", predict),
    "measure": ("evaluation.metrics", metrics),
    "scores": ("measures.scores", _scores),
    "table1": ("evaluation.results", results),
}


def __getattr__(name: str) -> object:
    module = next((one for one in (_scores, _calibration) if hasattr(one, name)), None)
    if name in _RENAMED:
        new, found = _RENAMED[name]
    elif module is not None:
        new, found = f"{module.__name__.removeprefix('ibinn_core.')}.{name}", getattr(module, name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    warnings.warn(f"ib.evaluation.{name} is now ib.{new}", DeprecationWarning, stacklevel=2)
    return found
