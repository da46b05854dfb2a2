"""From a checkpoint to its model. Torch is imported only when a model is loaded."""

from pathlib import Path
from typing import TYPE_CHECKING

from .folder import Checkpoint
from .listing import find
from .names import CONFIG, LATENT, WEIGHTS
from .validation import brief, refusal

if TYPE_CHECKING:
    from ..models.classifier import Classifier


def load(id_or_path: "str | Path | Checkpoint") -> "Classifier":
    """The model of a checkpoint: evaluation mode, float32, on the CPU, no gradients for its parameters.

    Arguments:
        id_or_path: an id like ``"gamma-1"``, a path to a folder, or a :class:`Checkpoint`.

    Raises:
        CheckpointError: if there is none, or it cannot be used.

    Example:
        >>> model = ib.load("gamma-1")
        >>> type(model).__name__, model.training, model.dtype
        ('GenerativeClassifier', False, torch.float32)
    """
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    from ..models.config import TrainingConfig

    checkpoint = id_or_path if isinstance(id_or_path, Checkpoint) else find(id_or_path)
    try:
        training = TrainingConfig.from_dict(checkpoint.config["training"])
        model = training.new_model(checkpoint.config["num_classes"])
    except Exception as error:  # what a stranger's sizes do to PyTorch's layers is anyone's guess
        raise refusal(checkpoint.path, f"its {CONFIG} does not describe a model ({brief(error)})") from error
    try:
        weights = load_file(checkpoint.path / WEIGHTS)
    except (SafetensorError, ValueError, OSError) as error:
        raise refusal(checkpoint.path, f"its {WEIGHTS} is damaged or no safetensors file") from error
    weights = {k: v.float() if v.is_floating_point() else v for k, v in weights.items()}
    if not all(value.isfinite().all() for value in weights.values()):
        raise refusal(checkpoint.path, "its weights are not finite", "train it again")
    try:
        model.load_state_dict(weights)
    except (RuntimeError, ValueError) as error:
        raise refusal(checkpoint.path, f"its {WEIGHTS} does not fit its {CONFIG}") from error
    model.noise = training.noise
    if model.has_latents and (checkpoint.path / LATENT).exists():
        model.empirical_class_means = torch.from_numpy(checkpoint.latent["empirical_means"])
        model.latent_spread = float(checkpoint.latent["spread"])
    return model.requires_grad_(False).eval()
