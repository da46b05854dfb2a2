"""Checkpoints of flows of other libraries: written without a pickle, loaded only where somebody builds them."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from checkpoint_helpers import refusal
from own_flow_helpers import EXAMPLES, NAMES, SHAPE, Affine, digits, made_examples, own_layers
from torch import nn

import ibinn_core as ib
from ibinn_core import checkpoint as registry
from ibinn_core.models import flow_registry as builders


@pytest.fixture
def affine(tmp_path, monkeypatch):
    """A checkpoint of the least of flows, and the folder that it is in."""
    monkeypatch.setattr(builders, "_builders", {"affine": Affine})
    export(Affine(), "affine", tmp_path / "tiny-affine")
    return tmp_path / "tiny-affine"


def export(flow, name: str, target: Path, classes: int = 2) -> ib.Checkpoint:
    """Of a model of sixty images of 8 x 8 pixels."""
    images, labels = digits(60), np.arange(60) % classes
    dataset = ib.data.Dataset("tiny", "Tiny", tuple("ab"), SHAPE, (0.4,), (0.2,))
    cut = [(images[rows], labels[rows]) for rows in (slice(0, 30), slice(30, 40), slice(40, 60))]
    model = ib.wrap_flow(name, flow, SHAPE, classes)
    model.fit_mixture(ib.to_unit(images), torch.from_numpy(labels))
    return ib.export_flow(model, target, ib.data.Splits(dataset, *cut))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_an_example_becomes_a_checkpoint_that_a_new_process_loads_with_its_file(tmp_path_factory, name):
    made = made_examples(tmp_path_factory)
    folder = made / "checkpoints" / f"small-digits-{name}"
    listed = registry.read(folder)
    assert listed.model == "own-flow" and listed.objective == "own" and listed.gamma is None and listed.has_likelihood
    assert listed.card["reconstruction"] < 1e-3 and 0 < listed.card["error"] < 0.9
    assert {file.suffix for file in folder.iterdir()} == {".json", ".safetensors", ".npz"}
    assert listed.latent["means_coordinates"].shape == (359, 9)
    found = ib.data.describe(str(made / "small-digits"), 8)
    assert listed.dataset.fingerprint == found.fingerprint and listed.dataset.classes == found.classes
    assert listed.dataset.mean == found.mean and listed.config["training"]["held_out"] == 200
    assert len(listed.latent["reference"]) == 200 and listed.config["data"]["training_images"] == 1438
    z = ib.load(folder).encode(ib.to_unit(digits(3)))
    program = (
        "import sys, numpy as np, ibinn_core as ib, torch\n"
        "images = np.random.default_rng(0).integers(0, 256, (3, 8, 8, 1), dtype=np.uint8)\n"
        "np.save(sys.argv[2], ib.load(sys.argv[1]).encode(ib.to_unit(images)).numpy())"
    )
    target = made.parent / f"{name}.npy"
    environment = {"PATH": "", "IBINN_FLOWS": str(EXAMPLES / f"{name}_flow.py")}
    subprocess.run([sys.executable, "-c", program, folder, target], cwd=EXAMPLES.parent, env=environment, check=True)
    torch.testing.assert_close(torch.from_numpy(np.load(target)), z, rtol=1e-4, atol=1e-4)


def test_without_its_builder_it_is_refused_in_one_sentence_that_says_what_to_do(affine, monkeypatch):
    monkeypatch.setattr(builders, "_builders", {})
    said = "'tiny-affine' is refused", "flow 'affine'", "IBINN_FLOWS", "ibinn_core.register_flow"
    readable, refused = registry.scan(affine.parent)
    assert not readable and refused[0].reason == refusal(lambda: ib.load(affine), *said)


class Shuffled(Affine):
    """A permutation that is drawn and not stored."""

    def __init__(self):
        super().__init__()
        self.order = np.random.default_rng().permutation(8)

    def encode(self, x):
        return super().encode(x[:, :, self.order])

    def decode(self, z):
        return super().decode(z)[:, :, np.argsort(self.order)]


@pytest.mark.parametrize(
    ("flow", "builder", "name", "classes", "said"),
    [
        (Shuffled, Shuffled, "tiny-mine", 2, "give a seed to random parts"),
        (Affine, own_layers, "tiny-mine", 2, "could not be loaded again .* does not fit its config.json"),
        (Affine, lambda: 1 / 0, "tiny-mine", 2, "could not be built"),
        (Affine, None, "tiny-mine", 2, "call ibinn_core.register_flow"),
        (Affine, Affine, "mine", 2, "begin with"),
        (Affine, Affine, "tiny-mine", 3, "of 3 classes, but Tiny"),
    ],
)
def test_what_cannot_be_loaded_again_is_refused_before_anything_is_written(
    tmp_path, monkeypatch, flow, builder, name, classes, said
):
    monkeypatch.setattr(builders, "_builders", {"mine": builder} if builder else {})
    with pytest.raises(ValueError, match=said):
        export(flow(), "mine", tmp_path / name, classes)
    assert not list(tmp_path.iterdir())


def test_nothing_of_it_is_rounded(affine, monkeypatch):
    class Named(Affine):
        def __init__(self):
            super().__init__()
            self.subnetwork = nn.Linear(3, 3)

    monkeypatch.setitem(builders._builders, "affine", Named)
    torch.manual_seed(0)
    flow = Named()
    before = flow.subnetwork.weight.clone()
    export(flow, "affine", affine)
    assert torch.equal(ib.load(affine).flow.net.subnetwork.weight, before)
