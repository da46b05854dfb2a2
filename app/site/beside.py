"""The site's classifier without a likelihood, shown next to a family: a graph for browsers."""

import tempfile
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import ibinn_core as ib
from app.models import registry
from app.models.names import name_of
from app.site.kept import Kept
from app.site.packed import LARGE, NUMBERS, rounded, write
from ibinn_core.checkpoint import WEIGHTS, Checkpoint

if TYPE_CHECKING:
    import onnx

STEPS = 64  # rounding steps in one standard deviation of the weights
FILE = "beside.onnx"


def write_beside(folder: Path, kept: Kept) -> dict[str, Any] | None:
    """Writes the graph of the data set's first ResNet into a folder.

    Returns: The entry for ``app/static/site/judging.js``; ``None`` without such a model or the package onnxscript.
    """
    found = [model for model in registry.without_likelihood() if model.model == "resnet"]
    if not found or find_spec("onnxscript") is None:
        return None
    first = found[0]
    key = f"beside {STEPS}".encode() + (first.path / WEIGHTS).read_bytes()
    graph = kept(key, partial(_graph_of, first))  # tracing takes 30 s
    return {"name": name_of(first), "noise": first.noise, "graph": write(folder, {"file": FILE}, graph, kept, NUMBERS)}


def _graph_of(checkpoint: Checkpoint) -> bytes:
    import onnx

    with tempfile.TemporaryDirectory() as folder:
        graph = onnx.load(str(ib.to_onnx(ib.load(checkpoint), Path(folder) / "graph") / "encode.onnx"))
    halve(graph)
    return graph.SerializeToString(deterministic=True)


def halve(model: "onnx.ModelProto") -> None:
    """Rounds large arrays of a graph to half precision or less; the graph still computes in single precision."""
    import onnx
    from onnx import helper, numpy_helper

    graph = model.graph
    for array in list(graph.initializer):
        values = numpy_helper.to_array(array)
        if values.dtype != np.float32 or values.size < LARGE:
            continue
        half = numpy_helper.from_array(rounded(values, STEPS).astype(np.float16), f"{array.name}-half")
        graph.initializer.remove(array)
        graph.initializer.append(half)
        graph.node.insert(0, helper.make_node("Cast", [half.name], [array.name], to=onnx.TensorProto.FLOAT))
