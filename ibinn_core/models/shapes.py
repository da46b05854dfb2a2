"""The shapes of all that a model stores, by its config alone: what a file of weights is compared with (no torch).

It says in numbers what :mod:`.flow`, :mod:`.baselines` and the layers build; a test compares the two. So a stranger's
file is refused by its header, before anything is built or read.
"""

from collections.abc import Iterator

from .architecture import GAUSSIANIZATIONS, FlowConfig
from .config import TrainingConfig
from .kinds import OWN_FLOW

Shape = tuple[int, ...]
Named = Iterator[tuple[str, Shape]]

LEVELS = 256  # of an 8-bit pixel, as both Gaussianisations count them
CONDITIONAL_BINS, CONDITIONAL_WIDTH = 24, 64  # of ConditionalGaussianization, as in its module
VIB_LATENT_DIMS = 256  # of a VIB's code, as in .baselines
#: What the names of all that a flow of one's own stores begin with: nothing is known of their shapes.
OWN_NET = "flow.layers.0.net."
#: The means of the mixture, and those from before its alignment, from which they follow: a file may leave them out.
MEANS, ALIGNED = "mixture.means", "alignment.means"
#: What is stored in whole numbers or truth values; all else is floating point.
WHOLE = (".num_batches_tracked", ".order", ".level")
TRUTH = (".fitted",)


def stored_shapes(config: TrainingConfig, num_classes: int) -> tuple[dict[str, Shape], dict[str, Shape]]:
    """The shapes of a model's parameters and buffers, by their names in its state.

    Returns:
        Those that must be there, of a flow of one's own without the network itself; and those that an aligned model has
        besides, all of them or none. Where they are, :data:`MEANS` need not be.

    Raises:
        ValueError: for an architecture, or a number of classes, that no model can have.

    Example:
        >>> from ibinn_core.models.config import TrainingConfig
        >>> from ibinn_core.models.shapes import stored_shapes
        >>> shapes, alignment = stored_shapes(TrainingConfig(), num_classes=10)
        >>> shapes["mixture.means"], alignment["alignment.matrix"]
        ((10, 3072), (9, 9))
    """
    architecture = config.architecture
    _check(config, num_classes)
    if config.model == OWN_FLOW:
        return dict(_own_flow(num_classes, architecture.dims)), dict(
            _under("alignment", _alignment(num_classes, architecture.dims))
        )
    if config.model in ("ib-inn", "i-revnet"):
        shapes = dict(_under("flow.layers", _numbered(_flow(architecture))))
    else:
        shapes = dict(_under("body", _body(architecture)))
    dims, features = architecture.dims, architecture.widths[-1]
    if config.model == "ib-inn":
        shapes |= {"mixture.means": (num_classes, dims), "mixture.phi": (num_classes,)}
        return shapes, dict(_under("alignment", _alignment(num_classes, dims)))
    if config.model == "vib":
        shapes |= dict(_under("mean", _linear(features, VIB_LATENT_DIMS)))
        shapes |= dict(_under("log_std", _linear(features, VIB_LATENT_DIMS)))
    last = {"i-revnet": dims, "resnet": features, "vib": VIB_LATENT_DIMS}[config.model]
    return shapes | dict(_under("head", _linear(last, num_classes))), {}


def _check(config: TrainingConfig, num_classes: int) -> None:
    """What building the model would refuse."""
    architecture = config.architecture
    channels, height, width = architecture.image_shape
    block = architecture.whitening_block
    if architecture.whitening_shifts and (height % block or width % block):
        raise ValueError(f"whitening blocks of {block} pixels do not tile an image of {height} x {width}")
    has_flow = config.model in ("ib-inn", "i-revnet")
    if has_flow and channels * (4 if architecture.squeeze_input else 1) < 2:
        raise ValueError(f"a coupling needs at least two channels, not {channels}")
    if config.model in ("ib-inn", OWN_FLOW) and num_classes > architecture.dims:
        raise ValueError(f"{num_classes} classes do not fit into {architecture.dims} dimensions at equal distances")


def _under(prefix: str, named: Named) -> Named:
    return ((f"{prefix}.{name}", shape) for name, shape in named)


def _numbered(parts: Iterator[Named]) -> Named:
    """What the parts of a chain store, each under its number in the chain."""
    for number, part in enumerate(parts):
        yield from _under(str(number), part)


def _flow(config: FlowConfig) -> Iterator[Named]:
    """What each layer of a flow stores, layer after layer."""
    channels, height, width = config.image_shape
    if not set(config.whitening[:1]) & set(GAUSSIANIZATIONS):
        yield iter((("mean", (channels, 1, 1)), ("std", (channels, 1, 1))))
    for domain in config.whitening:
        stored = {"cosine": _cosine, "pixel": _pixel, "marginal": _marginal, "conditional": _conditional}
        yield stored[domain](*config.image_shape)
    if config.whitening_shifts:
        yield _blocks_of_pixels(config)
    if config.squeeze_input:
        yield iter(())
        channels, height, width = 4 * channels, height // 2, width // 2
    for level, (blocks, hidden) in enumerate(zip(config.blocks, config.widths, strict=True)):
        if level:
            if config.downsampling == "coupling":
                yield _under("subnetwork.net", _convolutional(channels // 2, 8 * (channels - channels // 2), hidden))
                yield from _mixing(config, 4 * channels)
            else:
                yield iter(())
            channels, height, width = 4 * channels, height // 2, width // 2
        for _ in range(blocks):
            yield _under("subnetwork.net", _convolutional(channels // 2, 2 * (channels - channels // 2), hidden))
            yield from _mixing(config, channels)
    if config.dct:
        yield iter((("transform.matrix", (height * width, height * width)),))
    yield iter(())  # the flattening
    yield from _fully_connected_blocks(config)


def _fully_connected_blocks(config: FlowConfig) -> Iterator[Named]:
    half = config.dims // 2
    for _ in range(config.fc_blocks):
        yield iter((("order", (config.dims,)),))
        yield _under("subnetwork.net", _fully_connected(half, 2 * (config.dims - half), config.fc_width))
        yield from _scaling(config, config.dims)


def _mixing(config: FlowConfig, channels: int) -> Iterator[Named]:
    yield iter((("rotation.matrix", (channels, channels)),))
    yield from _scaling(config, channels)


def _scaling(config: FlowConfig, channels: int) -> Iterator[Named]:
    if config.scaling == "actnorm":
        yield iter((("log_scale", (channels,)), ("shift", (channels,)), ("fitted", ())))
    else:
        yield iter(())


def _pixel(channels: int, height: int, width: int) -> Named:
    yield "mean", (channels, height, width)
    yield "fitted", ()
    yield "colours.matrix", (height, width, channels, channels)


def _cosine(channels: int, height: int, width: int) -> Named:
    yield "rows.matrix", (height, height)
    yield "columns.matrix", (width, width)
    yield from _under("frequencies", _pixel(channels, height, width))


def _marginal(channels: int, height: int, width: int) -> Named:
    yield "background", (channels, height, width)
    yield "level", (channels,)
    yield "others", (channels, LEVELS + 1)
    yield "fitted", ()


def _conditional(channels: int, height: int, width: int) -> Named:
    yield "logits", (channels * height * width * CONDITIONAL_BINS,)
    yield "level", (channels,)
    yield "borders", (channels, LEVELS + 1)
    yield "fitted", ()
    for halving in range(1 if height % 4 or width % 4 else 2):
        for number, count in ((2 * halving, channels), (2 * halving + 1, 2 * channels)):
            network = _convolutional(2 * count, count * CONDITIONAL_BINS, CONDITIONAL_WIDTH)
            yield from _under(f"subnetwork.{number}.net", network)


def _blocks_of_pixels(config: FlowConfig) -> Named:
    size, count = config.image_shape[0] * config.whitening_block**2, len(config.whitening_shifts)
    yield "means", (count, size)
    yield "fitted", ()
    for number in range(count):
        yield f"matrices.{number}.matrix", (size, size)


def _convolution(channels_in: int, channels_out: int, side: int) -> Named:
    yield "weight", (channels_out, channels_in, side, side)


def _norm(channels: int) -> Named:
    for name in ("weight", "bias", "running_mean", "running_var"):
        yield name, (channels,)
    yield "num_batches_tracked", ()


def _linear(features_in: int, features_out: int) -> Named:
    yield "weight", (features_out, features_in)
    yield "bias", (features_out,)


def _convolutional(channels_in: int, channels_out: int, width: int) -> Named:
    yield from _under("0", _convolution(channels_in, width, 3))
    yield from _under("1", _norm(width))
    yield from _under("3", _convolution(width, width, 3))
    yield from _under("4", _norm(width))
    yield from _under("7", _convolution(width, channels_out, 1))
    yield "7.bias", (channels_out,)


def _fully_connected(features_in: int, features_out: int, width: int) -> Named:
    yield from _under("0", _linear(features_in, width))
    yield from _under("2", _linear(width, width))
    yield from _under("5", _linear(width, features_out))


def _alignment(num_classes: int, dims: int) -> Named:
    yield "means", (num_classes, dims)
    yield "location", (dims,)
    yield "log_scale", (dims,)
    yield "matrix", (num_classes - 1, num_classes - 1)
    yield "offset", (num_classes - 1,)


def _own_flow(num_classes: int, dims: int) -> Named:
    yield "flow.probe", (dims,)
    yield from _under("flow.layers.1", _standardization(num_classes, dims))
    yield "mixture.means", (num_classes, dims)
    yield "mixture.phi", (num_classes,)


def _standardization(num_classes: int, dims: int) -> Named:
    yield "location", (dims,)
    yield "log_scale", (dims,)
    yield "basis", (dims, num_classes - 1)
    yield "matrix", (num_classes - 1, num_classes - 1)


def _body(config: FlowConfig) -> Named:
    channels = config.image_shape[0]
    yield "normalization.mean", (channels, 1, 1)
    yield "normalization.std", (channels, 1, 1)
    yield from _under("subnetwork.net", _numbered(_residual(config)))


def _residual(config: FlowConfig) -> Iterator[Named]:
    """What each part of a ResNet's body stores, as ``baselines._layers`` builds it."""
    channels, width = config.image_shape[0], config.widths[0]
    if config.squeeze_input:
        channels *= 4
        yield iter(())
    yield _convolution(channels, width, 3)
    yield _norm(width)
    yield iter(())
    for level, (blocks, hidden) in enumerate(zip(config.blocks, config.widths, strict=True)):
        if level:
            blocks = blocks + 1 if config.downsampling == "coupling" else max(blocks, 1)
        for number in range(blocks):
            yield _residual_block(width, hidden, is_strided=level > 0 and number == 0)
            width = hidden
    yield iter(())  # pooling
    yield iter(())  # flattening
    for _ in range(config.fc_blocks):
        yield _under("branch", _fully_connected(width, width, config.fc_width))


def _residual_block(channels_in: int, channels_out: int, is_strided: bool) -> Named:
    yield from _under("branch.0", _convolution(channels_in, channels_out, 3))
    yield from _under("branch.1", _norm(channels_out))
    yield from _under("branch.4", _convolution(channels_out, channels_out, 3))
    yield from _under("branch.5", _norm(channels_out))
    if is_strided or channels_in != channels_out:
        yield from _under("shortcut.1", _convolution(channels_in, channels_out, 1))
        yield from _under("shortcut.2", _norm(channels_out))
