"""Flows of other libraries: the examples, and small ones that have every way of being a flow."""

import os
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
import torch
from checkpoint_helpers import fake_umap
from shared_helpers import shared_folder
from torch import Tensor, nn

import ibinn_core as ib
from ibinn_core.evaluation import latent_views
from ibinn_core.models.flow_registry import FLOWS

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
NAMES = ("freia", "normflows", "zuko")
SHAPE = (1, 8, 8)


def example(name: str):
    """The example of a library as a module, whose folder is on pytest's path."""
    return import_module(f"{name}_flow")


def made_examples(factory: pytest.TempPathFactory) -> Path:
    """A folder with the digits and the checkpoints of the three examples, trained for two epochs.

    Their flows are registered in this process, even if another one made the folder.
    """

    def build(folder: Path) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(latent_views, "_umap", fake_umap)
            for name in NAMES:
                example(name).make(folder, epochs=2)

    for name in NAMES:
        ib.register_flow(f"{name}_flow", example(name).build)
    return shared_folder(factory, "own-flows", build)


def name_files(monkeypatch, *files: Path) -> None:
    """Names files in the environment, as a shell does."""
    monkeypatch.setenv(FLOWS, os.pathsep.join(map(str, files)))


def digits(count: int) -> np.ndarray:
    """Random images of 8 x 8 grey pixels, uint8 ``(count, 8, 8, 1)``."""
    return np.random.default_rng(0).integers(0, 256, (count, 8, 8, 1), dtype=np.uint8)


class Affine(nn.Module):
    """x ↦ exp(a) x + b with a and b for each pixel, as an object with encode and decode."""

    def __init__(self) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(3)
        self.log_scale = nn.Parameter(0.3 * torch.randn(SHAPE, generator=generator))
        self.shift = nn.Parameter(torch.randn(SHAPE, generator=generator))

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return x * self.log_scale.exp() + self.shift, self.log_scale.sum()  # of all inputs

    def decode(self, z: Tensor) -> Tensor:
        return (z - self.shift) * (-self.log_scale).exp()


class InParts(nn.Module):
    """One whose latents are a list of two tensors of other shapes, as multi-scale flows have them."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = Affine()

    def encode(self, x: Tensor) -> tuple[list[Tensor], Tensor]:
        z, log_det = self.inner.encode(x)
        return [z[:, :, :2], z[:, :, 2:].flatten(1)], log_det

    def decode(self, z: list[Tensor]) -> Tensor:
        return self.inner.decode(torch.cat([z[0], z[1].reshape(-1, 1, 6, 8)], 2))


def own_layers() -> ib.Flow:
    """Layers of this library, in an order that no config describes."""
    from ibinn_core.layers import AffineCoupling, Squeeze, convolutional

    torch.manual_seed(1)
    coupling = AffineCoupling(4, lambda inputs, outputs: convolutional(inputs, outputs, width=4))
    for parameter in coupling.parameters():
        nn.init.normal_(parameter, std=0.2)
    return ib.Flow([Squeeze(), coupling.eval()])


#: Every way of being a flow that is no other library's.
WAYS = {"encode and decode": Affine, "latents in parts": InParts, "own layers": own_layers}
