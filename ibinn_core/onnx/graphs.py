"""A model, or its flow alone, as ONNX graphs."""

import io
import logging
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, redirect_stdout
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from ..files import new_folder, reason, write_bytes
from ..models.classifier import Classifier, GenerativeClassifier
from ..weight_space.mixing import mixed_names

if TYPE_CHECKING:
    import onnx

PACKAGES = ("onnx", "onnxscript", "onnxruntime")
OPSET = 20
ENCODE, DECODE = "encode.onnx", "decode.onnx"
#: Largest differences from PyTorch: absolute for likelihoods and values up to 1, otherwise relative.
TOLERANCES = {"z": 1e-4, "x": 1e-4, "posterior": 1e-4, "log_prob": 1e-2}
_IMAGES = 4  # number of images to check a graph with


class OnnxError(RuntimeError):
    """The model cannot be exported, its graph is wrong, or the folder has other files. Nothing has been written."""


def check_packages() -> None:
    """Raises an ImportError unless the packages that write and check graphs are installed."""
    missing = [name for name in PACKAGES if find_spec(name) is None]
    if missing:
        raise ImportError(
            f"writing ONNX files needs packages that are not installed ({', '.join(missing)}): "
            "pip install 'ibinn-explorer[onnx]'"
        )


def to_onnx(model: Classifier, path: str | Path) -> Path:
    """Writes a model as ONNX graphs, which other programs run without PyTorch.

    The folder gets ``encode.onnx``, and for an invertible model ``decode.onnx``. N, the number of rows, may vary.

    =================  ============================  ==========================================================
    file               input                         outputs
    =================  ============================  ==========================================================
    ``encode.onnx``    ``x`` ``(N, C, H, W)``,       ``z`` ``(N, D)`` and ``log_prob`` ``(N, K)``, log q(x | y)
                       float32 over [0, 1]           in nats (Eq. 53). Without a likelihood, there is ``z``
                                                     if the model has latents, and ``posterior`` ``(N, K)``
    ``decode.onnx``    ``z`` ``(N, D)``              ``x`` ``(N, C, H, W)``, not clipped
    =================  ============================  ==========================================================

    The posterior is the softmax over K of ``log_prob`` plus ``model.mixture.log_weights``. Log-likelihoods are
    thousands of nats in float32, so the posterior has three or four exact digits.

    Arguments:
        model: any model of this library.
        path: the folder; older graphs in it are replaced.

    Returns:
        The folder.

    Raises:
        ImportError: without the packages onnx, onnxscript and onnxruntime.
        OnnxError: if PyTorch cannot export the model, such as some wrapped flows; if onnxruntime computes other values
            than PyTorch; or if the folder holds other files.
        TypeError: unless ``model`` is a model of this library, in float32.
        WriteError: if the folder cannot be written.

    Example:
        >>> import tempfile
        >>> small = ib.preset("cpu").replace(image_shape=(3, 8, 8), blocks=(1, 1, 1))
        >>> folder = ib.to_onnx(ib.GenerativeClassifier(small), tempfile.mkdtemp())  # untrained
        >>> sorted(path.name for path in folder.iterdir())
        ['decode.onnx', 'encode.onnx']
    """
    check_packages()
    if not isinstance(model, Classifier) or any(t.dtype != torch.float32 for t in model.parameters()):
        raise TypeError("a model of this library in float32 is needed, as ib.load() and ib.family().at() give it")
    path = Path(path)
    if path.exists() and not (path.is_dir() and {file.name for file in path.iterdir()} <= {ENCODE, DECODE}):
        raise OnnxError(f"{path} holds more than a model's graphs: name an empty folder or a new one")
    was_training = model.training
    model.eval()
    try:
        with new_folder(path) as folder:
            _write(model, folder)
    finally:
        model.train(was_training)
    return path


def _write(model: Classifier, folder: Path) -> None:
    import onnx

    x, z = _examples(model)
    outputs = [*(["z"] if model.has_latents else []), "log_prob" if model.has_likelihood else "posterior"]
    parts = {ENCODE: (_Graph(model, partial(_encode, model)), "x", x, outputs)}
    if z is not None:
        parts[DECODE] = (_Graph(model, model.decode), "z", z, ["x"])
    for name, part in parts.items():
        write_bytes(folder / name, trace(*part).SerializeToString(deterministic=True))
        onnx.checker.check_model(str(folder / name))
        _check(folder / name, *part)


def _encode(model: Classifier, x: Tensor) -> tuple[Tensor, ...]:
    """Computes latents, if any, and log q(x | y), or without a likelihood the posterior."""
    if isinstance(model, GenerativeClassifier):
        z, log_det = model(x)
        return z, model.mixture.log_prob(z) + log_det[:, None]
    found = model.evaluate(x)
    return (found["latents"], found["posterior"]) if model.has_latents else (found["posterior"],)


def _examples(model: Classifier) -> tuple[Tensor, Tensor | None]:
    """Draws images and latents for tracing and checking, from the model if possible."""
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(_IMAGES, *model.config.image_shape, generator=generator)
    if not model.is_invertible:
        return x, None
    with torch.no_grad():
        z = 0.7 * torch.randn(_IMAGES, model.config.dims, generator=generator)
        if isinstance(model, GenerativeClassifier):
            z += model.class_means[torch.arange(_IMAGES) % model.num_classes]
        return model.decode(z).clamp(0, 1), z


def _check(path: Path, module: nn.Module, argument: str, example: Tensor, outputs: list[str]) -> None:
    """Raises an OnnxError unless onnxruntime and the module give equal results."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    for rows in (1, len(example)):
        with torch.no_grad():
            wanted = module(example[:rows])
        try:
            found = session.run(outputs, {argument: example[:rows].numpy()})
        except Exception as error:  # onnxruntime's errors have no common base class
            raise OnnxError(f"onnxruntime cannot run {path.name} for {rows} rows ({reason(error)})") from error
        for name, one, other in zip(outputs, found, wanted if isinstance(wanted, tuple) else (wanted,), strict=True):
            exact = other.double().numpy()
            scale = 1 if name == "log_prob" else np.maximum(1, np.abs(exact))
            error = np.abs(np.asarray(one, np.float64) - exact) / scale
            if not error.max(initial=0) <= TOLERANCES[name]:
                raise OnnxError(
                    f"{path.name} gives other values than the model: {name} differs by {error.max():.2g}, and "
                    f"{TOLERANCES[name]:g} is allowed"
                )


class _Graph(nn.Module):
    """A module that calls one function of another module, such as its inverse, for tracing."""

    def __init__(self, module: nn.Module, function: Callable[[Tensor], Tensor | tuple[Tensor, ...]]) -> None:
        super().__init__()
        self.flow, self.function = module, function

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, ...]:
        return self.function(x)


def flow_graphs(model: GenerativeClassifier) -> tuple[dict[str, bytes], dict[str, list[int]]]:
    """Returns graphs ``encode`` and ``decode`` of a model's flow, with weights as inputs, and the weights' shapes."""
    flow, x = model.flow, torch.rand(2, *model.config.image_shape, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        u, _ = flow(x)
    encode, decode = _Graph(flow, flow.forward), _Graph(flow, flow.inverse)  # pyright: ignore[reportArgumentType]
    weights = mixed_names(encode)
    graphs = {
        "encode": trace(encode, "x", x, ["u", "log_det"], weights),
        "decode": trace(decode, "u", u, ["x"], weights),
    }
    inputs = {
        given.name: [d.dim_value for d in given.type.tensor_type.shape.dim]
        for graph in graphs.values()
        for given in graph.graph.input[1:]
    }
    return {name: graph.SerializeToString(deterministic=True) for name, graph in graphs.items()}, inputs


def trace(
    module: nn.Module, argument: str, example: Tensor, outputs: list[str], weights: Iterable[str] = ()
) -> "onnx.ModelProto":
    """Traces ``module(example)`` as a graph for any number of rows, without paths of this machine.

    The example ``(N, ...)`` has at least two rows: a single row would fix the batch size to 1. ``argument`` and
    ``outputs`` are names. Tensors in ``weights`` become further inputs if the graph uses them; others are constants.
    """
    import onnx
    import onnx_ir
    from onnxscript import optimizer

    with torch.no_grad(), _quiet():
        try:
            program = torch.onnx.export(
                module.eval(),
                (example,),
                input_names=[argument],
                output_names=outputs,
                dynamo=True,
                dynamic_shapes=({0: torch.export.Dim("n")},),
                custom_translation_table={torch.ops.aten.scalar_tensor.default: _scalar},
                opset_version=OPSET,
                optimize=False,
                verbose=False,
            )
        except Exception as error:  # a flow of another library may raise any error
            why = reason(error.__cause__ or error)
            raise OnnxError(f"PyTorch cannot export this model as an ONNX graph ({why})") from error
    assert program is not None
    proto = program.model_proto
    constants = {constant.name: constant for constant in proto.graph.initializer}
    for name in weights:
        if constant := constants.pop(name, None):
            proto.graph.input.append(onnx.helper.make_tensor_value_info(name, constant.data_type, list(constant.dims)))
    del proto.graph.initializer[:]
    proto.graph.initializer.extend(constants.values())
    model = onnx_ir.from_proto(proto)
    with _quiet():
        optimizer.optimize(model)  # computes everything that does not depend on an input
    model.graph.sort()
    return _plain(onnx_ir.to_proto(model))


def _scalar(value: float, dtype: int = 1, **others: object) -> object:
    """Translates a number of a program to a constant of its type: PyTorch's translation rounds it to float32."""
    from onnx import helper
    from onnxscript.onnx_opset import opset20

    return opset20.Constant(value=helper.make_tensor("value", dtype, [], [value]))


def _plain(proto: "onnx.ModelProto") -> "onnx.ModelProto":
    """Removes the notes of a graph, since they name files of this machine."""
    graph = proto.graph
    del graph.value_info[:]
    for part in (proto, graph, *graph.node, *graph.input, *graph.output, *graph.initializer):
        part.doc_string = ""
        del part.metadata_props[:]
    return proto


@contextmanager
def _quiet() -> Iterator[None]:
    """Silences the tracer's messages in this context."""
    level = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(level)
