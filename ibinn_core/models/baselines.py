"""The competitors of Table 1 without a likelihood (Section 4.1), each built from the config of a flow."""

import torch
from torch import Tensor, nn

from ..layers import Normalization, fully_connected
from ..layers.subnetwork import Subnetwork
from .architecture import FlowConfig
from .classifier import Classifier
from .flow import Flow
from .kinds import VIB_LATENT_DIMS
from .objectives import Loss, Objective

INITIAL_LOG_STD = -2.0  # log-deviation of the VIB's code at the start: noise of deviation 1 would hide the classes


class ResidualBlock(nn.Module):
    """3x3, BN, ReLU, 3x3, BN, added to the input, ReLU (He et al. 2016), of images ``(N, channels, H, W)``.

    Where the shapes differ, the input passes average pooling and a 1x1 convolution (He et al. 2019, ResNet-D).
    """

    def __init__(self, channels_in: int, channels_out: int, stride: int = 1, dropout: float = 0.0) -> None:
        super().__init__()
        last = nn.BatchNorm2d(channels_out)
        nn.init.zeros_(last.weight)  # the block starts as the identity, like a coupling
        self.branch = nn.Sequential(
            nn.Conv2d(channels_in, channels_out, 3, padding=1, stride=stride, bias=False),
            nn.BatchNorm2d(channels_out),
            nn.ReLU(inplace=True),
            nn.Dropout2d(dropout) if dropout else nn.Identity(),
            nn.Conv2d(channels_out, channels_out, 3, padding=1, bias=False),
            last,
        )
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or channels_in != channels_out:
            # Pool first: a strided 1x1 convolution would skip three of four pixels.
            convolution = nn.Conv2d(channels_in, channels_out, 1, bias=False)
            self.shortcut = nn.Sequential(nn.AvgPool2d(stride), convolution, nn.BatchNorm2d(channels_out))

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.branch(x) + self.shortcut(x))


class ResidualLinear(nn.Module):
    """Adds the output of a fully connected network to its input ``(N, features)``."""

    def __init__(self, features: int, width: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.branch = fully_connected(features, features, width, dropout).net

    def forward(self, x: Tensor) -> Tensor:
        return x + self.branch(x)


class Body(nn.Module):
    """The ResNet up to its last layer, from images ``(N, C, H, W)`` in [0, 1] to features ``(N, features)``."""

    def __init__(self, config: FlowConfig) -> None:
        super().__init__()
        self.normalization = Normalization(config.mean, config.std)
        self.subnetwork = Subnetwork(nn.Sequential(*_layers(config)))

    def forward(self, x: Tensor) -> Tensor:
        return self.subnetwork(self.normalization(x)[0])


def _layers(config: FlowConfig) -> list[nn.Module]:
    channels, width = config.image_shape[0], config.widths[0]
    dropout = config.dropout or (0.0,) * (len(config.blocks) + 1)
    squeeze: list[nn.Module] = [nn.PixelUnshuffle(2)] if config.squeeze_input else []
    channels *= 4 if config.squeeze_input else 1
    stem = nn.Conv2d(channels, width, 3, padding=1, bias=False)
    layers = [*squeeze, stem, nn.BatchNorm2d(width), nn.ReLU(inplace=True)]
    for level, (blocks, hidden) in enumerate(zip(config.blocks, config.widths, strict=True)):
        if level:  # the first block downsamples; for "coupling" this is an extra block
            blocks = blocks + 1 if config.downsampling == "coupling" else max(blocks, 1)
        for number in range(blocks):
            stride = 2 if level and number == 0 else 1
            layers.append(ResidualBlock(width, hidden, stride, dropout[level]))
            width = hidden
    layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    return layers + [ResidualLinear(width, config.fc_width, dropout[-1]) for _ in range(config.fc_blocks)]


class ResNet(Classifier):
    """A feed-forward softmax classifier (He et al. 2016) that gives logits ``(N, K)`` and has no latents.

    It has a residual block of the same resolution and width for each coupling block of the flow.
    """

    kind = "resnet"

    def __init__(self, config: FlowConfig, num_classes: int = 10) -> None:
        super().__init__(config, num_classes)
        self.body = Body(config)
        self.head = nn.Linear(config.widths[-1], num_classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.body(x))


class IRevNet(Classifier):
    """The flow as a softmax classifier (Jacobsen et al. 2018): a linear projection of z to logits ``(N, K)``.

    This model encodes and decodes. It is not trained as a density, so it has no likelihood.
    """

    kind = "i-revnet"

    def __init__(self, config: FlowConfig, num_classes: int = 10) -> None:
        super().__init__(config, num_classes)
        self.flow = Flow.from_config(config)
        self.head = nn.Linear(config.dims, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.flow(x)[0])

    def _evaluate(self, x: Tensor) -> dict[str, Tensor]:
        z, _ = self.flow(x)
        return {"latents": z, "posterior": torch.softmax(self.head(z), 1)}


class VIB(Classifier):
    r"""The variational information bottleneck (Alemi et al. 2017) with the ResNet's body as its encoder.

    .. math::
        q(z|x) = \mathcal N(\mu(x), \sigma(x)^2),\quad r(z) = \mathcal N(0, I),\quad q(y|z) = \mathrm{softmax}_y(Wz + b)

    Training draws one z for each image; at test time z is the mean :math:`\mu(x)`. z has L = 256 dimensions.
    """

    kind = "vib"

    def __init__(self, config: FlowConfig, num_classes: int = 10) -> None:
        super().__init__(config, num_classes)
        self.body = Body(config)
        self.mean = nn.Linear(config.widths[-1], VIB_LATENT_DIMS)
        self.log_std = nn.Linear(config.widths[-1], VIB_LATENT_DIMS)
        nn.init.constant_(self.log_std.bias, INITIAL_LOG_STD)
        self.head = nn.Linear(VIB_LATENT_DIMS, num_classes)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log of the standard deviation of q(z | x), ``(N, L)`` each."""
        features = self.body(x)
        return self.mean(features), self.log_std(features)

    def _loss(
        self, x: Tensor, labels: Tensor, objective: Objective, likelihood_weights: Tensor | None
    ) -> tuple[Loss, Tensor]:
        mean, log_std = self(x)
        logits = self.head(mean + log_std.exp() * torch.randn_like(mean))
        kl = ((mean.square() + (2 * log_std).exp() - 1) / 2 - log_std).sum(1)  # of q(z|x) from r(z), in nats
        return objective.of_logits(logits, labels, kl, self.config.dims), logits.detach()

    def _evaluate(self, x: Tensor) -> dict[str, Tensor]:
        mean, _ = self(x)
        return {"latents": mean, "posterior": torch.softmax(self.head(mean), 1)}
