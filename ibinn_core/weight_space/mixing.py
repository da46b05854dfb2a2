"""Mixes the weights of two models, and checks which models can be mixed."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..checkpoint import Checkpoint
from ..checkpoint.format import origin_of

if TYPE_CHECKING:
    from torch import Tensor, nn


def mix_weights(model: "nn.Module", other: "Mapping[str, Tensor]", share: float) -> None:
    """Mixes everything in ``model`` that training changes: (1 - ``share``) of its weights, ``share`` of ``other``.

    Raises a ValueError if the other weights belong to another network, or differ in a part that is never trained.
    """
    import torch

    state, mixed = model.state_dict(), set(mixed_names(model))
    if state.keys() != other.keys() or any(state[name].shape != other[name].shape for name in state):
        raise ValueError("they are not the weights of the same network")
    for name in state.keys() - mixed:
        if not name.endswith("num_batches_tracked") and not torch.equal(state[name], other[name]):
            raise ValueError(f"their fixed {name} differs")
    for name in mixed:
        state[name].copy_(torch.lerp(state[name], other[name].to(state[name].dtype), share))


def mixed_names(model: "nn.Module") -> list[str]:
    """Returns the names of all trained tensors, and of the alignment's tensors."""
    from torch import nn

    from ..layers import Alignment

    names = [name for name, _ in model.named_parameters()]
    for prefix, part in model.named_modules():
        if isinstance(part, nn.BatchNorm2d):
            names += [f"{prefix}.running_mean", f"{prefix}.running_var"]
        elif isinstance(part, Alignment):
            names += [f"{prefix}.{name}" for name in part.state_dict()]
    return names


def why_not(one: Checkpoint, other: Checkpoint) -> str | None:
    """Says why two checkpoints cannot be mixed, without a full stop; ``None`` if they can."""
    names = f"{one.id} and {other.id}"
    if one.model != other.model or one.training.architecture != other.training.architecture:
        return f"{names} have different networks, so their weights cannot be mixed"
    if one.dataset != other.dataset or one.noise != other.noise:
        return f"{names} were trained with different images or noise, so their weights cannot be mixed"
    if root_of(one) != root_of(other):
        return f"{names} do not start from the same training, and mixing their weights gives no useful model"
    return None


def root_of(checkpoint: Checkpoint) -> dict | str:
    """Returns the first training of the weights: an origin, or an entry of an older ancestry."""
    ancestry = checkpoint.config["ancestry"]
    return ancestry[0].get("origin", ancestry[0]) if ancestry else origin_of(checkpoint.config["training"])
