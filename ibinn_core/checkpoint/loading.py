"""From a checkpoint to its model. Torch is imported only when a model is loaded."""

import math
import warnings
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..files import read_consistently
from ..models.config import TrainingConfig
from ..models.flow_registry import UnknownFlowError
from ..models.kinds import OWN_FLOW
from .folder import Checkpoint, read
from .listing import locate
from .manifest import ChangedError, check_unchanged, read_file, read_manifest
from .names import ALIGNED, CONFIG, LATENT, MANIFEST, MEANS, WEIGHTS
from .validation import HOW_TO_GIVE, brief, refusal

if TYPE_CHECKING:
    from torch import Tensor

    from ..models.classifier import Classifier


def load(id_or_path: "str | Path | Checkpoint", trainable: bool = False) -> "Classifier":
    """The model of a checkpoint in float32 on the CPU.

    Its files are compared with its manifest; of a checkpoint without one a warning says so.

    Arguments:
        id_or_path: an id like ``"gamma-1"``, a path to a folder, ``"hf://owner/name"`` of the Hugging Face Hub, or a
            :class:`Checkpoint`.
        trainable: ``True`` for fine-tuning: training mode, with gradients for the parameters. Else evaluation mode
            without them.

    Raises:
        CheckpointError: if there is none, or it cannot be downloaded or used.

    Example:
        >>> model = ib.load("gamma-1")
        >>> type(model).__name__, model.training, model.dtype
        ('GenerativeClassifier', False, torch.float32)
    """
    if isinstance(id_or_path, Checkpoint):
        return id_or_path.load(trainable)
    return read_consistently(locate(id_or_path), lambda folder: load_model(read(folder, needs=()), trainable))


def load_listed(checkpoint: Checkpoint, trainable: bool = False) -> "Classifier":
    """The model of a checkpoint that was listed some time ago."""
    try:
        return load_model(checkpoint, trainable)
    except ChangedError as error:
        if read_manifest(checkpoint.path) != checkpoint.manifest:
            reason = "it has been replaced since it was listed"
            raise refusal(checkpoint.path, reason, "list the checkpoints again") from error
        raise


def load_model(checkpoint: Checkpoint, trainable: bool) -> "Classifier":
    """The model of a checkpoint that was just read."""
    model = _load(checkpoint)
    if checkpoint.manifest is None:
        warnings.warn(
            f"Checkpoint {checkpoint.id!r} has no {MANIFEST}, so that damage to it may go unnoticed: run "
            f"`python -m ibinn_core manifest {checkpoint.id}`.",
            stacklevel=2,
        )
    return model.train() if trainable else model.requires_grad_(False)


def _load(checkpoint: Checkpoint) -> "Classifier":
    import torch

    from ..models.classifier import GenerativeClassifier

    weights = _read_weights(checkpoint)
    try:
        training = TrainingConfig.from_dict(checkpoint.config["training"])
        # On the meta device, where the largest network takes no memory: its shapes are compared with the weights'
        # before there is anything else. A flow of one's own is a stranger to that device.
        is_own = training.model == OWN_FLOW
        with nullcontext() if is_own else torch.device("meta"):
            model = training.new_model(checkpoint.config["num_classes"])
    except UnknownFlowError as error:
        raise refusal(checkpoint.path, f"its {error}", HOW_TO_GIVE) from error
    except Exception as error:  # what a stranger's sizes do to PyTorch's layers is anyone's guess
        raise refusal(checkpoint.path, f"its {CONFIG} does not describe a model ({brief(error)})") from error
    has_means = MEANS in weights or ALIGNED not in weights
    if not has_means:
        weights[MEANS] = weights[ALIGNED].clone()
    dtypes = {name: value.dtype for name, value in model.state_dict().items()}
    try:
        model.load_state_dict(weights, assign=not is_own)
        if any(value.dtype != dtypes.get(name, torch.float32) for name, value in weights.items()):
            raise ValueError("numbers of another type")
        if not has_means and isinstance(model, GenerativeClassifier) and model.alignment is not None:
            model.set_alignment(model.alignment)
    except (RuntimeError, ValueError) as error:
        raise refusal(checkpoint.path, f"its {WEIGHTS} does not fit its {CONFIG}") from error
    model.noise = training.noise
    if model.has_latents and (checkpoint.path / LATENT).exists():
        model.empirical_class_means = torch.from_numpy(checkpoint.latent["empirical_means"])
        model.latent_spread = float(checkpoint.latent["spread"])
    model.checkpoint = replace(checkpoint)  # which keeps none of the arrays that have been read
    model.eval()
    _try(model, checkpoint)
    if is_own:
        _compare(model, checkpoint)
    return model


def _compare(model: "Classifier", checkpoint: Checkpoint) -> None:
    """Refuses a flow of one's own that is not built as the one that was exported, though its weights fit."""
    from ..models.adapter import FlowAdapter

    if isinstance(model.flow, FlowAdapter) and not model.flow.is_as_saved():
        name = model.config.builder
        reason = f"its flow {name!r} is built in another way here than where it was exported"
        raise refusal(checkpoint.path, reason, "build it as it was, with a seed for what is drawn and not stored")


def _read_weights(checkpoint: Checkpoint) -> "dict[str, Tensor]":
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load as parse

    data = read_file(checkpoint.path, WEIGHTS)
    try:
        weights = parse(data)
    except (SafetensorError, ValueError, KeyError) as error:
        raise refusal(checkpoint.path, f"its {WEIGHTS} is damaged or no safetensors file") from error
    check_unchanged(checkpoint.path, WEIGHTS, data, checkpoint.manifest)
    # Copies, so that each tensor lies in memory as PyTorch aligns it, on which the last digit of a result may depend.
    weights = {k: v.to(torch.float32 if v.is_floating_point() else v.dtype, copy=True) for k, v in weights.items()}
    if not all(_is_finite(value) for value in weights.values()):
        raise refusal(checkpoint.path, "its weights are not finite", "train it again")
    return weights


def _is_finite(values: "Tensor") -> bool:
    """Whether all numbers are finite, by the smallest and the largest: NaN is both. Faster than one by one."""
    if not values.is_floating_point() or not values.numel():
        return True
    return all(math.isfinite(end) for end in values.aminmax())


def _try(model: "Classifier", checkpoint: Checkpoint) -> None:
    """Raises a CheckpointError unless the model makes finite numbers of one grey image."""
    import torch

    grey = torch.full((1, *model.config.image_shape), 0.5)
    try:
        with torch.enable_grad():  # with which sub-networks keep nothing of what they compute
            seen = model.evaluate(grey)
        is_finite = all(bool(values.isfinite().all()) for values in seen.values())
    except (RuntimeError, ValueError, IndexError) as error:
        raise refusal(checkpoint.path, f"its weights cannot be computed with ({brief(error)})") from error
    if not is_finite:
        raise refusal(checkpoint.path, "its weights give no finite numbers for a grey image", "train it again")
