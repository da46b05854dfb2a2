"""IB-INN: generative classification with normalizing flows trained by the Information Bottleneck.

Ardizzone, Mackowiak, Rother, Köthe (2020): Training Normalizing Flows with the Information Bottleneck
for Competitive Generative Classification.

    >>> import ibinn_core as ib
    >>> model = ib.load("gamma-1")
    >>> images, labels = ib.data.load("sample")
    >>> z = model.encode(ib.to_unit(images))
    >>> images.shape, z.shape
    ((20, 32, 32, 3), torch.Size([20, 3072]))

Examples in docstrings take it for granted that ``ib``, NumPy as ``np``, and ``torch`` have been imported.

Importing this package imports nothing else, listing checkpoints not torch; loading a model does.

The rooms, each of which imports only from those above it:

================  ==========================================================================================
``layers``        invertible layers and the networks inside of them
``models``        the IB-INN, its competitors, their losses and their configs
``exploration``   paths through latent space and pixel space: functions of arrays
``places``        where a clone and an installed wheel keep checkpoints, data and results
``files``         files and folders, written whole or not at all, and read within limits
``downloads``     files from a server, within limits
``archives``      arrays in ``.npz`` files, read within limits
``data``          images: data sets, a person's own files, out-of-distribution sets
``checkpoint``    a trained model on disk
``weight_space``  the models between two checkpoints
``onnx``          models as graphs that run without PyTorch
``evaluation``    measures of a model; Table 1
``training``      from images to checkpoints
``cli``           the commands of ``ibinn``, or ``python -m ibinn_core``
================  ==========================================================================================
"""

import warnings
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the names of _LAZY
    from . import data, evaluation, exploration, layers
    from .checkpoint import Checkpoint, CheckpointError, checkpoints, load, save
    from .data.image_files import read_image
    from .data.images import to_uint8, to_unit
    from .models.classifier import Classifier, GenerativeClassifier, UnsupportedError, wrap_flow
    from .models.flow import Flow, preset
    from .models.flow_registry import register_flow
    from .models.objectives import Objective
    from .models.preprocessing import add_noise, bits_per_dim, dequantize
    from .onnx import to_onnx
    from .training.own_flow import export_flow
    from .weight_space import FamilyError, family

__version__ = "0.1.0"

_LAZY = {
    "Checkpoint": "checkpoint",
    "CheckpointError": "checkpoint",
    "Classifier": "models.classifier",
    "FamilyError": "weight_space",
    "Flow": "models.flow",
    "GenerativeClassifier": "models.classifier",
    "Objective": "models.objectives",
    "UnsupportedError": "models.classifier",
    "add_noise": "models.preprocessing",
    "bits_per_dim": "models.preprocessing",
    "checkpoint": "checkpoint",
    "checkpoints": "checkpoint",
    "data": "data",
    "dequantize": "models.preprocessing",
    "evaluation": "evaluation",
    "exploration": "exploration",
    "export_flow": "training.own_flow",
    "family": "weight_space",
    "layers": "layers",
    "load": "checkpoint",
    "preset": "models.flow",
    "read_image": "data.image_files",
    "register_flow": "models.flow_registry",
    "save": "checkpoint",
    "to_onnx": "onnx",
    "to_uint8": "data.images",
    "to_unit": "data.images",
    "weight_space": "weight_space",
    "wrap_flow": "models.classifier",
}

#: Names that another package has now; here they work until version 0.2.
_MOVED = {"explore": "ibinn_explorer"}

__all__ = [
    "Checkpoint",
    "CheckpointError",
    "Classifier",
    "FamilyError",
    "Flow",
    "GenerativeClassifier",
    "Objective",
    "UnsupportedError",
    "add_noise",
    "bits_per_dim",
    "checkpoints",
    "data",
    "dequantize",
    "evaluation",
    "exploration",
    "export_flow",
    "family",
    "layers",
    "load",
    "preset",
    "read_image",
    "register_flow",
    "save",
    "to_onnx",
    "to_uint8",
    "to_unit",
    "wrap_flow",
]


def __getattr__(name: str) -> object:
    """Imports the module of a name when it is first asked for (PEP 562)."""
    if name in _MOVED:
        warnings.warn(f"ib.{name} is now {_MOVED[name]}.{name}", DeprecationWarning, stacklevel=2)
        return getattr(import_module(_MOVED[name]), name)
    if name not in _LAZY:
        raise AttributeError(f"module 'ibinn_core' has no attribute {name!r}")
    module = import_module(f".{_LAZY[name]}", __name__)
    found = globals()[name] = module if name == _LAZY[name] else getattr(module, name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
