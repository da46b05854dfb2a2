"""What a module computes, as one ONNX graph whose weights are inputs: the same graph for all models of one network."""

import io
import logging
import warnings
from contextlib import contextmanager, redirect_stdout
from importlib.util import find_spec
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from ..weight_space.mixing import mixed_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    import onnx

PACKAGES = ("onnx", "onnxscript", "onnxruntime")
OPSET = 20


def check_packages() -> None:
    """Raises a ValueError unless what writes and checks graphs is installed."""
    missing = [name for name in PACKAGES if find_spec(name) is None]
    if missing:
        raise ValueError(
            f"writing ONNX files needs the package{'s' if len(missing) > 1 else ''} {', '.join(missing)}: "
            f"pip install {' '.join(missing)}"
        )


def trained_names(model: nn.Module) -> list[str]:
    """The names of all tensors that differ between models of one network, those computed from weights included.

    These are the parameters, the statistics of batch norms, and what an alignment consists of.
    """
    derived = [name for name, _ in model.named_buffers() if name.startswith("alignment.")]
    return list(dict.fromkeys([*mixed_names(model), *derived]))


def trace(
    module: nn.Module, argument: str, example: Tensor, outputs: list[str], weights: list[str]
) -> "onnx.ModelProto":
    """The graph of ``module(example)`` for any number of rows.

    Arguments:
        module: maps a tensor ``(N, ...)`` to a tensor, or to a tuple of them.
        argument: name of the graph's first input.
        example: a value of it, with two rows or more: a single one would be taken for all that there can be.
        outputs: names of what the module gives.
        weights: names of those of the module's parameters and buffers that become further inputs, in this order; one
            that is not used is left out. All others are constants of the graph.

    Returns:
        The graph, without the paths and source lines of this machine.
    """
    import onnx
    import onnx_ir
    from onnxscript import optimizer

    rows = torch.export.Dim("n")
    with torch.no_grad(), _quiet():
        program = torch.onnx.export(
            module.eval(),
            (example,),
            input_names=[argument],
            output_names=outputs,
            dynamo=True,
            dynamic_shapes=({0: rows},),
            opset_version=OPSET,
            optimize=False,
            verbose=False,
        )
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
        optimizer.optimize(model)  # what does not depend on an input is computed here, once
    model.graph.sort()
    return _plain(onnx_ir.to_proto(model))


class _Forward(nn.Module):
    def __init__(self, flow: nn.Module) -> None:
        super().__init__()
        self.flow = flow

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self.flow(x)


class _Inverse(_Forward):
    def forward(self, u: Tensor) -> Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]  # the graph names it
        return self.flow.inverse(u)  # pyright: ignore[reportCallIssue]


def flow_graphs(flow: nn.Module, x: Tensor) -> dict[str, "onnx.ModelProto"]:
    """A flow's ``encode`` (``x`` to ``u`` and ``log_det``) and ``decode`` (``u`` to ``x``), weights as further inputs.

    Arguments:
        flow: an invertible layer without an alignment.
        x: two inputs of it or more, ``(N, ...)``.
    """
    forward, inverse = _Forward(flow), _Inverse(flow)
    with torch.no_grad():
        u, _ = forward(x)
    names = trained_names(forward)
    return {
        "encode": trace(forward, "x", x, ["u", "log_det"], names),
        "decode": trace(inverse, "u", u, ["x"], names),
    }


def _plain(proto: "onnx.ModelProto") -> "onnx.ModelProto":
    """The graph without notes, which name files of this machine."""
    proto.doc_string = ""
    del proto.metadata_props[:]
    del proto.graph.metadata_props[:]
    del proto.graph.value_info[:]
    for part in (*proto.graph.node, *proto.graph.input, *proto.graph.output, *proto.graph.initializer):
        part.doc_string = ""
        del part.metadata_props[:]
    return proto


@contextmanager
def _quiet() -> "Iterator[None]":
    """Without the tracer's words about its own steps."""
    level = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(level)
