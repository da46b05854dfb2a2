"""Starting a training from the weights of another."""

from collections.abc import Callable
from pathlib import Path

from torch import Tensor

from .classifier import GenerativeClassifier
from .training.state import FILE, model_weights, read_state


def warm_start(source: str | Path) -> Callable[[GenerativeClassifier], None]:
    """A function that puts the weights of ``source`` into a new model.

    Arguments:
        source: a training folder, or whatever :func:`ibinn_core.load` takes.

    Raises:
        ValueError: from the returned function, if the architectures differ.
    """

    def init(model: GenerativeClassifier) -> None:
        weights = _weights(source)
        try:
            model.load_state_dict(weights)
        except RuntimeError as error:
            raise ValueError(f"the weights of {source} belong to another architecture than --preset names") from error

    return init


def _weights(source: str | Path) -> dict[str, Tensor]:
    if (Path(source) / FILE).exists():
        tensors, _, _ = read_state(Path(source))
        return model_weights(tensors)
    from .checkpoint import load

    return load(source).state_dict()
