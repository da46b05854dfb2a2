"""A model in a folder of ONNX files, checked against PyTorch after writing."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from ..files import new_folder, write_bytes
from ..models.classifier import Classifier, GenerativeClassifier
from .graph import check_packages, trace, trained_names

if TYPE_CHECKING:
    import onnx

ENCODE, DECODE, WEIGHTS = "encode.onnx", "decode.onnx", "weights.bin"
#: The largest difference from PyTorch; where a value is above 1, its share of it, but for likelihoods.
TOLERANCES = {"z": 1e-4, "x": 1e-4, "posterior": 1e-4, "log_prob": 1e-2}
_ALIGNED = 64  # bytes to which each tensor in the file of weights is aligned
_IMAGES = 4  # that the check looks at


class OnnxError(RuntimeError):
    """Raised when what was written does not compute what the model computes; nothing is left behind."""


class _Encode(nn.Module):
    """What :meth:`Classifier.evaluate` gives, as a tuple: z and log q(x | y), or without a likelihood the posterior."""

    def __init__(self, model: Classifier) -> None:
        super().__init__()
        self.model = model

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        if isinstance(self.model, GenerativeClassifier):
            z, log_det = self.model(x)
            return z, self.model.mixture.log_prob(z) + log_det[:, None]
        found = self.model.evaluate(x)
        return (found["latents"], found["posterior"]) if self.model.has_latents else (found["posterior"],)


class _Decode(nn.Module):
    def __init__(self, model: Classifier) -> None:
        super().__init__()
        self.model = model

    def forward(self, z: Tensor) -> Tensor:
        return self.model.decode(z)


def to_onnx(model: Classifier, path: str | Path) -> Path:
    """Writes a model as ONNX graphs, which other programs run without PyTorch.

    The folder gets ``encode.onnx``, for an invertible model ``decode.onnx``, and ``weights.bin``, where both find what
    training has set. All models of one network, the mixed ones of a family among them, have the same two graphs and
    differ in ``weights.bin`` alone. The number of rows, N, is free.

    =================  ============================  ==========================================================
    file               input                         outputs
    =================  ============================  ==========================================================
    ``encode.onnx``    ``x`` ``(N, C, H, W)``,       ``z`` ``(N, D)`` and ``log_prob`` ``(N, K)``, log q(x | y)
                       float32 over [0, 1]           in nats (Eq. 53); of a model without a likelihood ``z``,
                                                     if it has latents, and ``posterior`` ``(N, K)``
    ``decode.onnx``    ``z`` ``(N, D)``              ``x`` ``(N, C, H, W)``, not clipped
    =================  ============================  ==========================================================

    With the weights of the classes (``model.mixture.log_weights``, equal unless learned), the softmax of ``log_prob``
    plus these over K is the posterior. Log-likelihoods are thousands of nats in float32, so it has three or
    four digits.

    Arguments:
        model: any model of this library.
        path: the folder; an older one of a model takes no harm from an error, and is replaced.

    Returns:
        The folder.

    Raises:
        ValueError: without the packages onnx, onnxscript and onnxruntime.
        OnnxError: if onnxruntime computes other values than PyTorch, of images that the model draws, and if the folder
            holds other files; then nothing is written.
        TypeError: for what is no model of this library, or not in float32.
        WriteError: if the folder cannot be written.

    Example:
        >>> import tempfile
        >>> small = ib.preset("cpu").replace(image_shape=(3, 8, 8), blocks=(1, 1, 1))
        >>> folder = ib.to_onnx(ib.GenerativeClassifier(small), tempfile.mkdtemp())  # untrained
        >>> sorted(path.name for path in folder.iterdir())
        ['decode.onnx', 'encode.onnx', 'weights.bin']
    """
    check_packages()
    import onnx

    if not isinstance(model, Classifier) or any(t.dtype != torch.float32 for t in model.parameters()):
        raise TypeError("a model of this library in float32 is needed, as ib.load() and ib.family().at() give it")
    path, weights = Path(path), trained_names(model)
    if path.exists() and not (path.is_dir() and {file.name for file in path.iterdir()} <= {ENCODE, DECODE, WEIGHTS}):
        raise OnnxError(f"{path} holds other things than a model's graphs: name an empty folder, or a new one")
    was_training = model.training
    model.eval()
    try:
        x, z = _examples(model)
        kinds = ["z"] if model.has_latents else []
        kinds.append("log_prob" if model.has_likelihood else "posterior")
        named = [f"model.{name}" for name in weights]
        modules: dict[str, tuple[nn.Module, str, Tensor, list[str]]] = {ENCODE: (_Encode(model), "x", x, kinds)}
        if z is not None:
            modules[DECODE] = (_Decode(model), "z", z, ["x"])
        values = {f"model.{n}": t.detach() for n, t in (*model.named_parameters(), *model.named_buffers())}
        with new_folder(path) as folder:
            graphs = {name: trace(*arguments, named) for name, arguments in modules.items()}
            used = {i.name for graph in graphs.values() for i in graph.graph.input}
            places = _write_weights(folder / WEIGHTS, {name: values[name] for name in named if name in used})
            for name, graph in graphs.items():
                _outside(graph, places)
                write_bytes(folder / name, graph.SerializeToString(deterministic=True))
                onnx.checker.check_model(str(folder / name))
                _check(folder / name, *modules[name])
    finally:
        model.train(was_training)
    return path


def _examples(model: Classifier) -> tuple[Tensor, Tensor | None]:
    """Images and latents to trace and to check with: of a model that can, images as it draws them itself."""
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(_IMAGES, *model.config.image_shape, generator=generator)
    if not model.is_invertible:
        return x, None
    with torch.no_grad():
        z = 0.7 * torch.randn(_IMAGES, model.config.dims, generator=generator)
        if isinstance(model, GenerativeClassifier):
            z += model.class_means[torch.arange(_IMAGES) % model.num_classes]
        return model.decode(z).clamp(0, 1), z


def _write_weights(path: Path, values: dict[str, Tensor]) -> dict[str, tuple[int, int]]:
    """Writes the tensors one after another, and returns offset and length of each in bytes."""
    places, data = {}, bytearray()
    for name, value in values.items():
        found = np.ascontiguousarray(value.cpu().numpy())
        data += bytes(-len(data) % _ALIGNED)
        places[name] = (len(data), found.nbytes)
        data += found.astype(found.dtype.newbyteorder("<")).tobytes()
    write_bytes(path, bytes(data))
    return places


def _outside(graph: "onnx.ModelProto", places: dict[str, tuple[int, int]]) -> None:
    """Makes of the inputs that are weights constants that lie in the file of weights."""
    import onnx

    inputs = list(graph.graph.input)
    del graph.graph.input[:]
    for given in inputs:
        if given.name not in places:
            graph.graph.input.append(given)
            continue
        kind = given.type.tensor_type
        offset, length = places[given.name]
        constant = graph.graph.initializer.add(
            name=given.name,
            data_type=kind.elem_type,
            dims=[d.dim_value for d in kind.shape.dim],
            data_location=onnx.TensorProto.EXTERNAL,
        )
        for key, value in (("location", WEIGHTS), ("offset", str(offset)), ("length", str(length))):
            constant.external_data.add(key=key, value=value)


def _check(path: Path, module: nn.Module, argument: str, example: Tensor, outputs: list[str]) -> None:
    """Raises an OnnxError unless onnxruntime finds in the file what the module finds, for one row and for more."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    for rows in (1, len(example)):
        with torch.no_grad():
            wanted = module(example[:rows])
        found = session.run(outputs, {argument: example[:rows].numpy()})
        for name, one, other in zip(outputs, found, wanted if isinstance(wanted, tuple) else (wanted,), strict=True):
            exact = other.double().numpy()
            error = np.abs(np.asarray(one, np.float64) - exact) / np.maximum(
                1, np.abs(exact) if name != "log_prob" else 1
            )
            if not error.max(initial=0) <= TOLERANCES[name]:
                raise OnnxError(
                    f"{path.name} gives other values than the model: {name} differs by {error.max():.2g}, and "
                    f"{TOLERANCES[name]:g} is allowed"
                )
