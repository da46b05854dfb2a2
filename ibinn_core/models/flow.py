"""The invertible network of Appendix E, built from a frozen config."""

from collections.abc import Sequence
from functools import partial
from typing import Protocol, cast

import torch
from torch import Tensor, nn

from ..layers import (
    DCT,
    ActNorm,
    AffineCoupling,
    ColourWhitening,
    CosineWhitening,
    DownsamplingCoupling,
    FixedScaling,
    Flatten,
    HardPermutation,
    InvertibleLayer,
    MarginalGaussianization,
    Normalization,
    SoftPermutation,
    Squeeze,
    Whitening,
    convolutional,
    fully_connected,
)
from ..layers.subnetwork import set_autocast
from .architecture import PRESETS, FlowConfig, preset

__all__ = ["PRESETS", "Flow", "FlowConfig", "preset"]

FIT_IMAGES = 2048  # that the layers behind the whitening are fitted on; the whitening is fitted on all
WHITENING_LAYERS = {"cosine": CosineWhitening, "pixel": ColourWhitening, "marginal": MarginalGaussianization}


class _Fitting(Protocol):
    """A layer with ``needs_fit``."""

    def fit(self, x: Tensor) -> None: ...


class Flow(InvertibleLayer):
    """z = g(x): normalisation, whitening, couplings at each resolution, DCT, fully connected couplings.

    ``forward`` maps images ``(N, C, H, W)`` over [0, 1] to latents ``(N, dims)`` and the log-determinant
    ``(N,)`` in nats, that of the normalisation included; ``inverse`` maps latents to images. The contract is that
    of :class:`ibinn_core.layers.InvertibleLayer`.

    Arguments:
        config: the architecture.

    Example:
        >>> from ibinn_core.models.flow import Flow
        >>> small = ib.preset("cpu").replace(image_shape=(3, 8, 8), blocks=(1, 1, 1))
        >>> flow, x = Flow(small).eval(), torch.rand(2, 3, 8, 8)
        >>> z, log_det = flow(x)
        >>> z.shape, log_det.shape, torch.allclose(flow.inverse(z), x, atol=1e-4)
        (torch.Size([2, 192]), torch.Size([2]), True)
    """

    def __init__(self, config: FlowConfig) -> None:
        super().__init__()
        self.config = config
        self.layers = nn.ModuleList(_build(config))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Maps images ``(N, C, H, W)`` over [0, 1] to latents ``(N, D)``, with the log-determinant ``(N,)`` in nats."""
        total = x.new_zeros(x.shape[0])
        for layer in self.layers:
            x, log_det = layer(x)
            total = total + log_det
        return x, total

    def inverse(self, y: Tensor) -> Tensor:
        """Maps latents ``(N, D)`` back to images ``(N, C, H, W)``, which may lie outside [0, 1]."""
        for layer in reversed(self._invertible):
            y = layer.inverse(y)
        return y

    @property
    def _invertible(self) -> Sequence[InvertibleLayer]:
        """The layers, of which a ModuleList does not say what they are."""
        return cast(Sequence[InvertibleLayer], self.layers)

    @torch.no_grad()
    def fit(self, x: Tensor) -> None:
        """Sets whitening and ActNorm from images ``x`` (N, C, H, W) over [0, 1], each from its own input.

        The whitening uses all images, the layers behind it the first :data:`FIT_IMAGES`.
        """
        unfitted = [number for number, layer in enumerate(self.layers) if layer.needs_fit and not layer.fitted]
        whitenings = (Whitening, *WHITENING_LAYERS.values())
        last_whitening = max((n for n, layer in enumerate(self.layers) if isinstance(layer, whitenings)), default=-1)
        was_training = self.training
        self.eval()
        for number in range(max(unfitted, default=-1) + 1):
            layer = self._invertible[number]
            if number > last_whitening:
                x = x[:FIT_IMAGES]
            if number in unfitted:
                cast(_Fitting, layer).fit(x)
            x, _ = layer(x if number < last_whitening else x[:FIT_IMAGES])
        self.train(was_training)

    def set_autocast(self, dtype: torch.dtype | None) -> None:
        """Runs the sub-networks, and nothing else, under autocast to ``dtype`` (``None``: no autocast)."""
        set_autocast(self, dtype)


def _build(config: FlowConfig) -> list[InvertibleLayer]:
    generator = torch.Generator().manual_seed(config.seed)
    channels, height, width = config.image_shape
    dropout = config.dropout or (0.0,) * (len(config.blocks) + 1)
    takes_pixels = config.whitening[:1] == ("marginal",)
    layers: list[InvertibleLayer] = [] if takes_pixels else [Normalization(config.mean, config.std)]
    layers += [WHITENING_LAYERS[domain](config.image_shape) for domain in config.whitening]
    if config.whitening_shifts:
        layers.append(Whitening(config.image_shape, config.whitening_block, config.whitening_shifts))
    if config.squeeze_input:
        layers.append(Squeeze())
        channels, height, width = 4 * channels, height // 2, width // 2
    for level, (blocks, hidden) in enumerate(zip(config.blocks, config.widths, strict=True)):
        if level:
            layers += _downsampling(config, channels, hidden, generator)
            channels, height, width = 4 * channels, height // 2, width // 2
        subnetwork = partial(convolutional, width=hidden, dropout=dropout[level])
        for _ in range(blocks):
            layers.append(AffineCoupling(channels, subnetwork, config.clamp))
            layers += _mixing(config, channels, generator)
    if config.dct:
        layers.append(DCT(height))
    layers.append(Flatten((channels, height, width)))
    subnetwork = partial(fully_connected, width=config.fc_width, dropout=dropout[-1])
    for _ in range(config.fc_blocks):
        layers.append(HardPermutation(config.dims, generator))
        layers.append(AffineCoupling(config.dims, subnetwork, config.fc_clamp))
        layers += _scaling(config, config.dims)
    return layers


def _downsampling(config: FlowConfig, channels: int, hidden: int, generator: torch.Generator) -> list:
    if config.downsampling == "squeeze":
        return [Squeeze()]
    subnetwork = partial(convolutional, width=hidden, stride=2)
    return [DownsamplingCoupling(channels, subnetwork, config.clamp), *_mixing(config, 4 * channels, generator)]


def _mixing(config: FlowConfig, channels: int, generator: torch.Generator) -> list:
    return [SoftPermutation(channels, generator), *_scaling(config, channels)]


def _scaling(config: FlowConfig, channels: int) -> list:
    if config.scaling == "none":
        return []
    return [ActNorm(channels) if config.scaling == "actnorm" else FixedScaling(config.scale)]
