"""Models as ONNX graphs: the same values as PyTorch's, and nothing left behind by a failure."""

from pathlib import Path

import numpy as np
import pytest
import torch
from checkpoint_helpers import one_sentence, small_model
from flow_helpers import random_model, seeded, smooth_images
from onnx_helpers import needs_packages
from own_flow_helpers import SHAPE, Affine
from shape_helpers import SHAPES, small_flow

import ibinn_core as ib
from ibinn_core.__main__ import main
from ibinn_core.models.kinds import TRAINED_HERE
from ibinn_core.onnx import OnnxError, graphs, to_onnx

pytestmark = needs_packages


def run(path: Path, name: str, values: torch.Tensor) -> dict[str, np.ndarray]:
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path / name), providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, {session.get_inputs()[0].name: values.numpy()}), strict=True))


# Every shape for the flow, which each of its layers depends on, and the oddest for every kind.
CASES = {
    **{f"ib-inn of {name}": ("ib-inn", small_flow(shape)) for name, shape in SHAPES.items()},
    **{f"aligned of {name}": ("aligned", small_flow(SHAPES[name])) for name in ("colour", "odd")},
    **{kind: (kind, small_flow(SHAPES["odd"])) for kind in TRAINED_HERE if kind != "ib-inn"},
    "i-revnet of colour": ("i-revnet", small_flow(SHAPES["colour"])),
    "conditional": ("ib-inn", small_flow((1, 12, 12)).replace(whitening=("conditional",))),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind, architecture", CASES.values(), ids=CASES)
def test_every_kind_of_model_computes_the_same_without_pytorch(tmp_path, kind, architecture):
    shape = architecture.image_shape
    model = random_model(kind.replace("aligned", "ib-inn"), architecture, 3).requires_grad_(False)
    if kind == "aligned":
        model.fit_alignment(model.encode(smooth_images(100, shape, seeded(1))))
    folder = to_onnx(model, tmp_path / "out")
    assert {file.name for file in folder.iterdir()} == {"encode.onnx", *["decode.onnx"] * model.is_invertible}
    for count in (1, 3, 7):  # of which the graphs were traced with none
        x = smooth_images(count, shape, seeded(count))
        found, seen, wanted = run(folder, "encode.onnx", x), model.evaluate(x), {}
        if model.has_latents:
            wanted["z"] = seen["latents"], 1e-4, 1e-4
        if model.has_likelihood:
            wanted["log_prob"] = model.log_prob(x, per_class=True), 1e-7, 1e-2
        else:
            wanted["posterior"] = seen["posterior"], 1e-7, 1e-4
        assert found.keys() == wanted.keys()
        for name, (values, rtol, atol) in wanted.items():
            np.testing.assert_allclose(found[name], values, rtol=rtol, atol=atol)
        if model.is_invertible:
            back = run(folder, "decode.onnx", seen["latents"])["x"]
            np.testing.assert_allclose(back, model.decode(seen["latents"]), atol=1e-4, rtol=1e-4)


def test_the_numbers_of_a_graph_in_double_precision_are_exact():
    from onnx import numpy_helper

    layer = torch.nn.Identity()
    layer.forward = lambda x: x.double() * 0.1 + 1e-5
    graph = graphs.trace(layer, "x", torch.zeros(2, 3), ["y"]).graph
    assert {numpy_helper.to_array(number).item() for number in graph.initializer} == {0.1, 1e-5}


class Branching(Affine):
    """A flow that depends on its data in a way that no graph can hold."""

    def encode(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return super().encode(x if x.sum() > 0 else -x)


@pytest.mark.slow
def test_a_flow_of_another_library_computes_the_same_or_is_refused(tmp_path):
    model, x = ib.wrap_flow("mine", Affine(), SHAPE, 2), torch.rand(7, *SHAPE, generator=seeded(1))
    wanted = model.log_prob(x, per_class=True).detach()
    np.testing.assert_allclose(run(to_onnx(model, tmp_path / "out"), "encode.onnx", x)["log_prob"], wanted, atol=1e-4)
    with pytest.raises(OnnxError, match="^PyTorch cannot export this model") as refused:
        to_onnx(ib.wrap_flow("mine", Branching(), SHAPE, 2), tmp_path / "other")
    one_sentence(f"{refused.value}.")
    assert [file.name for file in tmp_path.iterdir()] == ["out"]


@pytest.mark.slow
def test_a_graph_tells_nothing_of_the_machine_that_wrote_it_and_leaves_the_model_as_it_was(tmp_path):
    model = small_model().train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    for file in to_onnx(model, tmp_path / "out").iterdir():
        data = file.read_bytes()
        assert b".py" not in data and b"/home" not in data and b"site-packages" not in data
    assert model.training
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


@pytest.mark.slow
def test_a_graph_that_computes_something_else_is_refused_and_leaves_nothing_behind(tmp_path, monkeypatch):
    original = graphs.trace

    def wrong(module, *rest):
        weight = next(module.parameters())
        with torch.no_grad():
            weight += 0.1
            graph = original(module, *rest)
            weight -= 0.1
        return graph

    monkeypatch.setattr(graphs, "trace", wrong)
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "decode.onnx").write_text("kept")
    model = small_model().train()
    for target in ("old", "new"):
        with pytest.raises(OnnxError, match=r"^encode\.onnx gives other values than the model: z differs by"):
            to_onnx(model, tmp_path / target)
    assert model.training
    assert [file.read_text() for file in tmp_path.rglob("*") if file.is_file()] == ["kept"]


def test_another_folder_and_what_is_no_model_in_single_precision_are_refused(tmp_path):
    (tmp_path / "thesis.txt").write_text("kept")
    with pytest.raises(OnnxError, match="holds more than a model's graphs"):
        to_onnx(small_model(), tmp_path)
    for model in ("gamma-1", small_model().double()):
        with pytest.raises(TypeError, match="a model of this library in float32"):
            to_onnx(model, tmp_path / "out")
    assert [file.read_text() for file in tmp_path.iterdir()] == ["kept"]


@pytest.mark.slow
def test_the_command_writes_a_checkpoint_and_a_mixed_model(measured, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("IBINN_CHECKPOINTS", str(measured))
    assert main(["onnx", "gamma-0.5", str(tmp_path / "one")]) == 0
    assert main(["onnx", "cifar10", "--gamma", "2", str(tmp_path / "mixed")]) == 0  # OUT after an option, too
    assert capsys.readouterr().out.split() == [str(tmp_path / "one"), str(tmp_path / "mixed")]
    x = smooth_images(2, (3, 32, 32), seeded(3))
    for name, gamma in (("one", 0.5), ("mixed", 2.0)):
        wanted = ib.family("cifar10", measured).at(gamma).log_prob(x, per_class=True)
        np.testing.assert_allclose(run(tmp_path / name, "encode.onnx", x)["log_prob"], wanted, atol=1e-2)


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments, part, has_packages",
    [
        ("gamma-0.5", "say which folder to write", True),
        ("cifar10 out --gamma -1", "gamma must be", True),
        ("gamma-0.5 out", "not installed (onnxscript, onnxruntime): pip install 'ibinn-explorer[onnx]'", False),
        ("cifar10 --family", "not installed (onnxscript, onnxruntime): pip install 'ibinn-explorer[onnx]'", False),
    ],
)
def test_what_the_command_cannot_write_is_one_sentence(
    measured, tmp_path, monkeypatch, capsys, arguments, part, has_packages
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IBINN_CHECKPOINTS", str(measured))
    if not has_packages:
        monkeypatch.setattr(graphs, "find_spec", lambda name: None if name != "onnx" else object())
    assert main(["onnx", *arguments.split()]) == 1
    said = capsys.readouterr()
    assert said.out == "" and said.err.startswith("ibinn onnx: ")
    one_sentence(f"{said.err.strip().rstrip('.')}.", part)
    assert not list(tmp_path.iterdir())
