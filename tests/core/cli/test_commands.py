"""The command line, and its export, evaluate and data: from a training to a measured checkpoint and its numbers."""

import json
import math
import shutil
import tomllib
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
import torch
from checkpoint_helpers import SMALL, agrees_with_card, assert_refused, edit_json, small_data_set
from grid_helpers import mostly_slow
from safetensors.torch import save_file

import ibinn_core as ib
from ibinn_core import __main__
from ibinn_core import checkpoint as registry
from ibinn_core.data.loading import split_held_out
from ibinn_core.evaluation import encode_images
from ibinn_core.measures.calibration import fit_temperature
from ibinn_core.models.mixture import tempered
from ibinn_core.models.objectives import Objective
from ibinn_core.training import Trainer, TrainingConfig, read_state
from ibinn_core.training.sources import ancestry, weights_of
from ibinn_core.training.state import FILE, LOCK

REPOSITORY = Path(__file__).resolve().parents[3]
TRAIN, TEST, HELD_OUT = 330, 90, 20


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with a tiny data set, a training of two steps on it, and the checkpoint exported from it."""
    folder = tmp_path_factory.mktemp("commands")
    with small_data_set(folder, TRAIN, TEST) as (images, labels):
        for name, gamma, init in (("trunk", 0.5, None), ("run", math.inf, str(folder / "trunk"))):
            values = {"architecture": SMALL, "batch_size": 155, "epochs": 1, "held_out": HELD_OUT, "init": init}
            config = TrainingConfig(objective=Objective("ib", gamma), **values)
            Trainer(config, images, labels, folder / name, precision="fp32").run()
        assert __main__.main(["export", str(folder / "run"), str(folder / "checkpoints" / "tiny")]) == 0
    return folder


@pytest.fixture
def command(place, tmp_path, monkeypatch, ibinn):
    """Runs one command beside the tiny data set."""
    shutil.copytree(place / "checkpoints", tmp_path / "checkpoints")
    monkeypatch.setenv("IBINN_DATA", str(place))
    monkeypatch.setenv("IBINN_CHECKPOINTS", str(tmp_path / "checkpoints"))
    monkeypatch.chdir(tmp_path)
    return ibinn


def test_the_wheel_calls_the_same_command_line_ibinn():
    scripts = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]["scripts"]
    module, _, name = scripts["ibinn"].partition(":")
    assert getattr(import_module(module), name) is __main__.main


@pytest.mark.parametrize("arguments", [[], ["--help"], ["family", "-h"], ["onnx", "--help"]])
def test_help_is_no_error(arguments, ibinn):
    status, out, err = ibinn(*arguments)
    assert status == 0 and out.startswith("Usage: ") and err == ""


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["fly"], "ibinn fly: No such command 'fly'."),
        (["trunk", "runs/a"], "ibinn trunk: Missing argument 'TARGET'."),
        (["train", "--out", "x", "--objective", "cross-entropy"], "ibinn train: Invalid value for '--objective'"),
        (["family", "--jobs", "0"], "ibinn family: Invalid value for '--jobs'"),
        (["data", "svhn"], "ibinn data: Invalid value for '{cifar10|cifar100|mnist|fashion-mnist}'"),
    ],
)
def test_misuse_is_one_sentence(arguments, message, ibinn):
    status, out, err = ibinn(*arguments)
    assert (status, out) == (2, "") and err.startswith(message) and err.count("\n") == 1


def test_export_describes_the_training_and_leaves_nothing_else_behind(place):
    found = registry.read(place / "checkpoints" / "tiny")
    assert (found.objective, found.gamma, found.noise) == ("ib", math.inf, "uniform")
    config = found.config
    described = registry.describe_dataset(ib.data.describe("cifar10"))
    assert config["num_classes"] == 10
    assert config["data"] == described | {"training_images": TRAIN, "test_images": TEST}
    assert config["budget"].keys() == {"epochs", "steps", "skipped_steps", "seconds"}
    assert config["budget"]["steps"] == 2 and config["budget"]["epochs"] == 1.0
    smoothing = {"label_smoothing": 0.05}
    (parent,) = config["ancestry"]
    assert parent["objective"] == {"kind": "ib", "gamma": 0.5, **smoothing} and parent["epochs"] == 1
    assert config["training"]["objective"] == {"kind": "ib", "gamma": "inf", **smoothing}
    assert config["training"]["init"] == "trunk" and str(place) not in json.dumps(config)
    assert TrainingConfig.from_dict(config["training"]).architecture == SMALL
    assert [path.name for path in (place / "checkpoints").iterdir()] == ["tiny"]
    assert {path.name for path in (place / "run").iterdir()} == {FILE, LOCK}


def test_an_exported_model_is_the_trained_one_in_half_precision(place):
    tensors, _, _ = read_state(place / "run")
    power = registry.read(place / "checkpoints" / "tiny").card["alignment"]["power"]
    for name, value in weights_of(place / "checkpoints" / "tiny").items():
        trained = tensors[f"model.{name}"]
        if ".subnetwork." in name and value.ndim > 1:
            trained = trained.half()
        if name == "mixture.means":
            trained = tempered(trained, tensors["model.mixture.phi"].log_softmax(0), 1 / power)
        assert torch.equal(value, trained.to(value.dtype)), name


def test_what_is_exported_is_aligned_with_the_images_and_says_what_that_gave(place):
    entry = registry.read(place / "checkpoints" / "tiny")
    model, card, data = ib.load(entry), entry.card, np.load(place / "cifar10.npz")
    power = card["alignment"]["power"]
    assert card["alignment"]["training_images"] == TRAIN - HELD_OUT
    assert card["alignment"]["held_out_images"] == HELD_OUT
    held_out = split_held_out(TRAIN, HELD_OUT)[1]
    images, judged, labels = data["x_test"], data["x_train"][held_out], data["y_train"][held_out]
    aligned = encode_images(model, images)
    tensors, _, _ = read_state(place / "run")
    model.alignment = None
    model.mixture.means.copy_(tensors["model.mixture.means"])
    trained = encode_images(model, images)
    raised = trained.posterior.astype(np.float64) ** power
    np.testing.assert_allclose(aligned.posterior, raised / raised.sum(1, keepdims=True), atol=1e-3)
    assert power == pytest.approx(1 / fit_temperature(encode_images(model, judged).posterior, labels), rel=1e-3)


def test_what_is_exported_was_measured_on_the_right_images_with_the_weights_as_they_are_stored(place):
    found, data = registry.read(place / "checkpoints" / "tiny"), np.load(place / "cifar10.npz")
    model = ib.load(found)
    measured = encode_images(model, data["x_test"])
    np.testing.assert_array_equal(found.latent["log_prob"], measured.log_prob)
    np.testing.assert_array_equal(found.latent["posterior"], measured.posterior)
    np.testing.assert_array_equal(ib.data.locate(found.latent["hashes"], data["x_test"]), np.arange(TEST))
    np.testing.assert_array_equal(found.latent["labels"], data["y_test"])
    used, _ = split_held_out(TRAIN, HELD_OUT)
    z, labels = model.encode(ib.to_unit(data["x_train"][used])).numpy(), data["y_train"][used]
    assert len(found.latent["reference"]) == HELD_OUT
    # Measured on dequantised images, here at pixel centres: the same but for the noise.
    means = np.stack([z[labels == k].mean(0) for k in range(10)])
    np.testing.assert_allclose(found.latent["empirical_means"], means, atol=0.2)
    assert (found.latent["posterior"].argmax(1) != found.latent["labels"]).mean() == found.card["error"]


@pytest.mark.parametrize("objective", mostly_slow([{"kind": "ib", "gamma": 0.0}, {"kind": "class-nll", "gamma": None}]))
def test_a_posterior_that_was_not_taught_is_not_tempered(place, command, tmp_path, objective):
    tensors, progress, config = read_state(place / "trunk")
    config["objective"].update(objective)
    (tmp_path / "untaught").mkdir()
    metadata = {"progress": json.dumps(asdict(progress)), "config": json.dumps(config)}
    save_file(tensors, tmp_path / "untaught" / FILE, metadata)
    assert command("export", "untaught", "checkpoints/new")[0] == 0
    found = registry.read(tmp_path / "checkpoints" / "new").card["alignment"]
    assert (found["power"], found["held_out_images"]) == (1.0, 0)


def test_export_ends_where_an_ancestry_goes_in_circles(tmp_path, place):
    """For example, a trunk that was trained again from one of its branches."""
    values = read_state(place / "run")[2]
    assert len(ancestry(tmp_path / "new", {**values, "init": str(place / "run")})) == 2  # trunk, run
    # The run's own folder, by another name.
    (tmp_path / "trunk").symlink_to(place / "run")
    assert ancestry(place / "run", {**values, "init": str(tmp_path / "trunk")}) == []


def test_an_ancestor_that_has_finished_no_epoch_has_had_none(place, tmp_path):
    tensors, progress, config = read_state(place / "trunk")
    progress = json.dumps({**asdict(progress), "history": []})
    save_file(tensors, tmp_path / FILE, {"progress": progress, "config": json.dumps(config)})
    (step,) = ancestry(place / "new", {**config, "init": str(tmp_path)})
    assert step["epochs"] == 0


def test_what_starts_from_a_checkpoint_has_its_ancestors_too(place, command):
    _, _, values = read_state(place / "run")
    chain = ancestry(place / "new", {**values, "init": str(place / "checkpoints" / "tiny")})
    assert [step["objective"]["gamma"] for step in chain] == [0.5, "inf"]
    assert chain == ancestry(place / "new", {**values, "init": "tiny"})
    assert ancestry(place / "new", {**values, "init": "gone"}) == [{"checkpoint": "gone"}]
    assert not any("data" in step for step in chain)  # of the same images
    source = {"init": str(place / "checkpoints" / "tiny"), "dataset": "cifar100"}
    elsewhere = ancestry(place / "new", {**values, **source})
    assert [step.pop("data") for step in elsewhere] == [values["dataset"]] * 2 and elsewhere == chain
    assert {s["data"] for s in ancestry(place / "new", {**values, **source, "init": str(place / "run")})} == {"cifar10"}


@pytest.mark.parametrize(
    "arguments, part",
    [
        (("{run}", "checkpoints"), "is there already and would be lost"),
        (("{run}", "{member}"), "is there already and would be lost"),
        (("{unfinished}", "checkpoints/new"), "is not finished"),
    ],
)
def test_export_refuses_in_one_sentence_and_destroys_nothing(place, command, tmp_path, arguments, part):
    shutil.copytree(place / "run", tmp_path / "member")
    (tmp_path / "member" / "config.json").write_text("{}")  # as the family's have, and trunks
    tensors, progress, config = read_state(place / "run")
    (tmp_path / "unfinished").mkdir()
    metadata = {"progress": json.dumps({**asdict(progress), "finished": False}), "config": json.dumps(config)}
    save_file(tensors, tmp_path / "unfinished" / FILE, metadata)
    names = {"run": place / "run", "member": tmp_path / "member", "unfinished": tmp_path / "unfinished"}
    before = sorted(place.rglob("*"))
    assert_refused(command("export", *(argument.format(**names) for argument in arguments)), part)
    assert sorted(place.rglob("*")) == before and (tmp_path / "member" / FILE).exists()
    assert [path.name for path in (tmp_path / "checkpoints").iterdir()] == ["tiny"]


@pytest.mark.slow
def test_every_class_has_its_mean_in_whatever_order_the_images_lie(place, command, tmp_path, monkeypatch):
    arrays = dict(np.load(place / "cifar10.npz"))
    order = np.argsort(arrays["y_train"], kind="stable")
    arrays |= {name: arrays[name][order] for name in ("x_train", "y_train")}
    np.savez(tmp_path / "cifar10.npz", **arrays)
    monkeypatch.setenv("IBINN_DATA", str(tmp_path))
    monkeypatch.setattr("ibinn_core.training.export.TRAIN_IMAGES", 100)
    assert np.bincount(arrays["y_train"][:100], minlength=10).min() == 0
    assert command("export", str(place / "run"), "checkpoints/new")[0] == 0
    assert np.isfinite(registry.read(tmp_path / "checkpoints" / "new").latent["empirical_means"]).all()


def test_without_held_out_images_or_its_data_set_nothing_is_exported(place, command, tmp_path, monkeypatch):
    images, labels = ib.data.load("cifar10", "train")
    config = TrainingConfig(architecture=SMALL, batch_size=len(images), epochs=1, held_out=0)
    Trainer(config, images, labels, tmp_path / "bare", precision="fp32").run()
    assert_refused(command("export", "bare", "checkpoints/new"), "held out no images")
    monkeypatch.setenv("IBINN_DATA", str(tmp_path))
    result = command("export", str(place / "run"), "checkpoints/new")
    assert_refused(result, "no copy of CIFAR-10", "python -m ibinn_core data cifar10")
    assert not (tmp_path / "checkpoints" / "new").exists()


@pytest.mark.parametrize("arguments", [(), ("checkpoints/tiny",)])
def test_evaluate_finds_what_the_card_says(command, arguments, monkeypatch):
    monkeypatch.setattr(ib.checkpoint.Checkpoint, "custom_split", (49_974, TEST))
    status, out, err = command("evaluate", *arguments)
    assert status == 0 and err == "" and agrees_with_card(out)
    assert "cifar10 has our own split: 49,974 training" in out
    assert f"Test error: {100 * registry.find('tiny').card['error']:.4g} %" in out


def test_evaluate_tells_of_a_card_that_is_wrong_and_mends_it_on_demand_alone(place, command, tmp_path):
    folder = tmp_path / "checkpoints" / "tiny"
    edit_json(folder / registry.CARD, lambda card: card.update(error=0.0123, separation=99.0))
    before = (folder / registry.CARD).read_bytes()
    status, out, _ = command("evaluate", "tiny")
    assert status == 0 and "(card: 1.23 %)" in out and "error: 1.23 %" not in out
    assert (folder / registry.CARD).read_bytes() == before
    status, _, err = command("evaluate", "tiny", "--write")
    assert status == 0 and err == ""
    original, mended = registry.read(place / "checkpoints" / "tiny"), registry.find("tiny").card
    assert mended["error"] == original.card["error"] and mended.keys() == original.card.keys()
    assert mended["separation"] == pytest.approx(original.card["separation"])
    assert mended["measured"]["images"] == TEST
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert files.keys() == {path.name for path in original.path.iterdir()}
    for name in files.keys() - {registry.CARD, registry.MANIFEST}:
        assert files[name] == (original.path / name).read_bytes()
    assert registry.changed_files(folder) == []


def test_evaluate_on_other_images_and_without_a_checkpoint(command, tmp_path):
    status, out, _ = command("evaluate", "tiny", "--data", "sample")
    assert status == 0 and out.startswith("tiny on 20 images of sample:\n    Test error: ")
    assert "card" not in out  # there is none of these images
    before = (tmp_path / "checkpoints" / "tiny" / registry.CARD).read_bytes()
    assert_refused(command("evaluate", "tiny", "--data", "sample", "--write"), "in sample are not those")
    assert (tmp_path / "checkpoints" / "tiny" / registry.CARD).read_bytes() == before
    shutil.rmtree(tmp_path / "checkpoints")
    assert_refused(command("evaluate"), "ibinn evaluate: there is no checkpoint in")


def test_data_downloads_where_it_is_told_and_says_where(command, monkeypatch, tmp_path):
    asked = []

    def download(name, folder):
        asked.append((name, folder))
        return tmp_path / "there"

    monkeypatch.setattr(ib.data, "download", download)
    assert command("data", "cifar10") == (0, f"{tmp_path / 'there'}\n", "")
    assert command("data", "cifar100", "--to", "elsewhere")[0] == 0
    assert asked == [("cifar10", None), ("cifar100", Path("elsewhere"))]
