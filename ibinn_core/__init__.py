"""IB-INN: generative classification with normalizing flows trained by the Information Bottleneck.

Ardizzone, Mackowiak, Rother, Köthe (2020): Training Normalizing Flows with the Information Bottleneck
for Competitive Generative Classification.

    import ibinn_core as ib

    model = ib.load("gamma-1")
    images, labels = ib.data.load("sample")
    z = model.encode(ib.to_unit(images))

Importing this package and listing checkpoints does not import torch; loading a model does.
"""

from importlib import import_module

from . import data, exploration
from .checkpoint import Checkpoint, CheckpointError, checkpoints, load
from .images import read_image, to_uint8, to_unit
from .preprocessing import bits_per_dim
from .weight_space import FamilyError, family

__version__ = "0.1.0"

_LAZY = {
    "Classifier": "classifier",
    "GenerativeClassifier": "classifier",
    "Objective": "objectives",
    "UnsupportedError": "classifier",
    "evaluation": "evaluation",
    "preset": "flow",
}

__all__ = [
    "Checkpoint",
    "CheckpointError",
    "Classifier",
    "FamilyError",
    "GenerativeClassifier",
    "Objective",
    "UnsupportedError",
    "bits_per_dim",
    "checkpoints",
    "data",
    "evaluation",
    "exploration",
    "family",
    "load",
    "preset",
    "read_image",
    "to_uint8",
    "to_unit",
]


def __getattr__(name: str):
    """Imports what needs torch only when it is asked for (PEP 562)."""
    if name not in _LAZY:
        raise AttributeError(f"module 'ibinn_core' has no attribute {name!r}")
    module = import_module(f".{_LAZY[name]}", __name__)
    return module if name == _LAZY[name] else getattr(module, name)
