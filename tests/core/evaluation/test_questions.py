"""A person's own images, and corruptions of their own, against a model."""

import os

import numpy as np
import pytest
import torch
from checkpoint_helpers import one_sentence
from PIL import Image

import ibinn_core as ib
from ibinn_core.data import DatasetError
from ibinn_core.exploration import CorruptionError, own_corruption

MODEL = "mnist-gamma-1"


@pytest.fixture(autouse=True)
def no_files_named(monkeypatch):
    monkeypatch.delenv(own_corruption.CORRUPTIONS, raising=False)


@pytest.fixture
def digits():
    return ib.data.embedded("mnist")[0]


def fade(x, strength):
    return x * (1 - strength)


def test_what_is_said_is_what_the_model_computes(digits):
    answers = ib.evaluation.ask(MODEL, digits)
    model = ib.load(MODEL)
    x = ib.dequantize(ib.to_unit(digits))
    np.testing.assert_allclose(answers.posterior, model.posterior(x).numpy(), atol=1e-5)
    np.testing.assert_allclose(answers.bits, ib.bits_per_dim(model.log_prob(x).numpy(), 784), rtol=1e-5)
    reference = ib.checkpoint.find(MODEL).latent["reference"]
    np.testing.assert_allclose(
        answers.p_values, ib.exploration.typicality_p_value(model.log_prob(x).numpy(), reference), atol=2e-3
    )
    assert ((answers.p_values >= 0.05) == answers.typical).all() and answers.typical.any()
    alone = ib.evaluation.ask(MODEL, digits[3:4])
    np.testing.assert_allclose(alone.bits, answers.bits[3:4], rtol=1e-5)  # the others have no say


def test_a_folder_is_its_images_in_the_order_of_their_names(tmp_path, digits):
    for number, image in enumerate(digits[:3]):
        Image.fromarray(image[..., 0]).save(tmp_path / f"{'cab'[number]}.png")
    (tmp_path / "notes.txt").write_text("no image")
    (tmp_path / "folder.png").mkdir()
    (tmp_path / ".hidden.png").write_bytes(b"no image")
    answers = ib.evaluation.ask(MODEL, tmp_path)
    assert answers.names == ["a.png", "b.png", "c.png"] and (answers.images == digits[[1, 2, 0]]).all()


def test_a_corruption_by_name_or_as_a_function(digits):
    ib.exploration.register_corruption("fade", fade)
    by_name, by_function = (ib.evaluation.ask(MODEL, digits[:3], one, 0.5) for one in ("fade", fade))
    assert (by_name.images == by_function.images).all() and (by_name.bits == by_function.bits).all()
    expected = np.floor((digits[:3] + 0.5) / 256 * 0.5 * 256)
    assert np.abs(by_name.images - expected).max() <= 1
    assert (ib.evaluation.ask(MODEL, digits[:3], fade, 0.0).images == digits[:3]).all()


def test_a_file_that_the_environment_names_is_run_only_when_it_is_asked_for(tmp_path, monkeypatch):
    file, mark = tmp_path / "my_fog.py", tmp_path / "ran"
    file.write_text(
        f"import ibinn_core as ib\nopen({str(mark)!r}, 'a').write('x')\n"
        "ib.exploration.register_corruption('my_fog', lambda x, strength: x + strength * (0.8 - x))\n"
    )
    monkeypatch.setenv(own_corruption.CORRUPTIONS, os.pathsep.join([str(tmp_path / "no such"), str(file)]))
    assert ib.exploration.own_corruptions() == ["my_fog"] and not mark.exists()
    x = np.zeros((1, 1, 4, 4), np.float32)
    for _ in range(2):
        np.testing.assert_allclose(ib.exploration.corrupt("my_fog", x, 0.5), 0.4)
    assert mark.read_text() == "x"


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda x, strength: 1 / 0, "failed (ZeroDivisionError"),
        (lambda x: x, "failed (TypeError"),
        (lambda x, strength: x[:, :, 1:], "should give finite floats of the shape"),
        (lambda x, strength: x * np.nan, "should give finite floats"),
        (lambda x, strength: (x > 0.5).astype(int), "should give finite floats"),
        (lambda x, strength: None, "should give finite floats"),
        (lambda x, strength: "x", "should give finite floats"),
    ],
)
def test_a_corruption_that_does_not_corrupt_is_refused_in_one_sentence(digits, function, said):
    ib.exploration.register_corruption("wrong", function)
    with pytest.raises(CorruptionError) as error:
        ib.evaluation.ask(MODEL, digits, "wrong")
    one_sentence(error.value, "'wrong'", said)


def test_a_corruption_may_not_change_the_images_that_it_is_given(digits):
    before = digits.copy()

    def blacken(x, strength):
        x[:] = 0
        return x

    assert (ib.evaluation.ask(MODEL, digits, blacken).images == 0).all() and (digits == before).all()


@pytest.mark.parametrize("text", ["import no_such_library", "x = 1", None])
def test_a_file_without_the_corruption_is_said(tmp_path, monkeypatch, text):
    if text:
        (tmp_path / "fog.py").write_text(text)
    monkeypatch.setenv(own_corruption.CORRUPTIONS, str(tmp_path / "fog.py"))
    with pytest.raises(CorruptionError) as error:
        ib.exploration.corrupt("fog", np.zeros((1, 1, 4, 4), np.float32), 0.5)
    one_sentence(error.value, "'fog'")


@pytest.mark.parametrize("name", ["", "a b", "../x", "x" * 41, None])
def test_other_names_are_none(name):
    with pytest.raises(ValueError, match="a corruption has a name"):
        ib.exploration.register_corruption(name, fade)


def test_hostile_folders_are_refused_in_one_sentence(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "x.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 50)
    (tmp_path / "file").write_text("text")
    for place, part in (
        ("empty", "no PNG"),
        ("bad", "x.png cannot be used"),
        ("file", "no folder"),
        ("none", "no folder"),
    ):
        with pytest.raises(DatasetError) as error:
            ib.data.read_images(tmp_path / place, (1, 28, 28))
        one_sentence(error.value, part)
    for number in range(3):
        Image.new("L", (8, 8)).save(tmp_path / "empty" / f"{number}.png")
    with pytest.raises(DatasetError, match="3 images, more than 2"):
        ib.data.read_images(tmp_path / "empty", (1, 28, 28), most=2)
    with pytest.raises(DatasetError, match="become squares"):
        ib.data.read_images(tmp_path / "empty", (1, 28, 20))


@pytest.mark.parametrize("images", [np.zeros((2, 32, 32, 3), np.uint8), np.zeros((0, 28, 28, 1), np.uint8)])
def test_images_of_another_shape_are_refused(images):
    with pytest.raises(ValueError, match="takes images of the shape"):
        ib.evaluation.ask(MODEL, images)


def test_a_strength_is_from_0_to_1(digits):
    with pytest.raises(ValueError, match="between 0 and 1"):
        ib.evaluation.ask(MODEL, digits, fade, 2.0)


def test_a_corruption_takes_tensors_and_refuses_what_is_no_image_or_no_strength():
    x = torch.rand(2, 1, 8, 8, dtype=torch.float64)
    found = ib.exploration.corrupt(fade, x, 0.5)
    assert isinstance(found, torch.Tensor) and torch.allclose(found, x / 2)
    for images, strength, message in (
        (x, 5, "the strength of a corruption must lie between 0 and 1"),
        (x, "a", "the strength"),
        (np.zeros((2, 8, 8, 1), np.uint8), 0.5, "images must be floats"),
        (x * np.nan, 0.5, "images must be finite"),
    ):
        with pytest.raises(ValueError, match=message):
            ib.exploration.corrupt(fade, images, strength)


def test_a_model_stands_for_its_checkpoint(monkeypatch):
    images = ib.data.embedded("mnist")[0][:4]
    model = ib.load("mnist-gamma-1")
    np.testing.assert_array_equal(
        ib.evaluation.ask(model, images).posterior, ib.evaluation.ask(model.checkpoint, images).posterior
    )
    monkeypatch.setattr(model, "checkpoint", None)
    with pytest.raises(ValueError, match="of no checkpoint"):
        ib.evaluation.ask(model, images)
