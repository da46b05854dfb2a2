"""The architecture of a model: a frozen config, its presets, and the ranges of its values. Needs no torch."""

import dataclasses
import math
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, PlainValidator

from .fields import STORED, Finite, Flag, Positive, Share, check_fields
from .flow_registry import check_name

#: Whitening layers by their names in a config; each class takes the shape of an image, ``(C, H, W)``.
WHITENINGS = {"cosine": "CosineWhitening", "pixel": "ColourWhitening", "conditional": "ConditionalGaussianization"}
CONDITIONAL = "conditional"  # comes first and replaces the normalisation, since it takes pixels
#: Limits for stored architectures.
MAX_PIXELS, MAX_CHANNELS, MAX_LEVELS, MAX_BLOCKS, MAX_FC_BLOCKS = 64, 4, 7, 128, 32
MAX_WIDTH, MAX_FC_WIDTH = 4096, 16384

_Sizes = tuple[Annotated[int, Field(strict=True, ge=1, le=MAX_CHANNELS * MAX_PIXELS**2)], ...]
_Level = Field(max_length=MAX_LEVELS)


@dataclass(frozen=True)
class FlowConfig:
    """Everything that defines the architecture; :data:`PRESETS` has some architectures.

    Attributes:
        image_shape: ``(C, H, W)`` of an image; square images pass a DCT. A registered flow may have ``(D,)``.
        mean, std: mean and deviation of the pixels in [0, 1] for each channel, used by the normalisation at the start.
        whitening: names of :data:`WHITENINGS` in front of the flow, in this order. ``"cosine"`` and ``"pixel"`` whiten
            the colours of each frequency or pixel. ``"conditional"`` makes pixels Gaussian, given other pixels, and
            replaces the normalisation.
        whitening_shifts: for older models, which whiten 8x8 blocks: the shift of each grid of blocks in pixels.
        squeeze_input: whether an i-RevNet squeeze comes before the first coupling.
        blocks, widths: coupling blocks at each resolution, and hidden channels of their sub-networks.
        downsampling: between resolutions: ``"coupling"`` (the paper's block) or ``"squeeze"``.
        fc_blocks, fc_width: fully connected coupling blocks at the end, and hidden features of their sub-networks.
        clamp: largest absolute log-scale of a convolutional coupling; 0.7 for a fully connected coupling.
        scaling: after each coupling: ``"fixed"`` (by 0.75) or ``"actnorm"``.
        dropout: probabilities of dropout: one for each resolution, and one for the fully connected couplings.
        builder: the name of a registered flow (:func:`ibinn_core.register_flow`). For such a flow, only the attributes
            ``image_shape``, ``mean`` and ``std`` count.

    Raises:
        ValueError: for an unknown name, lists of wrong lengths, or an image that cannot be halved as often as needed.
    """

    __pydantic_config__ = STORED

    image_shape: Annotated[_Sizes, Field(min_length=1, max_length=3)] = (3, 32, 32)
    mean: Annotated[tuple[Finite, ...], Field(max_length=MAX_CHANNELS)] = (0.4914, 0.4822, 0.4465)
    std: Annotated[tuple[Positive, ...], Field(max_length=MAX_CHANNELS)] = (0.2470, 0.2435, 0.2616)
    whitening: Annotated[tuple[Literal["cosine", "pixel", "conditional"], ...], Field(max_length=4)] = ()
    whitening_shifts: Annotated[tuple[Annotated[int, Field(strict=True, ge=0, le=MAX_PIXELS)], ...], _Level] = ()
    squeeze_input: Flag = False
    blocks: Annotated[tuple[Annotated[int, Field(strict=True, ge=0, le=MAX_BLOCKS)], ...], _Level] = (8, 25, 25)
    widths: Annotated[tuple[Annotated[int, Field(strict=True, ge=1, le=MAX_WIDTH)], ...], _Level] = (16, 32, 64)
    downsampling: Literal["coupling", "squeeze"] = "coupling"
    fc_blocks: Annotated[int, Field(strict=True, ge=0, le=MAX_FC_BLOCKS)] = 2
    fc_width: Annotated[int, Field(strict=True, ge=1, le=MAX_FC_WIDTH)] = 1024
    clamp: Annotated[float, Field(strict=True, gt=0, le=20)] = 0.7  # exp(20) leaves float32 room for products
    scaling: Literal["fixed", "actnorm"] = "fixed"
    dropout: Annotated[tuple[Share, ...], Field(max_length=MAX_LEVELS + 1)] = ()
    builder: Annotated[str, PlainValidator(check_name)] | None = None

    def __post_init__(self) -> None:
        check_fields(self)
        shape, is_image = self.image_shape, len(self.image_shape) == 3
        if not is_image and (len(shape) != 1 or self.builder is None):
            raise ValueError(f"image_shape must be (C, H, W), or (D,) for a registered flow, not {shape}")
        if is_image and (shape[0] > MAX_CHANNELS or max(shape) > MAX_PIXELS):
            raise ValueError(f"an image has at most {MAX_CHANNELS} channels and sides of {MAX_PIXELS}, not {shape}")
        channels = shape[0] if is_image else 0
        if len(self.mean) != channels or len(self.std) != channels:
            raise ValueError(f"mean and std must have one value for each of {channels} channels: use for_images")
        if self.builder is None:
            self._check_layers()

    def _check_layers(self) -> None:
        if len(self.blocks) != len(self.widths) or not self.blocks:
            raise ValueError(f"blocks {self.blocks} and widths {self.widths} must have one value for each resolution")
        if CONDITIONAL in self.whitening[1:]:
            raise ValueError(f"the whitening {CONDITIONAL!r} must come first as it takes pixels: not {self.whitening}")
        if self.dropout and len(self.dropout) != len(self.blocks) + 1:
            raise ValueError("dropout must have a probability per resolution and one for the fully connected couplings")
        _, height, width = self.image_shape
        halvings = max(len(self.blocks) - 1 + self.squeeze_input, int(CONDITIONAL in self.whitening))
        if height % 2**halvings or width % 2**halvings:
            raise ValueError(f"an image of {height} x {width} cannot be halved {halvings} times")

    @property
    def dims(self) -> int:
        """dim(X): the number of values in an image, and of latent dimensions."""
        return math.prod(self.image_shape)

    def for_images(
        self, image_shape: tuple[int, int, int], mean: tuple[float, ...], std: tuple[float, ...]
    ) -> "FlowConfig":
        """The same architecture for other images, with as many resolutions as their size allows.

        Raises a ValueError for grey images of an odd side. Grey images are squeezed, since couplings need two channels.
        """
        if not all(isinstance(one, (tuple, list)) for one in (image_shape, mean, std)) or len(image_shape) != 3:
            given = f"not {image_shape}, {mean} and {std}"
            raise ValueError(f"for_images needs a shape (C, H, W) and tuples of C means and deviations, {given}")
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
        )

    def replace(self, **changes: object) -> "FlowConfig":
        """A copy with some attributes changed."""
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
#: Architectures by the names that :func:`preset` describes.
PRESETS = {
    "paper": FlowConfig(dropout=(0.0, 0.0, 0.25, 0.5)),
    "cpu": _CPU,
    "digits": _CPU.replace(
        image_shape=(1, 28, 28),
        mean=(0.1307,),
        std=(0.3081,),
        whitening=("conditional",),
        blocks=(8, 4),
        widths=(48, 96),
        clamp=2.0,
    ),
    # The ResNets, VIB and i-RevNet of photographs have it; remove the preset when these are trained with ``cpu``.
    "grids": _CPU.replace(whitening=(), whitening_shifts=(0, 4, 2, 6), blocks=(6, 3, 2), widths=(64, 160, 224)),
}


def preset(name: str) -> FlowConfig:
    """The architecture with this name; raises a ValueError for an unknown name.

    Arguments:
        name: ``"paper"``: the network of Appendix E. ``"cpu"``: a network that trains on two CPU cores. ``"digits"``:
            a network for MNIST like ``"cpu"``. ``"grids"``: an older network of the size of ``"cpu"``.

    Example:
        >>> ib.preset("paper").blocks, ib.preset("paper").widths  # coupling blocks and channels, at each resolution
        ((8, 25, 25), (16, 32, 64))
    """
    if name not in PRESETS:
        raise ValueError(f"there is no preset {name!r}; choose one of {', '.join(PRESETS)}")
    return PRESETS[name]
