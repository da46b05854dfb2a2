"""Checkpoints of flows of other libraries: written without a pickle, loaded only where somebody builds them."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from checkpoint_helpers import edit_json, fake_umap, one_sentence, renew_manifest
from flow_helpers import seeded
from own_flow_helpers import EXAMPLES, NAMES, SHAPE, Affine, digits, made_examples, name_files
from safetensors.torch import load_file, save_file
from torch import nn

import ibinn_core as ib
from ibinn_core import checkpoint as registry
from ibinn_core.checkpoint import CONFIG, WEIGHTS, CheckpointError
from ibinn_core.evaluation import latent_views
from ibinn_core.models import flow_registry as builders

ROOT = EXAMPLES.parent


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The checkpoints of the examples."""
    return made_examples(tmp_path_factory)


@pytest.fixture
def affine(tmp_path, monkeypatch):
    """A checkpoint of the least of flows, and the folder that it is in."""
    monkeypatch.setattr(latent_views, "_umap", fake_umap)
    monkeypatch.setattr(builders, "_builders", {"affine": Affine})
    export(Affine(), "affine", tmp_path / "tiny-affine")
    return tmp_path / "tiny-affine"


def parts(classes: int = 2) -> ib.data.Splits:
    """Sixty images of 8 x 8 pixels in their parts."""
    images, labels = digits(60), np.arange(60) % classes
    dataset = ib.data.Dataset("tiny", "Tiny", tuple("abc"[:classes]), SHAPE, (0.4,), (0.2,))
    cut = [(images[rows], labels[rows]) for rows in (slice(0, 30), slice(30, 40), slice(40, 60))]
    return ib.data.Splits(dataset, *cut)


def export(flow, name: str, target: Path, classes: int = 2) -> ib.Checkpoint:
    data = parts(classes)
    model = ib.wrap_flow(name, flow, SHAPE, classes)
    model.fit_mixture(ib.to_unit(data.train[0]), torch.from_numpy(data.train[1]))
    return ib.export_flow(model, target, data)


# The examples


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_an_example_becomes_a_checkpoint_that_a_new_process_loads_with_its_file(made, name):
    folder = made / "checkpoints" / f"small-digits-{name}"
    listed = registry.read(folder)
    assert listed.model == "own-flow" and listed.objective == "own" and listed.gamma is None and listed.has_likelihood
    assert listed.card["reconstruction"] < 1e-3 and 0 < listed.card["error"] < 0.9
    assert {file.suffix for file in folder.iterdir()} == {".json", ".safetensors", ".npz"}
    images = np.load(folder / "latent.npz")  # which allows no pickle
    assert images["means_coordinates"].shape == (359, 9)
    z = ib.load(folder).encode(ib.to_unit(digits(3)))
    program = (
        "import sys, numpy as np, ibinn_core as ib, torch\n"
        "images = np.random.default_rng(0).integers(0, 256, (3, 8, 8, 1), dtype=np.uint8)\n"
        "np.save(sys.argv[2], ib.load(sys.argv[1]).encode(ib.to_unit(images)).numpy())"
    )
    target = made.parent / f"{name}.npy"
    run = [sys.executable, "-c", program, str(folder), str(target)]
    environment = {"PATH": "", "IBINN_FLOWS": str(EXAMPLES / f"{name}_flow.py")}
    subprocess.run(run, check=True, cwd=ROOT, env=environment)
    torch.testing.assert_close(torch.from_numpy(np.load(target)), z, rtol=1e-4, atol=1e-4)


@pytest.mark.slow
def test_the_data_set_and_the_held_out_images_are_those_of_the_folder(made):
    listed = registry.read(made / "checkpoints" / "small-digits-freia")
    found = ib.data.describe(str(made / "small-digits"), 8)
    assert listed.dataset.fingerprint == found.fingerprint and listed.dataset.classes == found.classes
    assert listed.dataset.mean == found.mean and listed.config["training"]["held_out"] == 200
    assert len(listed.latent["reference"]) == 200 and listed.config["data"]["training_images"] == 1438


@pytest.mark.slow
def test_listing_runs_no_file_and_imports_no_torch(made):
    program = (
        "import sys, ibinn_core as ib\n"
        f"print(len(ib.checkpoints({str(made / 'checkpoints')!r})), 'torch' in sys.modules, end=' ')\n"
        "print(bool(ib.models.flow_registry._builders))"
    )
    files = ":".join(str(EXAMPLES / f"{name}_flow.py") for name in NAMES)
    ran = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={"PATH": "", "IBINN_FLOWS": files},
    )
    assert ran.stdout.strip() == "3 False False", ran.stderr


# Where nobody builds it


def test_without_its_builder_it_is_refused_in_one_sentence_that_says_what_to_do(affine, monkeypatch):
    monkeypatch.setattr(builders, "_builders", {})
    with pytest.raises(CheckpointError) as error:
        ib.load(affine)
    one_sentence(error.value, "'tiny-affine' is refused", "flow 'affine'", "IBINN_FLOWS", "ibinn_core.register_flow")
    readable, refused = registry.scan(affine.parent)
    assert not readable and refused[0].reason == str(error.value)


def test_a_named_file_that_does_not_build_it_is_said_when_it_is_loaded(affine, monkeypatch, tmp_path):
    file = tmp_path / "affine.py"
    file.write_text("import no_such_library")
    monkeypatch.setattr(builders, "_builders", {})
    name_files(monkeypatch, file)
    assert len(registry.scan(affine.parent)[0]) == 1
    with pytest.raises(CheckpointError) as error:
        ib.load(affine)
    one_sentence(error.value, str(file), "No module named 'no_such_library'")


class Larger(nn.Module):
    """Other weights."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(3))

    def encode(self, x):
        return x * self.scale[0].exp(), 64 * self.scale[0].expand(len(x))

    def decode(self, z):
        return z / self.scale[0].exp()


def test_a_builder_of_another_network_is_refused(affine, monkeypatch):
    monkeypatch.setitem(builders._builders, "affine", Larger)
    with pytest.raises(CheckpointError) as error:
        ib.load(affine)
    one_sentence(error.value, "does not fit its config.json")


# What strangers write


@pytest.mark.parametrize("builder", ["../evil", "os.system", "a/b", "", "x" * 61, 3, ["affine"], {"affine": 1}, True])
def test_a_name_that_no_flow_can_have_is_refused(affine, builder):
    edit_json(affine / CONFIG, lambda config: config["training"]["architecture"].update(builder=builder))
    with pytest.raises(CheckpointError) as error:
        registry.read(affine)
    one_sentence(error.value, "architecture.builder")


@pytest.mark.parametrize(
    "change",
    [
        {"model": "ib-inn", "objective": {"kind": "ib", "gamma": 1.0}},
        {"model": "own-flow", "architecture": {"builder": None}},
    ],
)
def test_a_builder_belongs_to_such_a_flow_and_to_no_other(affine, change):
    def mix(config):
        config["training"] |= {name: value for name, value in change.items() if name != "architecture"}
        config["training"]["architecture"] |= change.get("architecture", {})

    edit_json(affine / CONFIG, mix)
    with pytest.raises(CheckpointError) as error:
        registry.read(affine)
    one_sentence(error.value, "only a flow of your own has a builder")


@pytest.mark.parametrize("name", ["alignment.means", "alignment.matrix", "flow.net.shift"])
def test_weights_of_another_shape_or_missing_are_refused(affine, name):
    weights = load_file(affine / WEIGHTS)
    for changed in ({name: torch.zeros(3, 3)}, {}):
        save_file({key: value for key, value in weights.items() if key != name} | changed, affine / WEIGHTS)
        renew_manifest(affine)
        with pytest.raises(CheckpointError) as error:
            ib.load(affine)
        one_sentence(error.value, WEIGHTS)


@pytest.mark.parametrize("name", ["flow.more", "evil", "flow.net.more"])
def test_weights_that_it_does_not_have_are_refused(affine, name):
    save_file(load_file(affine / WEIGHTS) | {name: torch.zeros(3)}, affine / WEIGHTS)
    renew_manifest(affine)
    with pytest.raises(CheckpointError) as error:
        ib.load(affine)
    one_sentence(error.value, WEIGHTS)


# What cannot be exported


def test_a_name_that_nobody_registered_is_not_exported(tmp_path):
    with pytest.raises(ValueError, match="call ibinn_core.register_flow"):
        export(Affine(), "nobody", tmp_path / "tiny-nobody")
    assert not list(tmp_path.iterdir())


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
    ("flow", "builder", "said"),
    [
        (Shuffled, Shuffled, "give a seed to what it draws"),
        (Affine, Larger, "could not be loaded again .* does not fit its config.json"),
        (Affine, lambda: 1 / 0, "could not be built"),
    ],
)
def test_a_builder_that_does_not_build_the_model_is_found_before_anything_is_written(
    tmp_path, monkeypatch, flow, builder, said
):
    monkeypatch.setattr(builders, "_builders", {"mine": builder})
    with pytest.raises(ValueError, match=said):
        export(flow(), "mine", tmp_path / "tiny-mine")
    assert not list(tmp_path.iterdir())


def test_other_images_classes_names_and_numbers_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(builders, "_builders", {"mine": Affine})
    data = parts()
    with pytest.raises(ValueError, match="begins with it"):
        export(Affine(), "mine", tmp_path / "mine")
    with pytest.raises(ValueError, match="of 3 classes, and those of Tiny"):
        ib.export_flow(ib.wrap_flow("mine", Affine(), SHAPE, 3), tmp_path / "tiny-mine", data)
    broken = Affine()
    with torch.no_grad():
        broken.shift[0, 0, 0] = torch.nan
    with pytest.raises(ValueError, match="not finite"):
        ib.export_flow(ib.wrap_flow("mine", broken, SHAPE, 2), tmp_path / "tiny-mine", data)
    with pytest.raises(TypeError, match="only models of this library"):
        ib.export_flow(Affine(), tmp_path / "tiny-mine", data)


# What else takes it


def test_the_library_takes_it_as_any_other(affine, tmp_path, capsys):

    data = parts()
    model = ib.load(affine)
    assert (
        model.empirical_class_means.shape == (2, 64)
        and model.sample([0], center="empirical", generator=seeded(0)).isfinite().all()
    )
    z = model.encode(ib.to_unit(data.test[0]))
    assert ib.exploration.counterfactual(model, z, 1).z.shape == z.shape
    assert registry.read(affine).style.directions.shape[1] == 64
    with pytest.raises(ib.FamilyError):
        ib.family("tiny", affine.parent)


def test_it_is_exported_again_in_the_place_of_the_old_one(affine):
    before = json.loads((affine / CONFIG).read_text())
    export(Affine(), "affine", affine)
    assert json.loads((affine / CONFIG).read_text()) == before
    assert before["training"]["architecture"] == {
        "image_shape": [1, 8, 8],
        "mean": [0.4],
        "std": [0.2],
        "builder": "affine",
    }
    shutil.copytree(affine, affine.with_name("tiny-other"))
    assert len(registry.scan(affine.parent)[0]) == 2


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
