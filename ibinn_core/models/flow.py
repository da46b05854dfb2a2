"""Flows: layers composed by hand, or the network of Appendix E, built from a frozen config."""

import math
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, Self, cast

import torch
from torch import Tensor, nn

from .. import layers
from ..layers import InvertibleLayer, convolutional, fully_connected
from .architecture import CONDITIONAL, WHITENINGS, FlowConfig

SEED = 0  # seed of the random permutations; models with other permutations cannot be mixed
_ON_ALL = (layers.Normalization, layers.Whitening, *(getattr(layers, name) for name in WHITENINGS.values()))
FIT_IMAGES = 2048  # images to fit a layer to, unless it is a whitening; also images to map at a time during a fit


class Flow(InvertibleLayer):
    """Invertible layers one after another: z = g(x). A flow is itself an invertible layer.

    Arguments:
        layers: the layers in the order of ``forward``; a ``ModuleList`` is used without a copy.
        shape: shape of a latent, such as ``(D,)``; only :meth:`sample` needs it.

    Raises:
        TypeError: if a layer is not an :class:`ibinn_core.layers.InvertibleLayer`.

    Example:
        >>> from functools import partial
        >>> from ibinn_core.layers import ActNorm, AffineCoupling, fully_connected
        >>> flow = ib.Flow([ActNorm(2), AffineCoupling(2, partial(fully_connected, width=16))], shape=(2,))
        >>> x = 3 + 2 * torch.randn(100, 2)
        >>> flow.fit(x)  # which sets the ActNorm
        >>> torch.allclose(flow.inverse(flow(x)[0]), x, atol=1e-5)
        True
        >>> flow.log_prob(x).shape, flow.sample(5).shape
        (torch.Size([100]), torch.Size([5, 2]))
    """

    def __init__(self, layers: Iterable[InvertibleLayer], shape: tuple[int, ...] | None = None) -> None:
        super().__init__()
        self.shape = shape
        layers = list(layers)
        for number, layer in enumerate(layers):
            if not isinstance(layer, InvertibleLayer):
                raise TypeError(f"a flow is made of invertible layers; layer {number} is a {type(layer).__name__}")
        self.layers = cast(Sequence[InvertibleLayer], nn.ModuleList(layers))

    @classmethod
    def from_config(cls, config: FlowConfig) -> Self:
        """The network of a config, like Appendix E, from images ``(N, C, H, W)`` over [0, 1] to latents ``(N, D)``."""
        return cls(_build(config), shape=(config.dims,))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        total = x.new_zeros(x.shape[0])
        for layer in self.layers:
            x, log_det = layer(x)
            total = total + log_det
        return x, total

    def inverse_and_log_det(self, y: Tensor) -> tuple[Tensor, Tensor]:
        total = y.new_zeros(y.shape[0])
        for layer in reversed(self.layers):
            y, log_det = layer.inverse_and_log_det(y)
            total = total + log_det
        return y, total

    def log_prob(self, x: Tensor) -> Tensor:
        r"""The log-density of x ``(N, ...)`` in nats, ``(N,)``, if the latents are standard normal.

        It is :math:`\log \mathcal N(g(x); 0, I) + \log|\det \partial g / \partial x|`.
        """
        if x.ndim < 2:
            raise ValueError(f"x must have the shape (N, ...), not {tuple(x.shape)}")
        z, log_det = self(x)
        z = z.flatten(1)
        return log_det - (z.square().sum(1) + z.shape[1] * math.log(2 * math.pi)) / 2

    @torch.no_grad()
    def sample(self, count: int, generator: torch.Generator | None = None) -> Tensor:
        """Draws ``count`` standard normal latents and maps them back; raises a ValueError if their shape is unknown."""
        if self.shape is None:
            raise ValueError("this flow does not know the shape of a latent: make it with Flow(layers, shape=(D,))")
        like = next((p for p in (*self.parameters(), *self.buffers()) if p.is_floating_point()), torch.empty(0))
        return self.inverse(torch.randn(count, *self.shape, generator=generator).to(like))

    @property
    def fitted(self) -> bool:
        """Whether all layers with a ``fit`` have been fitted."""
        return all(getattr(layer, "fitted", True) for layer in self.layers)

    @torch.no_grad()
    def fit(self, x: Tensor) -> None:
        """Fits the unfitted layers to ``x`` (N, ...). All layers except a whitening use only the first rows."""
        if self.fitted:
            return
        was_training = self.training
        self.eval()
        for layer, after in zip(self.layers, [*self.layers[1:], None], strict=True):
            if not isinstance(layer, _ON_ALL):
                x = x[:FIT_IMAGES]
            if not getattr(layer, "fitted", True):
                cast(Any, layer).fit(x)
            kept = x if isinstance(after, _ON_ALL) else x[:FIT_IMAGES]  # mapping all digits would take a minute
            x = torch.cat([layer(part)[0] for part in kept.split(FIT_IMAGES)])  # all at once would take 22 GB
        self.train(was_training)


def _build(config: FlowConfig) -> list[InvertibleLayer]:
    generator = torch.Generator().manual_seed(SEED)
    channels, height, width = config.image_shape
    dropout = config.dropout or (0.0,) * (len(config.blocks) + 1)
    stack: list[InvertibleLayer] = (
        [] if CONDITIONAL in config.whitening else [layers.Normalization(config.mean, config.std)]
    )
    stack += [getattr(layers, WHITENINGS[name])((channels, height, width)) for name in config.whitening]
    if config.whitening_shifts:
        stack.append(layers.Whitening((channels, height, width), shifts=config.whitening_shifts))
    if config.squeeze_input:
        stack.append(layers.Squeeze())
        channels, height, width = 4 * channels, height // 2, width // 2
    for level, (blocks, hidden) in enumerate(zip(config.blocks, config.widths, strict=True)):
        if level:
            stack += _downsampling(config, channels, hidden, generator)
            channels, height, width = 4 * channels, height // 2, width // 2
        subnetwork = partial(convolutional, width=hidden, dropout=dropout[level])
        for _ in range(blocks):
            stack.append(layers.AffineCoupling(channels, subnetwork, config.clamp))
            stack += _mixing(config, channels, generator)
    if height == width:
        stack.append(layers.DCT(height))
    stack.append(layers.Flatten((channels, height, width)))
    subnetwork = partial(fully_connected, width=config.fc_width, dropout=dropout[-1])
    for _ in range(config.fc_blocks):
        stack.append(layers.HardPermutation(config.dims, generator))
        stack.append(layers.AffineCoupling(config.dims, subnetwork))
        stack.append(_scaling(config, config.dims))
    return stack


def _downsampling(config: FlowConfig, channels: int, hidden: int, generator: torch.Generator) -> list:
    if config.downsampling == "squeeze":
        return [layers.Squeeze()]
    subnetwork = partial(convolutional, width=hidden, stride=2)
    return [layers.DownsamplingCoupling(channels, subnetwork, config.clamp), *_mixing(config, 4 * channels, generator)]


def _mixing(config: FlowConfig, channels: int, generator: torch.Generator) -> list:
    return [layers.SoftPermutation(channels, generator), _scaling(config, channels)]


def _scaling(config: FlowConfig, channels: int) -> InvertibleLayer:
    return layers.ActNorm(channels) if config.scaling == "actnorm" else layers.FixedScaling(0.75)  # as in Appendix E
