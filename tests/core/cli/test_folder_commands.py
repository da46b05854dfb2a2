"""A person's own images, and MNIST, from a folder to a family: train, export, evaluate, list, load, sample."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from checkpoint_helpers import agrees_with_card, assert_refused, edit_json
from folder_helpers import CLASSES, write_folder
from shape_helpers import labelled, small_flow

import ibinn_core as ib
from ibinn_core import __main__
from ibinn_core import checkpoint as registry
from ibinn_core.models import architecture as architectures
from ibinn_core.training import TrainingConfig, read_state

TRAIN = "--preset tiny --batch-size 16 --epochs 1 --precision fp32".split()
SIDE = 16


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder of pictures and a small MNIST; a trunk trained on the former, and two models of it, exported."""
    root = tmp_path_factory.mktemp("own images")
    write_folder(root / "My pets")
    digits = labelled(90, (1, 28, 28))
    np.savez(root / "mnist.npz", x_train=digits[0], y_train=digits[1], x_test=digits[0][:30], y_test=digits[1][:30])
    with pytest.MonkeyPatch.context() as patch:
        prepare(patch, root)
        train(root, "trunk", "--gamma", "0.5")
        for gamma in ("1", "4"):
            train(root, f"gamma-{gamma}", "--gamma", gamma, "--init", str(root / "trunk"))
            run = ["export", str(root / f"gamma-{gamma}"), str(root / "mine" / f"my-pets-gamma-{gamma}")]
            assert __main__.main(run) == 0
    return root


def prepare(patch: pytest.MonkeyPatch, root: Path) -> None:
    patch.setenv("IBINN_DATA", str(root))
    patch.setenv("IBINN_CHECKPOINTS", os.pathsep.join(["", str(root / "mine")]))
    patch.setitem(architectures.PRESETS, "tiny", small_flow((3, 32, 32)))


def train(root: Path, name: str, *arguments: str) -> None:
    images = ["--data", str(root / "My pets"), "--side", str(SIDE)]
    assert __main__.main(["train", *TRAIN, *images, "--out", str(root / name), *arguments]) == 0


@pytest.fixture
def command(place, tmp_path, monkeypatch, ibinn):
    """Runs one command beside these images."""
    prepare(monkeypatch, place)
    monkeypatch.chdir(tmp_path)
    return ibinn


@pytest.mark.parametrize(
    "arguments, shape, flip",
    [
        (["--side", str(SIDE)], (3, SIDE, SIDE), True),
        (["--channels", "3", "--side", "20", "--no-flip", "--held-out", "7"], (3, 20, 20), False),
        (["--channels", "1", "--noise", "0.01"], (1, 32, 32), False),
        (["--channels", "1", "--side", "18", "--flip"], (1, 18, 18), True),
    ],
)
def test_sides_channels_and_mirrors(place, command, tmp_path, arguments, shape, flip):
    folder = str(place / "My pets")
    assert command("train", *TRAIN, "--data", folder, *arguments, "--out", str(tmp_path / "run"))[0] == 0
    config = TrainingConfig.from_dict(read_state(tmp_path / "run")[2])
    found = ib.data.describe(folder, shape[1], shape[0])
    assert config.architecture.image_shape == found.image_shape == shape
    assert config.architecture.mean == found.mean and config.architecture.std == found.std
    assert config.dataset == folder and config.flip is flip and config.shift == 3
    assert config.noise == (0.01 if "--noise" in arguments else "uniform")
    assert config.held_out == (7 if "--held-out" in arguments else 10)  # of 48, and not a thousand


def test_a_training_goes_on_from_anywhere(place, command, tmp_path, monkeypatch):
    monkeypatch.chdir(place)
    options = ["train", *TRAIN, "--side", str(SIDE), "--out", str(tmp_path / "run"), "--data"]
    assert command(*options, "My pets")[0] == 0
    monkeypatch.chdir(tmp_path)
    assert command(*options, str(place / "My pets"))[0] == 0


def test_digits_are_trained_without_mirrors_and_exported_and_measured(command, tmp_path):
    assert command("train", *TRAIN, "--data", "mnist", "--out", str(tmp_path / "run"))[0] == 0
    config = TrainingConfig.from_dict(read_state(tmp_path / "run")[2])
    assert config.dataset == "mnist" and not config.flip and config.held_out == 1000
    assert config.architecture.image_shape == (1, 28, 28) and config.architecture.mean == (0.1307,)

    target = tmp_path / "out" / "mnist-gamma-1"
    status, _, err = command("export", str(tmp_path / "run"), str(target.with_name("gamma-1")))
    assert status == 1 and not target.parent.exists()
    assert err.startswith("ibinn export: names of MNIST's checkpoints begin with 'mnist-'") and str(target) in err
    assert command("export", str(tmp_path / "run"), str(target))[0] == 0
    assert registry.read(target).dataset == ib.data.describe("mnist")
    assert ib.family("mnist", target.parent).at(1.0).config.image_shape == (1, 28, 28)

    status, out, err = command("evaluate", str(target), "--ood")
    assert status == 0, err
    *_, absent, entropy, detection = out.splitlines()
    assert agrees_with_card(out)
    for line, unit in ((entropy, "nats"), (detection, "%")):
        assert all(f"{title} " in line for title in ("Fashion-MNIST", "Turned by 90°", "Inverted", "Noise")), line
        assert f" {unit}" in line
    assert "CIFAR-10 in grey" not in entropy and absent.startswith("cifar10-grey: not measured. There is no copy")


def test_digits_have_a_preset_of_their_own_where_nobody_names_one(command, tmp_path, monkeypatch):
    monkeypatch.setitem(architectures.PRESETS, "digits", small := small_flow((1, 28, 28)).replace(clamp=2.0))
    expected = small.replace(mean=(0.1307,), std=(0.3081,))
    for name, arguments, shift in (("usual", [], 2), ("asked", ["--shift", "1"], 1)):
        options = [*TRAIN[2:], *arguments, "--data", "mnist", "--out", str(tmp_path / name)]
        status, _, err = command("train", *options)
        assert status == 0, err
        config = TrainingConfig.from_dict(read_state(tmp_path / name)[2])
        assert config.architecture == expected and not config.flip and config.shift == shift


REFUSED = [
    (["--data", "nowhere"], "There is no data set 'nowhere'", "path of a folder"),
    (["--data", "mnist", "--side", "28"], "--side and --channels are for folders"),
    (["--data", "cifar10", "--channels", "1"], "--side and --channels are for folders"),
    (["--data", "{pets}", "--side", "4"], "from 8 to 64 pixels, not 4"),
    (["--data", "{pets}", "--channels", "1", "--side", "27"], "grey images of 27 x 27 pixels cannot be halved"),
    # Weights to start from bring their architecture along, unless a preset is named.
    (
        ["--data", "mnist", "--init", "{trunk}"],
        "mnist has images of 28x28x1 values (height, width, channels), and the architecture takes 16x16x3",
    ),
    (["--data", "{pets}", "--init", "{trunk}", "--side", "20"], "--side or --channels differs from the 16 x 16 pixels"),
    (["--data", "{pets}", "--init", "{trunk}", "--channels", "1"], "and 3 channels of the weights in"),
]


@pytest.mark.parametrize("arguments, parts", [(case[0], case[1:]) for case in REFUSED])
def test_what_cannot_be_trained_is_refused_in_one_sentence(place, command, tmp_path, arguments, parts):
    options = [argument.format(pets=place / "My pets", trunk=place / "trunk") for argument in arguments]
    rest = TRAIN[2:] if "--init" in arguments else TRAIN  # without the preset
    assert_refused(command("train", *rest, *options, "--out", str(tmp_path / "run")), *parts)
    assert not (tmp_path / "run").exists()


def test_a_checkpoint_tells_its_images_and_not_where_they_lay(place, command, tmp_path):
    entry = registry.find("my-pets-gamma-1")
    assert entry.dataset == ib.data.describe(str(place / "My pets"), SIDE)
    assert entry.classes == CLASSES and entry.dataset.title == "My pets" and len(entry.dataset.fingerprint) == 16
    assert entry.config["training"]["dataset"] == "my-pets"
    assert entry.config["data"]["training_images"] == 48 and entry.config["data"]["test_images"] == 12
    assert command("trunk", str(place / "trunk"), str(tmp_path / "kept"))[0] == 0
    assert json.loads((tmp_path / "kept" / "config.json").read_text())["training"]["dataset"] == "my-pets"
    for path in (*entry.path.iterdir(), tmp_path / "kept" / "config.json"):
        assert str(place).encode() not in path.read_bytes(), path


def test_its_family_has_a_model_between_any_two_and_a_curve(place, command):
    family = ib.family("my-pets")
    assert family.gammas == (1.0, 4.0)
    assert family.at(2.0).checkpoint.point.left == "my-pets-gamma-1"
    status, out, err = command("curve", "--data", str(place / "My pets"))
    assert status == 0, err
    assert out.splitlines()[-1] == str(place / "mine" / "my-pets.curve.json")
    gammas = [point.gamma for point in ib.family("my-pets").curve]
    assert len(gammas) == 21 and [gammas[0], gammas[10], gammas[20]] == pytest.approx([1.0, 2.0, 4.0])


def test_measure_writes_what_the_export_has_written(place, command, tmp_path, monkeypatch):
    shutil.copytree(place / "mine", tmp_path / "mine")
    monkeypatch.setenv("IBINN_CHECKPOINTS", str(tmp_path / "mine"))
    exported = registry.find("my-pets-gamma-1")
    first, before = exported.style, exported.latent
    (exported.path / registry.STYLE).unlink()
    edit_json(exported.path / registry.CARD, lambda card: card.update(error=0.0123))
    registry.write_manifest(exported.path)
    result = command("measure", "my-pets-gamma-1", "--data", "mnist")
    assert_refused(result, "the images in mnist are not those that my-pets-gamma-1 was trained on")
    status, out, err = command("measure", "my-pets-gamma-1", "--data", str(place / "My pets"))
    assert status == 0 and "    Test error: " in out, err
    found = registry.find("my-pets-gamma-1")
    assert found.config == exported.config and registry.changed_files(found.path) == []
    assert found.card == registry.read(place / "mine" / "my-pets-gamma-1").card  # that of the alignment too
    np.testing.assert_array_equal(found.style.directions, first.directions)
    np.testing.assert_array_equal(found.latent["reference"], before["reference"])


def test_other_data_sets_and_none_are_refused(command, tmp_path, monkeypatch):
    other = str(write_folder(tmp_path / "other", classes=("a", "b", "c")))
    result = command("evaluate", "my-pets-gamma-1", "--data", other)
    assert_refused(result, "my-pets-gamma-1 knows the classes of my-pets, which are not those of")
    result = command("table", "my-pets-gamma-1")
    assert_refused(result, "the table is for models of cifar10: leave out my-pets-gamma-1")
    monkeypatch.setenv("IBINN_DATA", str(tmp_path / "none"))
    assert_refused(command("evaluate", "my-pets-gamma-1"), "There is no data set 'my-pets'", "path of a folder")
