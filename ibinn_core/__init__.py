"""IB-INN: generative classification with normalizing flows trained by the Information Bottleneck.

Ardizzone, Mackowiak, Rother, Köthe (2020): Training Normalizing Flows with the Information Bottleneck
for Competitive Generative Classification.

    >>> import ibinn_core as ib
    >>> model = ib.load("gamma-1")
    >>> images, labels = ib.data.load("sample")
    >>> z = model.encode(model.preprocess(images))
    >>> images.shape, z.shape
    ((20, 32, 32, 3), torch.Size([20, 3072]))

Examples in docstrings assume that ``ib``, NumPy as ``np`` and ``torch`` have been imported. Importing this package
imports none of its modules, and listing checkpoints does not import torch.

Each row of this map imports only from the rows above it:

================  ============================================================================================
``files``         writes files and folders completely or not at all, and reads them within limits
``exploration``   functions of arrays: ``interpolate``, ``counterfactual``, ``style_direction``, ``attributes``,
                  ``project``, ``rotate_rgb``, ``typicality``
``layers``        invertible layers: ``AffineCoupling``, ``ActNorm``, ``SoftPermutation``, ``Squeeze``, ``DCT``,
                  ``Alignment``; their base class ``InvertibleLayer`` in ``layers.base``
``models``        the model, ``GenerativeClassifier``, and its base class ``Classifier`` in ``models.classifier``. The
                  function ``wrap_flow`` there takes flows of zuko, normflows and FrEIA through the adapter in
                  ``models.adapter``; ``models.flow_registry`` builds them by name. ``Flow`` in ``models.flow``,
                  ``FlowConfig`` and its presets in ``models.architecture``. ``LatentMixture`` in
                  ``models.mixture``, the loss ``Objective`` in ``models.objectives``. Noise and bits/dim in
                  ``models.preprocessing``. ``ResNet``, ``IRevNet`` and ``VIB`` in ``models.baselines``.
                  ``TrainingConfig`` in ``models.config``.
``measures``      what is measured: ``Measure`` and the list ``MEASURES``, scores and calibration of arrays
``places``        where checkpoints, data and results are kept
``archives``      arrays in ``.npz`` files, read within limits
``data``          images and labels: ``data.load``, ``Dataset``, ``Splits``, folders of images
``checkpoint``    a trained model on disk: ``Checkpoint``, its schema in ``checkpoint.format``; ``load`` and
                  ``checkpoints`` in ``checkpoint.listing``; ``save``
``weight_space``  the models between two checkpoints: ``family``, ``Family.at`` in ``weight_space.family``;
                  ``FamilyError`` in ``weight_space.curve``
``onnx``          models as graphs that run without PyTorch: ``to_onnx``
``evaluation``    runs a model on data sets: ``metrics``, ``predict``, ``attack``; Tables 1 and 2 in
                  ``evaluation.results``
``training``      trains and measures models: ``Trainer``; ``export`` and ``measure`` in
                  ``training.export``; the families' trainings in ``training/recipe.toml``
``cli``           the commands of ``ibinn``, or ``python -m ibinn_core``
================  ============================================================================================
"""

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the names in _LAZY, for type checkers
    from . import data, evaluation, exploration, layers
    from .checkpoint import Checkpoint, CheckpointError, checkpoints, load, save
    from .data.image_files import read_image
    from .data.images import to_uint8, to_unit
    from .models.architecture import preset
    from .models.classifier import Classifier, GenerativeClassifier, UnsupportedError, wrap_flow
    from .models.flow import Flow
    from .models.flow_registry import register_flow
    from .models.objectives import Objective
    from .models.preprocessing import add_noise, bits_per_dim, dequantize
    from .onnx import to_onnx
    from .training.export import export_flow, measure
    from .weight_space import FamilyError, family

__version__ = "1.0.0"

#: The public names of each module. The first use of a name imports its module.
_LAZY = {
    "checkpoint": ("Checkpoint", "CheckpointError", "checkpoints", "load", "save"),
    "data.image_files": ("read_image",),
    "data.images": ("to_uint8", "to_unit"),
    "models.classifier": ("Classifier", "GenerativeClassifier", "UnsupportedError", "wrap_flow"),
    "models.architecture": ("preset",),
    "models.flow": ("Flow",),
    "models.flow_registry": ("register_flow",),
    "models.objectives": ("Objective",),
    "models.preprocessing": ("add_noise", "bits_per_dim", "dequantize"),
    "onnx": ("to_onnx",),
    "training.export": ("export_flow", "measure"),
    "weight_space": ("FamilyError", "family"),
}
_MODULE_OF = {name: module for module, names in _LAZY.items() for name in names}

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
    "measure",
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
    """Imports the module of a name when the name is first used (PEP 562)."""
    if name in _MODULE_OF:
        found = globals()[name] = getattr(import_module(f".{_MODULE_OF[name]}", __name__), name)
        return found
    if name.isidentifier() and find_spec(f"{__name__}.{name}"):
        return import_module(f".{name}", __name__)
    raise AttributeError(f"module 'ibinn_core' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
