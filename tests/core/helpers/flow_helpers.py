"""Helpers for the tests of layers, flow, objectives and classifier."""

import torch
from torch import Tensor, nn

from ibinn_core.layers import ActNorm, InvertibleLayer
from ibinn_core.models.architecture import FlowConfig
from ibinn_core.models.classifier import Classifier
from ibinn_core.models.config import TrainingConfig
from ibinn_core.models.kinds import KINDS
from ibinn_core.models.mixture import LatentMixture
from ibinn_core.models.objectives import Objective


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@torch.no_grad()
def randomise(module: nn.Module, generator: torch.Generator) -> nn.Module:
    """Moves every parameter and every BatchNorm statistic away from its initial value; returns ``module``."""

    def draw(target: Tensor, std: float, mean: float = 0.0) -> None:
        target.copy_(mean + std * torch.randn(target.shape, generator=generator, dtype=torch.float64))

    for part in module.modules():
        if isinstance(part, (nn.Conv2d, nn.Linear)):
            draw(part.weight, part.weight[0].numel() ** -0.5)
            if part.bias is not None:
                draw(part.bias, 0.3)
        elif isinstance(part, nn.BatchNorm2d):
            draw(part.weight, 0.2, 1.0)
            draw(part.bias, 0.3)
            draw(part.running_mean, 0.3)
            part.running_var.copy_(0.5 + torch.rand(part.running_var.shape, generator=generator))
        elif isinstance(part, ActNorm):
            draw(part.log_scale, 0.3)
            draw(part.shift, 0.3)
        elif isinstance(part, LatentMixture):
            draw(part.means, 1.0)
            draw(part.phi, 0.7)
    return module


def smooth_images(count: int, shape: tuple[int, int, int], generator: torch.Generator) -> Tensor:
    """Float32 images in [0, 1] whose neighbouring pixels correlate, as those of photographs do."""
    channels, height, width = shape
    coarse = torch.randn(count, channels, height // 2 + 1, width // 2 + 1, generator=generator)
    coarse = nn.functional.interpolate(coarse, (height, width), mode="bilinear", align_corners=True)
    grey = torch.randn(count, 1, 1, 1, generator=generator)
    fine = 0.3 * torch.randn(count, *shape, generator=generator)
    return torch.sigmoid(coarse + grey + fine)


def objective_of(kind: str) -> Objective:
    """The first objective that a kind of model is trained with, at γ = 1."""
    return Objective(KINDS[kind].objectives[0])


def random_model(
    kind: str, architecture: FlowConfig, classes: int, dtype: torch.dtype = torch.float32, seed: int = 2
) -> Classifier:
    """A model that was fitted to images, and has every parameter away from its start; in evaluation mode."""
    config = TrainingConfig(model=kind, objective=objective_of(kind), architecture=architecture)
    model = config.new_model(classes).to(dtype)
    model.fit(smooth_images(100, architecture.image_shape, seeded(1)).to(dtype))
    return randomise(model, seeded(seed)).eval()


def jacobian(function, point: Tensor) -> Tensor:
    """The square Jacobian of ``function`` at a batch of one, by autograd."""
    assert len(point) == 1
    result = torch.autograd.functional.jacobian(lambda v: function(v).flatten(), point, vectorize=True)
    return result.reshape(point.numel(), point.numel())


def check_log_det(layer, x: Tensor) -> None:
    """log_det against autograd's slogdet, in both directions, at each sample of a float64 batch."""
    assert x.dtype == torch.float64
    y, log_det = layer(x)
    _, back = layer.inverse_and_log_det(y)
    assert log_det.shape == back.shape == (len(x),)
    for index in range(len(x)):
        one, image = x[index : index + 1], y[index : index + 1].detach()
        forward = torch.linalg.slogdet(jacobian(lambda v: layer(v)[0], one)).logabsdet
        backward = torch.linalg.slogdet(jacobian(layer.inverse, image)).logabsdet
        # The absolute part is for log-determinants that are zero; others here are above 1e-3.
        torch.testing.assert_close(log_det[index], forward, rtol=1e-6, atol=1e-11)
        torch.testing.assert_close(back[index], backward, rtol=1e-6, atol=1e-11)
        torch.testing.assert_close(back[index], -log_det[index], rtol=1e-9, atol=1e-9)


class Inverse(InvertibleLayer):
    """The inverse of a layer as a layer."""

    def __init__(self, layer: InvertibleLayer) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self.layer.inverse_and_log_det(x)


@torch.no_grad()
def check_gradients(layer, x: Tensor, generator: torch.Generator) -> None:
    """Gradients of y and of log_det in x and in each parameter, against differences along a direction.

    Each of them must reach y or log_det.
    """
    named = {"x": x.clone().requires_grad_(), **dict(layer.named_parameters())}
    reached = set()
    for which in (0, 1):
        like = layer(named["x"])[which]
        weights = torch.randn(like.shape, generator=generator, dtype=torch.float64)

        def value(which=which, weights=weights) -> Tensor:
            return (layer(named["x"])[which] * weights).sum()

        with torch.enable_grad():
            result = value()
        gradients = [None] * len(named)
        if result.requires_grad:
            gradients = torch.autograd.grad(result, [*named.values()], allow_unused=True)
        for (name, tensor), gradient in zip(named.items(), gradients, strict=True):
            step = torch.randn(tensor.shape, generator=generator, dtype=torch.float64)
            step *= 1e-6 / step.norm()
            tensor += step
            above = value()
            tensor -= 2 * step
            slope = (above - value()) / 2
            tensor += step
            expected = 0.0 if gradient is None else (gradient * step).sum()
            assert abs(slope - expected) < 1e-4 * abs(slope) + 2e-10, (name, ("y", "log_det")[which])
            if gradient is not None and gradient.any():
                reached.add(name)
    assert reached == named.keys()


def check_layer(layer: InvertibleLayer, x: Tensor) -> None:
    """The contract of a layer: inverse, log-determinant and gradients in both directions, at a float64 batch."""
    kept = x.clone()
    y, _ = layer(x)
    assert torch.equal(x, kept) and (layer.inverse(y) - x).abs().max() < 1e-9
    z = torch.randn(y.shape, generator=seeded(6), dtype=torch.float64)
    kept = z.clone()
    assert (layer(layer.inverse(z))[0] - z).abs().max() < 1e-9
    assert torch.equal(z, kept)
    check_log_det(layer, x)
    check_gradients(layer, x, seeded(8))
    check_gradients(Inverse(layer), y.detach(), seeded(8))
