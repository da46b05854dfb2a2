"""Models as ONNX graphs: the same values as PyTorch's, one graph for a family, and nothing left behind by a failure."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from checkpoint_helpers import one_sentence, small_model
from flow_helpers import randomise, seeded, smooth_images
from onnx_helpers import needs_packages
from shape_helpers import SHAPES, small_flow
from torch import nn

import ibinn_core as ib
from ibinn_core.__main__ import main
from ibinn_core.models.classifier import Classifier
from ibinn_core.models.kinds import KINDS, TRAINED_HERE
from ibinn_core.models.objectives import Objective
from ibinn_core.onnx import OnnxError, graphs, to_onnx
from ibinn_core.training import TrainingConfig

pytestmark = needs_packages

CLASSES = 3
FILES = {"encode.onnx", "decode.onnx"}
IS_ALIGNED = {"aligned": True, "unaligned": False}


def build(kind: str, shape: tuple[int, int, int], is_aligned: bool, **changes: object) -> Classifier:
    """A model of random weights in evaluation mode, its architecture with ``changes``."""
    objective = KINDS[kind].objectives[0]
    config = TrainingConfig(
        model=kind,
        objective=Objective(objective, 1.0 if objective in ("ib", "vib") else None),
        architecture=small_flow(shape).replace(**changes),
    )
    model = config.new_model(CLASSES)
    images = smooth_images(100, shape, seeded(1))
    model.fit(images)
    model = randomise(model, seeded(2)).eval().requires_grad_(False)
    if is_aligned:
        model.fit_alignment(model.encode(images))
    return model


def run(path, name: str, values: torch.Tensor) -> dict[str, np.ndarray]:
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path / name), providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, {session.get_inputs()[0].name: values.numpy()}), strict=True))


# Every shape for the flow, which each of its layers depends on, and the oddest for every kind.
CASES = [
    *(("ib-inn", shape, "unaligned") for shape in SHAPES),
    *(("ib-inn", shape, "aligned") for shape in ("colour", "odd")),
    *((kind, "odd", "unaligned") for kind in TRAINED_HERE if kind != "ib-inn"),
    ("i-revnet", "colour", "unaligned"),
]


@pytest.mark.slow
@pytest.mark.parametrize("kind, shape, alignment", CASES)
def test_every_kind_of_model_computes_the_same_without_pytorch(tmp_path, kind, shape, alignment):
    check_without_pytorch(build(kind, SHAPES[shape], IS_ALIGNED[alignment]), SHAPES[shape], tmp_path)


@pytest.mark.slow
def test_conditional_gaussianisation_computes_the_same_without_pytorch(tmp_path):
    shape = (1, 12, 12)
    check_without_pytorch(build("ib-inn", shape, False, whitening=("conditional",)), shape, tmp_path)


class Scaled(nn.Module):
    """A flow with one log-determinant for all inputs; or, with ``data_dependent``, one that cannot be exported."""

    def __init__(self, data_dependent: bool) -> None:
        super().__init__()
        self.scale, self.data_dependent = nn.Parameter(torch.full((3,), 2.0)), data_dependent

    def encode(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return x * self.scale + (1 if self.data_dependent and x.sum() > 0 else 0), self.scale.log().sum()

    def decode(self, z: torch.Tensor) -> torch.Tensor:
        return z / self.scale


@pytest.mark.slow
def test_a_flow_of_another_library_computes_the_same_without_pytorch(tmp_path):
    model, x = ib.wrap_flow("scaled", Scaled(False), (3,), 2), torch.rand(7, 3, generator=seeded(1))
    with torch.no_grad():
        wanted = model.log_prob(x, per_class=True)
    np.testing.assert_allclose(run(to_onnx(model, tmp_path / "out"), "encode.onnx", x)["log_prob"], wanted, atol=1e-4)


@pytest.mark.slow
def test_a_flow_that_cannot_be_exported_is_refused_in_one_sentence(tmp_path):
    with pytest.raises(OnnxError, match="^PyTorch cannot export this model") as refused:
        to_onnx(ib.wrap_flow("scaled", Scaled(True), (3,), 2), tmp_path / "out")
    one_sentence(f"{refused.value}.")
    assert not list(tmp_path.iterdir())


def check_without_pytorch(model: Classifier, shape: tuple[int, int, int], tmp_path: Path) -> None:
    folder = to_onnx(model, tmp_path / "out")
    assert {file.name for file in folder.iterdir()} == FILES - (set() if model.is_invertible else {"decode.onnx"})
    for count in (1, 3, 7):  # of which the graphs were traced with none
        x = smooth_images(count, shape, seeded(count))
        found, wanted = run(folder, "encode.onnx", x), model.evaluate(x)
        assert set(found) == ({"z"} if model.has_latents else set()) | (
            {"log_prob"} if model.has_likelihood else {"posterior"}
        )
        if "z" in found:
            np.testing.assert_allclose(found["z"], wanted["latents"], atol=1e-4, rtol=1e-4)
        if model.has_likelihood:
            np.testing.assert_allclose(found["log_prob"], model.log_prob(x, per_class=True), atol=1e-2)
        else:
            np.testing.assert_allclose(found["posterior"], wanted["posterior"], atol=1e-4)
        if model.is_invertible:
            back = run(folder, "decode.onnx", wanted["latents"])["x"]
            np.testing.assert_allclose(back, model.decode(wanted["latents"]), atol=1e-4, rtol=1e-4)


@pytest.mark.slow
def test_a_graph_tells_nothing_of_the_machine_that_wrote_it_and_leaves_the_model_as_it_was(tmp_path):
    model = small_model().train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    folder = to_onnx(model, tmp_path / "out")
    for name in ("encode.onnx", "decode.onnx"):
        data = (folder / name).read_bytes()
        assert b".py" not in data and b"/home" not in data and b"site-packages" not in data
    assert model.training
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


@pytest.mark.slow
@pytest.mark.parametrize("was_there", [True, False])
def test_a_graph_that_computes_something_else_is_refused_and_leaves_nothing_behind(tmp_path, monkeypatch, was_there):
    original = graphs.trace

    def wrong(module, *rest):
        weight = next(module.parameters())
        with torch.no_grad():
            weight += 0.1
            graph = original(module, *rest)
            weight -= 0.1
        return graph

    monkeypatch.setattr(graphs, "trace", wrong)
    target = tmp_path / "out"
    if was_there:
        target.mkdir()
        (target / "decode.onnx").write_text("kept")
    model = small_model().train()
    with pytest.raises(OnnxError, match=r"^encode\.onnx gives other values than the model: z differs by"):
        to_onnx(model, target)
    assert model.training
    assert [file.name for file in tmp_path.rglob("*") if file.is_file()] == (["decode.onnx"] if was_there else [])
    assert not was_there or (target / "decode.onnx").read_text() == "kept"


def test_a_folder_of_other_things_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("kept")
    with pytest.raises(OnnxError, match="holds other things than a model's graphs"):
        to_onnx(small_model(), tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "kept"


@pytest.mark.parametrize("model", ["gamma-1", small_model().double()], ids=["a name", "in float64"])
def test_what_is_no_model_in_single_precision_is_refused(tmp_path, model):
    with pytest.raises(TypeError, match="a model of this library in float32"):
        to_onnx(model, tmp_path / "out")


@pytest.mark.slow
def test_without_the_packages_it_says_what_to_install(tmp_path, monkeypatch, measured, capsys):
    monkeypatch.setattr(graphs, "find_spec", lambda name: None if name != "onnx" else object())
    with pytest.raises(ImportError, match=r"not installed \(onnxscript, onnxruntime\): pip install .*\[onnx\]"):
        to_onnx(small_model(), tmp_path / "out")
    for arguments in ([str(measured / "gamma-0.5"), str(tmp_path / "out")], ["cifar10", "--family"]):
        monkeypatch.setenv("IBINN_CHECKPOINTS", str(measured))
        assert main(["onnx", *arguments]) == 1
        said = capsys.readouterr().err
        assert re.fullmatch(r"ibinn onnx: writing ONNX files needs packages that are not installed .*\n", said), said
    assert not list(tmp_path.iterdir())


# --- the command --------------------------------------------------------------------------------------------


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
    "arguments, part",
    [
        (["gamma-0.5"], "say which folder to write"),
        (["nobody", "{out}"], "nobody"),
        (["cifar10", "{out}", "--gamma", "-1"], "gamma must be"),
        (["letters", "--family"], "letters"),
    ],
)
def test_what_the_command_cannot_write_is_one_sentence(measured, tmp_path, monkeypatch, capsys, arguments, part):
    monkeypatch.setenv("IBINN_CHECKPOINTS", str(measured))
    assert main(["onnx", *(argument.format(out=tmp_path / "out") for argument in arguments)]) == 1
    said = capsys.readouterr()
    assert said.out == "" and said.err.startswith("ibinn onnx: ") and part in said.err
    one_sentence(f"{said.err.strip().rstrip('.')}.")
    assert not list(tmp_path.iterdir())
