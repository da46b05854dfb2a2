"""The out-of-distribution sets of Fig. 5: two made from images, two read from files that the tests write."""

import math
from pathlib import Path

import numpy as np
import pytest
from checkpoint_helpers import one_sentence
from data_helpers import COLOURS, blocks, write_jpeg, write_npz, write_set
from official_helpers import tiles
from shape_helpers import every_shape, pixels

from ibinn_core import data
from ibinn_core.data import DatasetError, DatasetNotFoundError, ood
from ibinn_core.exploration import rotation_matrix


@pytest.fixture
def root(tmp_path, monkeypatch) -> Path:
    """An empty folder that IBINN_DATA names, so that no test sees the machine's own copies."""
    folder = tmp_path / "data sets"
    folder.mkdir()
    monkeypatch.setenv("IBINN_DATA", str(folder))
    return folder


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return tiles(40, 3)[0]


# --- made from the test set ---------------------------------------------------------------------------------


def test_rotation_is_the_formula(images):
    found = ood.load("rgb-rotation", images)
    matrix = rotation_matrix(0.3 * math.pi, ood.ROTATION_AXIS)
    expected = ((images + 0.5) / 256 - 0.5) @ matrix.T + 0.5
    levels = np.clip(np.floor(expected * 256), 0, 255)
    assert found.dtype == np.uint8 and found.shape == images.shape
    assert (found == levels).mean() > 0.999 and abs(found - levels).max() <= 1  # float32 at a level's border
    assert (found != images).mean() > 0.5


def test_rotation_keeps_mid_grey_and_turns_by_the_papers_angle():
    axis, matrix = ood.ROTATION_AXIS, rotation_matrix(0.3 * math.pi, ood.ROTATION_AXIS)
    assert math.acos((np.trace(matrix) - 1) / 2) == pytest.approx(0.3 * math.pi)
    np.testing.assert_allclose(matrix @ axis, axis, atol=1e-12)
    grey = np.full((1, 32, 32, 3), 128, np.uint8)
    assert abs(ood.load("rgb-rotation", grey).astype(int) - 128).max() <= 1


def test_the_matrix_is_the_authors():
    """Rx(a) Ry(b) with a = 0.2 π 0.35^0.7 and b = π 0.35^1.2 in their code."""
    a, b = 0.2 * math.pi * 0.35**0.7, math.pi * 0.35**1.2
    x = [[1, 0, 0], [0, math.cos(a), -math.sin(a)], [0, math.sin(a), math.cos(a)]]
    y = [[math.cos(b), 0, math.sin(b)], [0, 1, 0], [-math.sin(b), 0, math.cos(b)]]
    matrix = rotation_matrix(0.3 * math.pi, ood.ROTATION_AXIS)
    np.testing.assert_allclose(np.array(x) @ y, matrix, atol=0.006)


def grey(count: int) -> np.ndarray:
    return np.full((count, 32, 32, 3), 128, np.uint8)  # far from where noise is clamped


def test_uniform_noise_has_its_amplitude_and_shape():
    amplitude = 256 * ood.UNIFORM_AMPLITUDE
    difference = ood.load("noise", grey(30)).astype(float) - 128
    assert abs(difference).max() == math.floor(amplitude + 0.5)
    # What the rounding adds: 1/12.
    assert difference.std() == pytest.approx(math.sqrt(amplitude**2 / 3 + 1 / 12), rel=0.01)
    assert difference.mean() == pytest.approx(0, abs=0.1)
    counts = [(difference == level).sum() for level in range(-6, 7)]
    assert counts == pytest.approx([np.mean(counts)] * 13, rel=0.06)


def test_gaussian_noise_has_the_same_deviation():
    difference = ood.load("gaussian-noise", grey(30)).astype(float) - 128
    assert difference.std() == pytest.approx(math.sqrt((256 * 0.015) ** 2 + 1 / 12), rel=0.01)
    assert abs(difference).max() > 256 * ood.UNIFORM_AMPLITUDE + 5


@pytest.mark.parametrize("name", ["rgb-rotation", "noise", "gaussian-noise"])
def test_the_same_each_time_and_whatever_follows(name, images):
    before = images.copy()
    found = ood.load(name, images)
    np.testing.assert_array_equal(ood.load(name, images), found)
    np.testing.assert_array_equal(ood.load(name, images[:7]), found[:7])
    np.testing.assert_array_equal(images, before)
    assert ood.load(name, images[:0]).shape == (0, 32, 32, 3)


def test_noise_of_one_image_is_not_that_of_another(monkeypatch):
    monkeypatch.setattr(ood, "_CHUNK", 4)
    for name in ("noise", "gaussian-noise"):
        assert len(np.unique(ood.load(name, grey(12)).reshape(12, -1), axis=0)) == 12


@pytest.mark.parametrize("name", ["rgb-rotation", "noise", "gaussian-noise"])
def test_other_than_8_bit_images_are_refused(name):
    with pytest.raises(ValueError, match="uint8 images of shape"):
        ood.load(name, np.zeros((2, 3, 32, 32), np.float32))


# --- of other images ----------------------------------------------------------------------------------------


@every_shape
def test_noise_turns_and_negatives_of_every_shape(shape):
    images = pixels(5, shape)
    for name in ("noise", "gaussian-noise", "inverted", "rotation-45"):
        found = ood.load(name, images)
        assert found.dtype == np.uint8 and found.shape == images.shape and not np.array_equal(found, images)
        np.testing.assert_array_equal(ood.load(name, images), found)
    np.testing.assert_array_equal(ood.load("inverted", ood.load("inverted", images)), images)
    np.testing.assert_array_equal(ood.load("rotation-180", images), images[:, ::-1, ::-1])


def test_the_corners_of_a_turned_digit_are_black():
    turned = ood.load("rotation-45", np.full((1, 28, 28, 1), 200, np.uint8))
    assert turned[0, [0, 0, -1, -1], [0, -1, 0, -1], 0].tolist() == [0] * 4 and (turned[0, 10:18, 10:18] == 200).all()


def test_which_sets_belong_to_a_data_set():
    of_cifar10 = set(ood.sets_of(data.describe("cifar10")))
    assert set(ood.PAPER_SETS) < of_cifar10
    assert set(ood.sets_of(data.describe("cifar100"))) == of_cifar10 - {"cifar100"} | {"cifar10"}
    digits, clothes = (set(ood.sets_of(data.describe(name))) for name in ("mnist", "fashion-mnist"))
    assert {"fashion-mnist", "rotation-90", "inverted", "noise", "cifar10-grey"} <= digits
    assert clothes == digits - {"fashion-mnist"} | {"mnist"}
    grey = data.Dataset("letters", "Letters", ("a", "b"), (1, 20, 20), (0.5,), (0.2,), fingerprint="0" * 16)
    colour = data.Dataset("pets", "Pets", ("a", "b"), (3, 20, 20), (0.5,) * 3, (0.2,) * 3, fingerprint="0" * 16)
    for dataset in (grey, colour):
        images = pixels(4, dataset.image_shape)
        for name in ood.sets_of(dataset):
            assert ood.load(name, images).shape == images.shape
    assert "rgb-rotation" in ood.sets_of(colour) and "rotation-90" in ood.sets_of(grey)
    with pytest.raises(ValueError, match="RGB rotation needs images"):
        ood.load("rgb-rotation", pixels(4, grey.image_shape))
    for dataset in (*data.DATASETS.values(), grey, colour):
        colors = [ood.EVERY[name].color for name in ood.sets_of(dataset)]
        assert len(set(colors)) == len(colors)


@pytest.mark.skipif(not data.available("sample"), reason="foolbox is not installed")
@pytest.mark.parametrize("own, other", [("mnist", "fashion-mnist"), ("fashion-mnist", "mnist")])
def test_the_sets_of_grey_images_have_their_shape(root, own, other):
    write_npz(root / "cifar10.npz")
    images, _ = data.embedded(own)
    for name in ood.sets_of(data.describe(own)):
        found = ood.load(name, images)
        assert found.dtype == np.uint8 and found.shape[1:] == (28, 28, 1) and len(found), name
    assert len(ood.load("cifar10-grey", images)) == 4  # the test split of the copy that was written
    np.testing.assert_array_equal(ood.load(other, images), data.embedded(other)[0])


def test_cifar10_is_out_of_the_distribution_of_cifar100_and_the_other_way_round(root):
    write_npz(root / "cifar10.npz")
    write_npz(root / "cifar100.npz")
    for own, other in (("cifar10", "cifar100"), ("cifar100", "cifar10")):
        assert other in ood.sets_of(data.describe(own)) and own not in ood.sets_of(data.describe(own))
        np.testing.assert_array_equal(ood.load(other, data.load(own)[0]), data.load(other)[0])


def test_cifar10_in_grey_is_not_replaced_by_anything(root):
    with pytest.raises(DatasetNotFoundError, match="CIFAR-10"):
        ood.load("cifar10-grey", pixels(4, (1, 28, 28)))


# --- from files ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["drawings", "imagenet"])
def test_a_set_is_read_from_its_file(root, images, name):
    written = write_set(root, name)
    np.testing.assert_array_equal(ood.load(name, images), written)


@pytest.mark.parametrize("folders", [("", "", ""), ("n02", "n01", "n01")], ids=["flat", "in classes"])
def test_photographs_are_cropped_and_scaled_down_in_the_order_of_names(root, images, folders):
    for number, (folder, colour) in enumerate(zip(folders, COLOURS, strict=True), 1):
        name = f"ILSVRC2012_val_0000000{number}.JPEG"
        write_jpeg(root / "imagenet" / folder / name, blocks(500, 320, colour))
    (root / "imagenet" / "LOC_val_solution.csv").write_text("no image")
    found = ood.load("imagenet", images)
    assert found.shape == (3, 32, 32, 3) and found.dtype == np.uint8
    for image, colour in zip(found, COLOURS, strict=True):
        # Centre crop: nothing of the black sides but what JPEG bleeds into the outer columns.
        assert abs(image[:, 3:-3].astype(int) - colour).max() <= 3 and image.max(-1).min() > 100


@pytest.mark.parametrize(
    "arrays", [None, {"x_train": np.zeros((2, 32, 32, 3), np.uint8)}, {"x_test": np.zeros((2, 9))}]
)
def test_a_damaged_file_of_a_set_is_refused(root, images, arrays):
    if arrays is None:
        (root / "imagenet32.npz").write_bytes(b"PK, but no archive")
    else:
        np.savez(root / "imagenet32.npz", **arrays)
    with pytest.raises(DatasetError) as caught:
        ood.load("imagenet", images)
    one_sentence(caught.value, root / "imagenet32.npz")


def test_a_set_that_is_not_there_or_empty(root, images):
    (root / "imagenet" / "n01").mkdir(parents=True)
    with pytest.raises(DatasetNotFoundError) as caught:
        ood.load("imagenet", images)
    one_sentence(caught.value, "imagenet32.npz or a folder imagenet", root)


@pytest.mark.parametrize("content", [b"", b"\xff\xd8\xff\xe0 no more", b"hello" * 99])
def test_a_bad_photograph_is_refused(root, images, content):
    write_jpeg(root / "imagenet" / "a.JPEG", blocks(64, 64, COLOURS[0]))
    (root / "imagenet" / "b.JPEG").write_bytes(content)
    with pytest.raises(DatasetError) as caught:
        ood.load("imagenet", images)
    one_sentence(caught.value, root / "imagenet" / "b.JPEG", "cannot be used")


# --- by name ------------------------------------------------------------------------------------------------


def test_load_by_name(root, images):
    write_npz(root / "cifar100.npz")
    write_set(root, "drawings")
    write_jpeg(root / "imagenet" / "a.JPEG", blocks(64, 64, COLOURS[0]))
    for name in ood.sets_of(data.describe("cifar10")):
        found = ood.load(name, images)
        assert found.dtype == np.uint8 and found.shape[1:] == (32, 32, 3) and len(found)
    np.testing.assert_array_equal(ood.load("cifar100", images), data.load("cifar100", "test")[0])


def test_an_unknown_name_and_an_absent_set(root, images):
    with pytest.raises(ValueError, match="no out-of-distribution set 'svhn'"):
        ood.load("svhn", images)
    with pytest.raises(DatasetNotFoundError, match="CIFAR-100"):
        ood.load("cifar100", images)
