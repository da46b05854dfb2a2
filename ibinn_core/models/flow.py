"""The invertible network of Appendix E, built from a frozen config."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
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

FIT_IMAGES = 2048  # that the layers behind the whitening are fitted on; the whitening is fitted on all
WHITENINGS = {"cosine": CosineWhitening, "pixel": ColourWhitening, "marginal": MarginalGaussianization}


@dataclass(frozen=True)
class FlowConfig:
    """Everything that defines the architecture. :data:`PRESETS` names some architectures.

    Attributes:
        image_shape: ``(C, H, W)`` of an image.
        mean, std: of the pixels in [0, 1], one for each channel, for the normalisation in front.
        whitening: in front of the flow, in this order: ``"cosine"`` whitens the colours of each frequency,
            ``"pixel"`` those of each pixel; ``"marginal"`` makes each pixel Gaussian by itself, for drawings on a
            plain ground, and takes the place of the normalisation; empty for none.
        whitening_shifts: offsets in pixels of the grids of blocks that older models whiten; empty for none.
        whitening_block: side of such a block in pixels.
        squeeze_input: whether an i-RevNet squeeze comes before the first coupling.
        blocks: coupling blocks at each resolution.
        widths: hidden channels of the sub-networks at each resolution.
        downsampling: between resolutions: ``"coupling"`` (the paper's block) or ``"squeeze"``.
        fc_blocks: fully connected coupling blocks at the end.
        fc_width: hidden features of their sub-networks.
        clamp, fc_clamp: largest absolute log-scale of a convolutional and of a fully connected coupling.
        scaling: after each coupling: ``"fixed"`` (by ``scale``), ``"actnorm"`` or ``"none"``.
        scale: the constant of the fixed scaling.
        dct: whether a discrete cosine transform takes the place of global pooling.
        dropout: in the sub-networks, one probability for each resolution and one for the fully connected
            ones; empty for none.
        seed: of the random permutations.

    Raises:
        ValueError: for an unknown name, lists of lengths that do not belong together, or an image that cannot be
            halved as often as the blocks need it.

    Example:
        >>> from ibinn_core.models.flow import FlowConfig
        >>> FlowConfig(image_shape=(3, 32, 32), blocks=(8, 25), widths=(16,))
        Traceback (most recent call last):
        ValueError: blocks (8, 25) and widths (16,) must name the same resolutions
    """

    image_shape: tuple[int, int, int] = (3, 32, 32)
    mean: tuple[float, ...] = (0.4914, 0.4822, 0.4465)
    std: tuple[float, ...] = (0.2470, 0.2435, 0.2616)
    whitening: tuple[str, ...] = ()
    whitening_shifts: tuple[int, ...] = ()
    whitening_block: int = 8
    squeeze_input: bool = False
    blocks: tuple[int, ...] = (8, 25, 25)
    widths: tuple[int, ...] = (16, 32, 64)
    downsampling: str = "coupling"
    fc_blocks: int = 2
    fc_width: int = 1024
    clamp: float = 0.7
    fc_clamp: float = 0.7
    scaling: str = "fixed"
    scale: float = 0.75
    dct: bool = True
    dropout: tuple[float, ...] = ()
    seed: int = 0

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):  # JSON brings lists
            value = getattr(self, field.name)
            if isinstance(value, list):
                object.__setattr__(self, field.name, tuple(value))
        self._check()

    def _check(self) -> None:
        if len(self.blocks) != len(self.widths) or not self.blocks:
            raise ValueError(f"blocks {self.blocks} and widths {self.widths} must name the same resolutions")
        if self.downsampling not in ("coupling", "squeeze"):
            raise ValueError(f"downsampling must be 'coupling' or 'squeeze', not {self.downsampling!r}")
        if self.scaling not in ("fixed", "actnorm", "none"):
            raise ValueError(f"scaling must be 'fixed', 'actnorm' or 'none', not {self.scaling!r}")
        if set(self.whitening) - WHITENINGS.keys():
            raise ValueError(f"whitening must name {' or '.join(map(repr, WHITENINGS))}, not {self.whitening}")
        if "marginal" in self.whitening[1:]:
            raise ValueError(f"the whitening 'marginal' must come first, it takes pixels: not {self.whitening}")
        if self.dropout and len(self.dropout) != len(self.blocks) + 1:
            raise ValueError("dropout must name one probability a resolution and one for the fully connected")
        channels, height, width = self.image_shape
        halvings = len(self.blocks) - 1 + self.squeeze_input
        if height % 2**halvings or width % 2**halvings:
            raise ValueError(f"an image of {height} x {width} cannot be halved {halvings} times")
        if self.dct and height != width:
            raise ValueError(f"the DCT needs a square image, not {height} x {width}")
        if len(self.mean) != channels or len(self.std) != channels:
            raise ValueError(f"mean and std must name one value for each of {channels} channels")

    @property
    def dims(self) -> int:
        """dim(X): the number of values in an image, which is the number of latent dimensions too.

        Example:
            >>> ib.preset("cpu").dims  # 3 · 32 · 32
            3072
        """
        channels, height, width = self.image_shape
        return channels * height * width

    def for_images(
        self, image_shape: tuple[int, int, int], mean: tuple[float, ...], std: tuple[float, ...]
    ) -> "FlowConfig":
        """The same architecture for other images, as far as they allow it.

        Resolutions that the images cannot be halved to are left out, and the DCT where they are not square. Grey images
        are squeezed first, since a coupling needs two channels.

        Arguments:
            image_shape: ``(C, H, W)``.
            mean: of the images' values in [0, 1], a number a channel, as in the config.
            std: their standard deviation, likewise.

        Raises:
            ValueError: for grey images of an odd side.

        Example:
            >>> config = ib.preset("cpu").for_images((1, 28, 28), mean=(0.1307,), std=(0.3081,))
            >>> config.dims, len(config.blocks)  # 28 can be halved only twice
            (784, 2)
        """
        channels, height, width = image_shape
        halvings = min((side & -side).bit_length() - 1 for side in (height, width))
        if channels == 1 and not halvings:
            raise ValueError(f"grey images of {height} x {width} pixels cannot be halved: choose even sides")
        squeeze = halvings > 0 and (self.squeeze_input or channels == 1)
        levels = min(len(self.blocks), halvings + 1 - squeeze)
        return self.replace(
            image_shape=image_shape,
            mean=mean,
            std=std,
            squeeze_input=squeeze,
            blocks=self.blocks[:levels],
            widths=self.widths[:levels],
            dropout=self.dropout and (*self.dropout[:levels], self.dropout[-1]),
            dct=self.dct and height == width,
        )

    def replace(self, **changes: object) -> "FlowConfig":
        """A copy with some attributes changed.

        Raises:
            TypeError: for an attribute that does not exist.
            ValueError: as for the class.

        Example:
            >>> ib.preset("cpu").replace(image_shape=(3, 8, 8)).dims
            192
        """
        return dataclasses.replace(self, **changes)


_CPU = FlowConfig(
    whitening=("cosine", "pixel"),
    squeeze_input=True,
    blocks=(20, 4, 1),
    widths=(48, 112, 192),
    downsampling="squeeze",
    fc_blocks=1,
    fc_width=64,
    scaling="actnorm",
)
#: Architectures by name: the paper's, the one for two cores, that for digits on black, and an older one.
PRESETS = {
    "paper": FlowConfig(dropout=(0.0, 0.0, 0.25, 0.5)),
    "cpu": _CPU,
    "digits": _CPU.replace(
        image_shape=(1, 28, 28),
        mean=(0.1307,),
        std=(0.3081,),
        whitening=("marginal",),
        blocks=(8, 4),
        widths=(48, 96),
        clamp=2.0,
    ),
    # The committed family has this one; it goes when they are trained again with the preset above.
    "grids": _CPU.replace(whitening=(), whitening_shifts=(0, 4, 2, 6), blocks=(6, 3, 2), widths=(64, 160, 224)),
}


def preset(name: str) -> FlowConfig:
    """The architecture called ``name``.

    Arguments:
        name: ``"paper"`` for the network of Appendix E, ``"cpu"`` for one that trains on two CPU cores, or
            ``"grids"`` for an older one of that size.

    Raises:
        ValueError: for another name.

    Example:
        >>> ib.preset("paper").blocks, ib.preset("paper").widths  # coupling blocks and channels, at each resolution
        ((8, 25, 25), (16, 32, 64))
    """
    if name not in PRESETS:
        raise ValueError(f"there is no preset {name!r}; choose one of {', '.join(PRESETS)}")
    return PRESETS[name]


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
        whitenings = (Whitening, *WHITENINGS.values())
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
    layers += [WHITENINGS[domain](config.image_shape) for domain in config.whitening]
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
