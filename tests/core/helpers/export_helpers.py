"""A model's outputs as a module for torch.export, and its comparison with the model."""

from collections.abc import Callable

import torch
from torch import Tensor, nn


class Asked(nn.Module):
    """What ``ask(model, values)`` gives."""

    def __init__(self, model: nn.Module, ask: Callable) -> None:
        super().__init__()
        self.model, self.ask = model, ask

    def forward(self, values: Tensor):
        return self.ask(self.model, values)


def encode(model, x: Tensor):
    return model.encode(x), model.log_prob(x, per_class=True)


def decode(model, z: Tensor):
    return model.decode(z)


@torch.no_grad()
def check_export(model: nn.Module, ask: Callable, values: Tensor, tolerance: float) -> torch.export.ExportedProgram:
    """An exported model, made from the first two of ``values``, agrees with the model on all of them."""
    module = Asked(model, ask)
    program = torch.export.export(module, (values[:2],), dynamic_shapes=({0: torch.export.Dim("n")},))
    torch.testing.assert_close(program.module()(values), module(values), rtol=tolerance, atol=tolerance)
    return program
