"""An exponential average of the weights, which has at any time the effect of a learning rate that has fallen."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class WeightAverage:
    r"""A running mean of a model's parameters and of the statistics of its batch norms, with decay d from 0 to below 1.

    After the t-th step :math:`\bar\theta \leftarrow d_t \bar\theta + (1 - d_t)\,\theta` with
    :math:`d_t = \min(d, (1 + t) / (10 + t))`. ``values`` has the averages by the names of ``model.state_dict()``.
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.model, self.decay, self.steps = model, decay, 0
        self._names = {name for name, parameter in model.named_parameters() if parameter.requires_grad}
        for prefix, part in model.named_modules():
            if isinstance(part, nn.BatchNorm2d):
                self._names |= {f"{prefix}.running_mean", f"{prefix}.running_var"}
        self.values: dict[str, Tensor] = {}
        self.start()

    def start(self, values: dict[str, Tensor] | None = None, steps: int = 0) -> None:
        """Starts from the model's current weights, or from saved averages, which include so many steps."""
        self.steps = steps
        self.values = {name: value.clone() for name, value in self._followed().items()}
        for name, value in (values or {}).items():
            self.values[name].copy_(value)

    @torch.no_grad()
    def update(self) -> None:
        """Includes the model's current weights."""
        self.steps += 1
        followed = self._followed()
        for name, value in followed.items():
            self.values[name] = self.values[name].to(value.device)  # which may have changed since the start
        weight = 1 - min(self.decay, (1 + self.steps) / (10 + self.steps))
        averages, present = list(self.values.values()), [followed[name] for name in self.values]
        # torch has it, in one pass over all tensors, but its stubs do not export it.
        torch._foreach_lerp_(averages, present, weight)  # pyright: ignore[reportPrivateImportUsage]

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Inside this context the model has the averages as its weights."""
        self._swap()
        try:
            yield
        finally:
            self._swap()

    @torch.no_grad()
    def _swap(self) -> None:
        for name, value in self._followed().items():
            kept = value.clone()
            value.copy_(self.values[name])
            self.values[name].copy_(kept)

    def _followed(self) -> dict[str, Tensor]:
        """The tensors themselves; looked up each time, because a move to another device replaces them."""
        return {name: value for name, value in self.model.state_dict().items() if name in self._names}
